"""Any request, however bad, gets an answer with a text: never an internal error.

Texts that a database, an int() or a decoder would fail on go through every address, every field and the headers.
"""

import uuid
from collections.abc import Callable
from urllib.parse import urlencode, urljoin

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from tests.feeds.support import a_source
from tests.rules.engine import make_rule
from tests.security.conftest import a_bulk
from tests.security.reading import asked
from tests.security.routes import FOR_PROGRAMS, Route, all_routes
from tests.support.queue import run_jobs
from voisoadmin.accounts.models import User
from voisoadmin.feeds.models import Feed
from voisoadmin.rules.models import Rule
from voisoadmin.uploads.models import Upload

pytestmark = pytest.mark.slow

HUGE = "9" * 20  # more than a column holds
ENDLESS = "0" * 5000 + "1"  # more digits than Python turns into a number
HIDDEN_HUGE = "000001" + HUGE  # its beginning looks harmless
BAD_TEXTS = [
    "",
    " ",
    "\0",
    "a\0b",
    "-1",
    "0",
    "1e3",
    "²",
    "٣",
    HUGE,
    HIDDEN_HUGE,
    ENDLESS,
    "nan",
    "x" * 20_000,
    "foo",  # redirect() would take it for the name of a view
    "//evil.example",
    "javascript:alert(1)",
    "../../etc/passwd",
    "' OR 1=1 --",
    "{{ 7|add:7 }}",
    "2026-13-45",
    "0001-01-01",
    "9999-12-31",
    "\u202e\u2028\U0010ffff",
    "%",
    "_connector",
]
NASTIEST = ["a\0b", HUGE, HIDDEN_HUGE, ENDLESS, "foo", "9999-12-31"]
FOR_FORMS = [*NASTIEST, "", "²", "٣", "x" * 20_000, "{{ 7|add:7 }}", "\u202e\u2028\U0010ffff"]
ALONE = [HUGE, ENDLESS, "a\0b"]  # also where nothing else is wrong
# What another database could fail on; all else is refused before one is asked.
FOR_DATABASES = ["a\0b", HUGE, "x" * 20_000]
# Percent-encoded bytes that aren't UTF-8, half a surrogate, a single percent sign.
BAD_BYTES = ["%ff%fe", "%ed%a0%80", "%", "%00", "%c0%80"]
ROUTES = all_routes()
# Read from the whole query, or only after another one is understood.
FURTHER = {"q", "page", "campaign", "centre", "sort", "show"}
# What each form needs to get as far as the bad field.
GOOD = {
    "controls:operate": {"change": "pause"},
    "controls:change_many": {"change": "stop", "campaign": "1:active", "sure": "1"},
    "assignments:change": {"names": "lena.fischer@example.com", "do": "add", "step": "apply"},
    "connections:new": {"name": "Porto", "address": "cc-test01", "generation": "v4", "key": "sandbox-v4-key-2f9d1c7a"},
    "connections:edit": {"name": "Porto", "address": "cc-test01", "generation": "v4", "key": ""},
    "accounts:user_new": {"username": "nadia", "role": "supervisor", "password": "correct horse battery"},
    "accounts:user_edit": {"username": "omar", "role": "supervisor", "is_active": "on", "password": ""},
    "accounts:password": {
        "old_password": "correct horse battery",
        "new_password1": "a b c d e f",
        "new_password2": "a b c d e f",
    },
    "accounts:sign_in": {"username": "ada", "password": "correct horse battery"},
    "uploads:send": {"version": "1"},
}
ENDING = {"connections:remove", "accounts:sign_out"}  # after them little is left to ask


@pytest.fixture
def checked_upload(transactional_db, client, ada, campaign) -> Upload:
    """A checked file that waits to be sent."""
    client.force_login(ada)
    file = SimpleUploadedFile("checked.csv", b"Phone,Name\n+447400300091,Ann\nn/a,Bo\n")
    fields = {"file": file, "client_token": str(uuid.uuid4()), "kind": "add"}
    client.post(reverse("uploads:new") + f"?campaign={campaign.pk}", fields)
    run_jobs()
    upload = Upload.objects.latest("pk")
    assert upload.stage == Upload.Stage.CHECKED
    return upload


@pytest.fixture
def watcher(client, ada, settings) -> Client:
    """Ada's browser; an error of the site is an answer to her, not an exception in the test."""
    client.force_login(ada)
    client.raise_request_exception = False
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.security.reading.WatchingMiddleware"]
    return client


def names_read_by(ask: Callable[[], HttpResponse]) -> list[str]:
    """The names that the view of a request looks up in its query and its form."""
    asked.clear()
    ask()
    return sorted(asked - {"csrfmiddlewaretoken"})


def spread(names: list[str], texts: list[str]) -> list[dict[str, str]]:
    """Every field with every text: in as many requests as there are texts, each with another text in each field."""
    return [{name: texts[(turn + at) % len(texts)] for at, name in enumerate(names)} for turn in range(len(texts))]


