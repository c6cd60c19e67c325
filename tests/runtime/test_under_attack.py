"""While someone attacks a running installation, a supervisor signs in, uploads a file and starts a campaign."""

import os
import re
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from tests.sheets.workbooks import xlsx_parts, zipped
from tests.support.installation import Installation
from tests.support.sandbox import RemoteSandbox
from tests.support.serving import PASSWORD, Browser, guessing, in_a_loop, serving
from tests.support.slow_clients import crowd, head
from tests.support.uploading import shell
from tests.support.waiting import until

pytestmark = [pytest.mark.once, pytest.mark.kills, pytest.mark.slow, pytest.mark.xdist_group("web server")]

SCALE = 0.25  # pauses are shorter, work is not: the attack takes as much of it as it can get
GOAL = 10.0  # seconds, on two free cores
SLOWER = 4  # times; and as much again as more processes than cores want to run
SEED = """
from django.utils import timezone
from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.connections.models import Connection
for name in ("ines", "omar"):
    User.objects.create_user(name, password={password!r})
key = {key!r}
centre = Connection.objects.create(name="Berlin", generation="v4", base_url={address!r}, key=key, key_last4=key[-4:])
for voiso_id in {campaigns!r}:
    lane = Lane.objects.create(address=centre.base_url, voiso_id=voiso_id)
    known = dict(live=True, status="paused", changed_at=timezone.now(), seen_at=timezone.now())
    print(Campaign.objects.create(connection=centre, lane=lane, voiso_id=voiso_id, name=f"Campaign {{voiso_id}}", **known).pk)
"""
TWO_ROWS = b"Phone,Name\n+447415550012,Zoe\n+447415550013,Ali\n"
NAMES = ("<" + "a@" * 240_000, '"' * 480_000, "a\t" * 240_000, "<" * 480_000, "(a" * 240_000)
FILES = {
    "quotes.csv": b'x","y\n' * 150_000,
    "addresses.csv": b"A,B\n" + b"1234567@." * 100_000 + b" x,1\n",
    "blanks.csv": b"Phone,Name\n" + (b"+447415000001" + b" " * 30_000 + b"x,Ann\n") * 30,
    "letters.csv": b"Phone\n" + b"x\n" * 500_000,
    "digits.csv": b"Phone,Name\n" + b"1,\n" * 330_000,
    "rows.xlsx": zipped(xlsx_parts("<sheetData>" + "<row " * 1_000_000)),
}
SLOWEST = ("letters.csv", "digits.csv")  # one for each slot


@dataclass(frozen=True)
class Place:
    browsers: Callable[[], Browser]
    sandbox: RemoteSandbox
    supervisor: Browser  # has signed in before
    attacker: Browser  # another supervisor, signed in
    campaigns: dict[str, str]  # ours to theirs

    @property
    def port(self) -> int:
        return int(self.supervisor.base_url.port or 0)


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Iterator[Place]:
    with ExitStack() as stack:
        sandbox = stack.enter_context(RemoteSandbox(time_scale=SCALE))
        theirs = [str(sandbox.add_campaign(f"Campaign {at}", status="paused", numbers=["447415000001"])) for at in ATTACKS]
        here = Installation(tmp_path_factory.mktemp("site"), time_scale=SCALE, extra_hosts=sandbox.host)
        seed = SEED.format(password=PASSWORD, key=sandbox.V4_KEY, address=sandbox.address, campaigns=theirs)
        last = int(shell(here, seed))
        browsers = stack.enter_context(serving(here))
        people = []
        for name in ("ines", "omar"):
            person = stack.enter_context(browsers())
            assert person.sign_in(name).status_code == 302
            people.append(person)
        people[0].sign_out()
        ours = [str(last - len(theirs) + at) for at in range(1, len(theirs) + 1)]
        yield Place(browsers, sandbox, *people, dict(zip(ours, theirs, strict=True)))


def upload(browser: Browser, campaign: str, name: str, content: bytes) -> str:
    """The address of the upload's page."""
    page = f"/uploads/new/?campaign={campaign}"
    answer = browser.fill_in(page, 'id="new-upload"', {"kind": "add", "region": "GB"}, files={"file": (name, content)})
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


