"""The words of finished pages, form errors, reasons and `--help`, by the rules in `.ci/words.toml`."""

import io
import runpy
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command, get_commands, load_command_class
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.security.routes import all_routes
from tests.support.queue import run_jobs, take_jobs
from tests.support.visible import blocks_of
from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.models import Connection
from voisoadmin.contacts.fields import PROBLEMS, WARNINGS
from voisoadmin.contacts.reasons import BY_CODE
from voisoadmin.contacts.wording import advice_of, sentence_of, title_of
from voisoadmin.sandbox import Fault, Sandbox
from voisoadmin.site.middleware import BodyRefusal
from voisoadmin.uploads.models import Upload

pytestmark = pytest.mark.slow

WORDS = runpy.run_path(str(Path(__file__).resolve().parents[2] / ".ci" / "words"))
NAMES = ("Spring", "Summer", "Autumn", "Winter", "Easter", "Advent", "Harvest", "Carnival", "Solstice")
STATUSES = ("active", "paused", "auto_paused", "draft", "stopped", "completed", "processing", "import_error", "turned_blue")
GOOD = "".join(f"+4474155{number},Zoe {number},fair\n" for number in range(50000, 50012))
MESSY = f"phone,name,source\n{GOOD}+447415550000,again,web\nn/a,Ann,web\n447,Ben,web\n4.47416E+11,Cy,web\n"


class Site:
    """Clicks through the site as Ada, so that every kind of page has something to show."""

    def __init__(self, client: Client, sandbox: Sandbox, ada: User) -> None:
        self.client, self.sandbox, self.pages = client, sandbox, dict[str, list[str]]()
        self.buttons = set[str]()  # addresses that only take a POST
        client.force_login(ada)
        for name, status in zip(NAMES, STATUSES, strict=True):
            sandbox.add_campaign(name, status=status, numbers=["447415550001"])
        self.open("campaigns:board")
        call_command("sync", stdout=io.StringIO())

    def keep(self, place: str, answer) -> None:
        if answer.get("Content-Type", "").startswith("text/html"):
            self.pages.setdefault(place, []).extend(blocks_of(answer.getvalue().decode()))

    def open(self, name: str, *args: object, query: str = "") -> None:
        if name in self.buttons:
            return
        answer = self.client.get(reverse(name, args=args) + query)
        if answer.status_code == 405:
            self.buttons.add(name)
        self.keep(f"{name} {args or ''}{query}", answer)

    def click(self, name: str, /, *args: object, **fields: object) -> None:
        """Press a button, keep the page that it leads to, and let the queue work."""
        form = {"client_token": str(uuid.uuid4()), **fields}
        self.keep(f"POST {name} {fields or ''}", self.client.post(reverse(name, args=args), form, follow=True))
        run_jobs(rounds=300)

    def campaign(self, status: str) -> Campaign:
        return Campaign.objects.get(name=NAMES[STATUSES.index(status)])

    def upload(self, content: str, name: str = "spring.csv", status: str = "active", *, read: bool = True) -> Upload:
        fields = {"client_token": str(uuid.uuid4()), "kind": "add", "region": "GB"}
        address = f"{reverse('uploads:new')}?campaign={self.campaign(status).pk}"
        answer = self.client.post(address, {**fields, "file": SimpleUploadedFile(name, content.encode())}, follow=True)
        self.keep("POST uploads:new", answer)
        run_jobs(rounds=300) if read else take_jobs()
        return Upload.objects.latest("pk")

    def send(self, upload: Upload) -> None:
        upload.refresh_from_db()
        self.click("uploads:send", upload.pk, version=upload.version)

    def look_round(self, *, objects: int | None = None) -> None:
        """Open every address with every object it can show, or with this many of each kind."""
        owners = {"campaigns/": Campaign, "connections/": Connection, "users/": User, "people/": Connection}
        for route in all_routes():
            model = next((model for start, model in owners.items() if route.pattern.startswith(start)), Upload)
            if route.parameters == ("pk",):
                for pk in model.objects.order_by("pk").values_list("pk", flat=True)[:objects]:
                    self.open(route.name, pk)
            elif not route.parameters:
                self.open(route.name)

    def mistakes(self) -> None:
        """Post each form as good as empty, and look for what is not there."""
        campaign, connection = self.campaign("active"), Connection.objects.get()
        for name, *args in (
            ("accounts:user_new",),
            ("accounts:password",),
            ("connections:new",),
            ("connections:edit", connection.pk),
            ("assignments:change", campaign.pk),
            ("controls:operate", campaign.pk),
            ("uploads:new",),
        ):
            self.click(name, *args)
            self.click(name, *args, name="x", username="x", cluster="no such cluster!", key="ü", names="?", change="jump")
        for name in ("campaigns:board", "uploads:list", "uploads:rejected", "operations:list", "assignments:roster"):
            self.open(name, query="?query=nothing&q=nothing&search=nothing&page=99")
        self.open("uploads:new", query=f"?campaign={campaign.pk}")
        stranger = Client()
        for place, answer in (
            ("sign-in", stranger.get(reverse("accounts:sign_in"))),
            ("a wrong password", stranger.post(reverse("accounts:sign_in"), {"login": "ada", "password": "wrong"})),
        ):
            self.keep(place, answer)
        self.keep("404", self.client.get("/no-such-page/"))
        self.keep("405", self.client.get(reverse("accounts:sign_out")))
        self.keep("403", Client(enforce_csrf_checks=True).post(reverse("accounts:sign_in"), {"username": "x"}))

    def campaigns(self) -> None:
        self.look_round()
        for status in STATUSES:
            for change in ("start", "pause", "stop"):
                self.click("controls:operate", self.campaign(status).pk, change=change, shown_status=status)
        self.sandbox.fault(Fault.ODD_JSON, on="operations", status=422, acted=False, body={"error": "Campaign is busy"})
        self.click("controls:operate", self.campaign("draft").pk, change="start", shown_status="draft")
        names = {"names": "lena.fischer@example.com\nstranger@example.com\nEvening", "do": "add"}
        for step in ("preview", "apply"):
            self.click("assignments:change", self.campaign("draft").pk, step=step, **names)
        self.click("assignments:look", self.campaign("draft").pk)
        self.click("assignments:refresh_roster", Connection.objects.get().pk)

    def uploads(self) -> None:
        self.upload("Colour,Shape\nred,round\n", "colours.csv")
        self.upload("%PDF-1.7\n", "letter.pdf")
        self.upload("", "empty.csv")
        self.click("uploads:discard", self.upload(MESSY, "discarded.csv").pk)
        checked = self.upload(MESSY, "checked.csv")
        self.click("uploads:choices", checked.pk, version=checked.version, region="DE", numbers="national")
        self.look_round()

        self.sandbox.fault(Fault.POISON, numbers=["447415550003"], text="Invalid contact")
        self.send(self.upload(MESSY))
        self.sandbox.heal()
        self.upload(MESSY)
        self.send(self.upload(MESSY, "not live.csv", "completed"))
        self.sandbox.fault(Fault.RATE_LIMITED, retry_after="60", times=1)
        self.send(self.upload(MESSY.replace("+4474155", "+4474156"), "waiting.csv", "paused"))
        self.sandbox.behaviour.answer_form = "message"
        self.send(self.upload("phone\n" + "".join(f"+4474158{at:05}\n" for at in range(1500)), "unnamed.csv", "auto_paused"))
        self.sandbox.behaviour.answer_form = "documented"
        self.upload(MESSY, "received.csv", read=False)
        paused = self.upload(MESSY.replace("+4474155", "+4474157"), "paused.csv", "paused")
        self.send(paused)
        self.click("uploads:pause", paused.pk)
        self.look_round()
        self.click("uploads:cancel", paused.pk)

    def troubles(self) -> None:
        """A refused key, then silence, then no contact centre at all: each says the same of every campaign and upload."""
        connection = Connection.objects.get()
        elsewhere = {"location": "https://elsewhere.example/"}
        for fault, options in (
            (Fault.RATE_LIMITED, {}),
            (Fault.REDIRECT, elsewhere),
            (Fault.HTML_502, {}),
            (Fault.UNREACHABLE, {}),
        ):
            self.sandbox.fault(fault, on="any", times=9, **options)
            self.click("connections:check", connection.pk)
            self.sandbox.heal()
        self.look_round(objects=2)
        self.sandbox.fault(Fault.KEY_REVOKED, on="any")
        self.click("connections:check", connection.pk)
        self.look_round(objects=2)
        self.click("connections:remove", connection.pk)
        self.look_round(objects=2)