def each(names: list[str], texts: list[str]) -> list[dict[str, str]]:
    """Every field with every text, and nothing else wrong."""
    return [{name: text} for name in names for text in texts]


def owner(route: Route, campaign, upload: Upload, omar) -> int:
    owners = {"campaigns/": campaign.pk, "connections/": campaign.connection_id, "people/": campaign.connection_id}
    owners |= {"users/": omar.pk, "feeds/": (Feed.objects.first() or a_source(campaign).feed).pk}
    if route.pattern.startswith("rules/"):
        sentence = {"any": [{"kind": "accepted", "since": "today", "at_least": 5}], "then": "pause", "at_most_once": "day"}
        return (Rule.objects.kept().first() or make_rule(omar, campaign, sentence=sentence)).pk
    if route.pattern.startswith("bulk/"):
        return a_bulk(campaign).pk
    return next((pk for start, pk in owners.items() if route.pattern.startswith(start)), upload.pk)


def test_no_query_makes_an_address_fail(watcher, campaign, finished_upload, omar, settings):
    failures = []
    by_htmx = {"hx-request": "true"}

    for route in ROUTES:
        page = route.address(pk=owner(route, campaign, finished_upload, omar))
        if "download" in route.name or watcher.get(page).status_code == 405:
            continue  # each download is recorded
        read = {*names_read_by(lambda page=page: watcher.get(page, headers=by_htmx))}
        read |= {*names_read_by(lambda page=page: watcher.get(page))}
        names = sorted(FURTHER | read)
        # If nothing is read, only code shared by all pages could fail.
        bad = BAD_TEXTS if settings.EMBEDDED else FOR_DATABASES
        together = [urlencode(fields) for fields in spread(names, bad if read else NASTIEST[:2])]
        together += ["&".join(f"{name}={text}" for name in names) for text in BAD_BYTES]
        alone = [urlencode(fields) for fields in each(sorted(read), ALONE if settings.EMBEDDED else ALONE[:1])]
        for query in together + alone:
            response = watcher.generic("GET", page, QUERY_STRING=query)
            if response.status_code >= 500:
                failures.append(f"{route.name}?{query[:60]}")

    assert failures == []


def test_no_missing_id_makes_an_address_fail(watcher, campaign):
    failures, statuses = [], set()

    for route in ROUTES:
        if "pk" not in route.parameters or route.name in FOR_PROGRAMS:
            continue
        for pk in ("0", "2147483648", "9223372036854775808", HUGE, "9" * 5000):
            page = route.address(pk=1).replace("/1/", f"/{pk}/", 1)
            for response in (watcher.get(page), watcher.post(page)):
                statuses.add(response.status_code)
                if response.status_code not in {404, 405}:
                    failures.append((page[:60], response.status_code))
        response = watcher.get(route.address(pk=1).replace("/1/", "/%ff%00/", 1))
        statuses.add(response.status_code)

    assert failures == []
    assert statuses == {404, 405}


@pytest.mark.parametrize("route", [route for route in ROUTES if "sign_out" not in route.name], ids=lambda route: route.name)
def test_no_field_makes_a_form_fail(watcher, ada, omar, campaign, request, settings, route):
    if watcher.post(route.address(pk=2147483647)).status_code == 405:
        return
    failures = []
    checked_upload = request.getfixturevalue("checked_upload")
    page = route.address(pk=owner(route, campaign, checked_upload, omar))
    page += f"?campaign={campaign.pk}" if route.name == "uploads:new" else ""

    good = GOOD.get(route.name, {})
    names = names_read_by(lambda: watcher.post(page, good | {"client_token": str(uuid.uuid4())}))
    names = sorted({*names, *good, "client_token"})
    # A form of many fields is one whose page takes long.
    alone = (ALONE if len(names) > 15 else NASTIEST) if settings.EMBEDDED else ALONE[:1]
    for fields in [*spread(names, FOR_FORMS if settings.EMBEDDED else FOR_DATABASES), *each(names, alone)]:
        response = watcher.post(page, good | {"client_token": str(uuid.uuid4())} | fields)
        if "sessionid" not in watcher.cookies or not watcher.cookies["sessionid"].value:
            watcher.force_login(ada)
        if response.status_code >= 500:
            failures.append([(name, text[:30]) for name, text in fields.items()])

    assert failures == []
    run_jobs()  # nor does what they asked for