@contextmanager
def pasted_names(place: Place) -> Iterator[None]:
    path = f"/campaigns/{next(iter(place.campaigns))}/people/change/"
    cookies = place.attacker.cookies

    def paste(browser: Browser) -> None:
        browser.cookies = cookies
        assert browser.send_form(path, {"do": "add", "names": secrets.choice(NAMES)}).status_code < 500

    with in_a_loop(place.browsers, paste, number=4):
        yield


def silent_sockets(place: Place) -> AbstractContextManager[object]:
    return crowd(place.port, 200, b"")


def unfinished_heads(place: Place) -> AbstractContextManager[object]:
    return crowd(place.port, 16, head("GET", "/", X_Long="a")[:-4], drop=b"a")


def dripping_bodies(place: Place) -> AbstractContextManager[object]:
    return crowd(place.port, 16, head("POST", "/sign-in/", Content_Length=1000), drop=b"a")


def slow_uploads(place: Place) -> AbstractContextManager[object]:
    cookie = "; ".join(f"{name}={value}" for name, value in place.attacker.cookies.items())
    kind = "multipart/form-data; boundary=x"
    opening = head("POST", "/uploads/new/", Cookie=cookie, Content_Type=kind, Content_Length=300_000_000)
    return crowd(place.port, 16, opening, drop=b"a" * 2000)


@contextmanager
def hostile_files(place: Place, browser: Browser, *names: str) -> Iterator[None]:
    campaign = next(iter(place.campaigns))
    pages = [upload(browser, campaign, name, FILES[name]) for name in names]
    yield
    for page in pages:
        if "/discard/" in browser.get(page).text:  # it was readable
            browser.fill_in(page, "/discard/", {}, to=f"{page}discard/")


def hostile_files_of_another(place: Place) -> AbstractContextManager[None]:
    return hostile_files(place, place.attacker, *FILES)


@contextmanager
def hostile_files_of_the_same(place: Place) -> Iterator[None]:
    with place.browsers() as earlier:
        assert earlier.sign_in("ines").status_code == 302
        with hostile_files(place, earlier, *SLOWEST):
            yield


def guessed_passwords(place: Place) -> AbstractContextManager[object]:
    return guessing(place.browsers, lambda: "ines")


def guessed_passwords_of_everyone(place: Place) -> AbstractContextManager[object]:
    return guessing(place.browsers, lambda: f"name{secrets.token_hex(4)}")


ATTACKS = {
    "names pasted in a loop": pasted_names,
    "200 silent sockets": silent_sockets,
    "16 unfinished heads": unfinished_heads,
    "16 dripping bodies": dripping_bodies,
    "16 slow uploads": slow_uploads,
    "hostile files of another person": hostile_files_of_another,
    "hostile files of the same person": hostile_files_of_the_same,
    "16 connections that guess the password": guessed_passwords,
    "16 connections that guess names and passwords": guessed_passwords_of_everyone,
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_supervisor_signs_in_uploads_and_starts_a_campaign(place, attack):
    ours, theirs = list(place.campaigns.items())[list(ATTACKS.values()).index(attack)]
    browser = place.supervisor

    with attack(place):
        began = time.monotonic()
        assert browser.sign_in("ines").status_code == 302
        page = upload(browser, ours, "leads.csv", TWO_ROWS)
        until(lambda: re.search(r"Send 2\s+contacts", browser.get(page).text), seconds=limit(), what="the file is checked")
        checked = time.monotonic()
        controls = f"/campaigns/{ours}/controls/"
        fields = {"change": "start", "shown_status": "paused"}
        assert browser.fill_in(controls, f'id="operate-{ours}"', fields, to=f"/campaigns/{ours}/operate/").status_code == 302
        until(lambda: "Confirmed by Voiso" in browser.get(controls).text, seconds=limit(), what="the start is confirmed")
        ended = time.monotonic()
        browser.sign_out()

    assert place.sandbox.truth(theirs)["status"] == "active"
    load = os.getloadavg()[0]  # `-rP` shows it
    sys.stdout.write(f"{ended - began:.1f} s, {checked - began:.1f} s until the file was checked; load {load:.1f}\n")
    assert ended - began < limit()


def limit() -> float:
    return GOAL * SLOWER * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