def rare_pages() -> Iterator[tuple[str, str]]:
    """Pages and parts for failures that a test can't bring about cheaply."""
    cases = [
        ("errors/403.html", {}),
        ("errors/500.html", {"incident": "4711"}),
        ("errors/500.html", {"incident": "4711", "full": True}),
        ("campaigns/idle.html", {"since": timezone.now()}),
    ]
    cases += [("errors/body.html", {"refusal": why.name, "csv_mib": 300, "workbook_mib": 50}) for why in BodyRefusal]
    for name, context in cases:
        for block in blocks_of(render_to_string(name, context)):
            yield f"{name} {context or ''}", block


@pytest.fixture
def pages(transactional_db, client, sandbox, connection, ada, ines) -> dict[str, list[str]]:
    site = Site(client, sandbox, ada)
    for part in (site.mistakes, site.campaigns, site.uploads):
        part()
    client.force_login(ines)
    site.look_round(objects=3)
    client.force_login(ada)
    site.troubles()
    return site.pages


def reasons() -> Iterator[tuple[str, str]]:
    for code in sorted({*BY_CODE, *PROBLEMS, *WARNINGS}):
        for say in (title_of, sentence_of, advice_of):
            yield f"reason {code}", say(code)


def helps() -> Iterator[tuple[str, str]]:
    """Descriptions and options of our commands, without those that every Django command has."""
    for name, app in get_commands().items():
        if not str(app).startswith("voisoadmin"):
            continue
        command = load_command_class(app, name)
        if type(command).add_arguments.__module__.startswith("django."):
            continue  # Django's own words
        parser = command.create_parser("manage.py", name)
        yield f"{name} --help", f"{parser.description} {parser.epilog or ''}"
        for option in parser._actions:
            yield f"{name} --help", option.help or ""


def wrong_words(texts: list[tuple[str, str]]) -> list[str]:
    """Each text once, where it was first seen."""
    first = {" ".join(text.split()): place for place, text in reversed(texts)}
    rules = WORDS["load"]("pages")
    hits = [
        WORDS["Hit"](rule, place, text[:200]) for text, place in sorted(first.items()) for rule in rules if any(rule.hits(text))
    ]
    return WORDS["compare"]("pages", hits)


@pytest.mark.once
def test_pages_reasons_and_help_use_the_words_of_the_glossary(pages):
    texts = [(place, block) for place, blocks in pages.items() for block in blocks]

    assert len({block for _, block in texts}) > 500
    if wrong := wrong_words([*texts, *rare_pages(), *reasons(), *helps()]):
        pytest.fail("\n".join(wrong), pytrace=False)