MULTIPART = "multipart/form-data; boundary=b"
BODIES = {
    "json": ("application/json", b'{"change": "pause"}'),
    "no type": ("", b"change=pause"),
    "not utf-8": ("application/x-www-form-urlencoded", b"change=%ff%fe&names=%ed%a0%80&q=\xff"),
    "odd charset": ("application/x-www-form-urlencoded; charset=nonsense", b"change=pause"),
    "zip charset": ("application/x-www-form-urlencoded; charset=zip", b"change=pause"),
    "no boundary": ("multipart/form-data", b"--b\r\n"),
    "cut short": (MULTIPART, b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nPho'),
    "bad head": (MULTIPART, b"--b\r\nContent-Disposition: form-data; name*=utf-7''%ff\r\n\r\nx\r\n--b--\r\n"),
    "bad base64": (
        MULTIPART,
        b'--b\r\nContent-Disposition: form-data; name="do"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--b--\r\n',
    ),
    "a file for a field": (
        MULTIPART,
        b'--b\r\nContent-Disposition: form-data; name="change"; filename="a"\r\n\r\nx\r\n--b--\r\n',
    ),
    "many fields": ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(3000))),
    "long field": ("application/x-www-form-urlencoded", b"names=" + b"x" * 3_000_000),
}


@pytest.mark.once
def test_no_form_of_a_post_makes_an_address_fail(watcher, ada, omar, campaign, finished_upload):
    failures = []

    for route in sorted(ROUTES, key=lambda route: route.name in ENDING):
        page = route.address(pk=owner(route, campaign, finished_upload, omar))
        watcher.force_login(ada)
        first = watcher.post(page).status_code
        assert first != 404, route.name
        if first == 405:
            continue
        for label, (kind, body) in BODIES.items():
            response = watcher.generic("POST", page, body, content_type=kind)
            if response.status_code >= 500:
                failures.append((route.name, label, response.status_code))

    assert failures == []


HEADERS = {
    "a foreign host": {"host": "evil.example"},
    "no host": {"host": "a b\t"},
    "a session that cannot be": {"cookie": 'sessionid="abcdefghijk\\000"'},
    "a session that is not": {"cookie": "sessionid=" + "x" * 5000},
    "a token that cannot be": {"cookie": 'csrftoken="\\000"'},
    "forged messages": {"cookie": "messages=" + "W10:" * 50},
    "an unknown theme": {"cookie": 'theme="\\000<script>"'},
    "a page elsewhere": {"hx-request": "true", "hx-current-url": "http://[::1/%00"},
    "a referer": {"referer": "http://[evil"},
    "a trigger": {"hx-request": "true", "hx-trigger": "\udcff", "hx-target": "%00"},
    "a range": {"range": "bytes=99999999999999999999-"},
    "a date": {"if-modified-since": "Thu, 99 Foo 9999 99:99:99 GMT"},
    "languages": {"accept-language": "x" * 4000, "accept": "\udcff"},
    "who came before": {"x-forwarded-for": "a\0b", "x-forwarded-host": "evil.example", "x-forwarded-proto": "ftp"},
}


@pytest.mark.once
@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize("page", ["/", "/sign-in/", "/uploads/", "/nowhere/"])
def test_no_header_makes_a_page_fail(watcher, connection, page, headers):
    sessions = watcher.cookies["sessionid"].value
    cookie = headers.get("cookie", "")
    if not cookie.startswith("sessionid"):
        cookie = f"sessionid={sessions}; {cookie}"

    response = Client(raise_request_exception=False).get(page, headers=headers | {"cookie": cookie})

    assert response.status_code < 500
    assert b"Traceback" not in response.content
    assert b"evil.example" not in response.content


@pytest.mark.once
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "\u0130"])
def test_no_method_makes_a_page_fail(watcher, connection, method):
    for page in ("/", "/uploads/", "/uploads/new/", "/sign-in/", "/connections/new/", "/nowhere/"):
        assert watcher.generic(method, page).status_code < 500


@pytest.mark.once
@pytest.mark.parametrize(
    "text", ["foo", "campaigns:board", "//evil.example", "https:evil.example", "/\\evil.example", "\t//evil"]
)
def test_the_redirect_after_a_click_stays_on_this_site(watcher, campaign, text):
    page = reverse("controls:operate", args=[campaign.pk])

    response = watcher.post(page, {"change": "pause", "client_token": str(uuid.uuid4()), "next": text})

    assert response.status_code == 302
    assert urljoin("https://us.example/campaigns/1/operate/", response["Location"]).startswith("https://us.example/")


def test_a_nul_in_a_search_is_ignored(watcher, finished_upload):
    assert escape(finished_upload.file_name) in watcher.get("/uploads/", {"q": "no\0vember"}).content.decode()
    assert escape(finished_upload.file_name) not in watcher.get("/uploads/", {"q": "dec\0ember"}).content.decode()


def test_a_nul_in_a_form_is_ignored(client, ada):
    client.force_login(ada)

    client.post(
        "/users/new/", {"username": "jo\0nas", "first\0_name": "A\0B", "role": "viewer", "password": "staple paper sun"}
    )

    assert User.objects.get(username="jonas").first_name == "AB"


def test_a_length_with_more_digits_than_a_number_may_have_is_too_large(client):
    assert client.post("/sign-in/", CONTENT_LENGTH="9" * 5000).status_code == 413
