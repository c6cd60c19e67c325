"""What strangers write takes time in proportion to its length: names, cells, files, exports, answers of Voiso."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from allauth.core.context import request_context
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from tests.security.growth import DOUBLINGS, IN_ADDRESSES, IN_PARTS, IN_TABLES, MOST_GROWTH, growth, hostile_texts
from tests.sheets.reading import at_most
from tests.sheets.workbooks import xlsx_parts, zipped
from voisoadmin.accounts.adapter import AccountAdapter
from voisoadmin.accounts.browsers import browser_of
from voisoadmin.accounts.client_addresses import client_address
from voisoadmin.accounts.middleware import SignInMiddleware
from voisoadmin.accounts.models import User
from voisoadmin.assignments.typed_names import RosterIndex, split_names
from voisoadmin.campaigns.pages.board_filter import BoardFilter
from voisoadmin.campaigns.pages.day_states import day_named
from voisoadmin.campaigns.pages.views import board
from voisoadmin.contacts.cleaning import clean_active, clean_priority, clean_text, clean_url
from voisoadmin.contacts.mapping import map_columns
from voisoadmin.lib.commands import STEERING
from voisoadmin.lib.middleware import NulMiddleware
from voisoadmin.lib.numbers import whole_number
from voisoadmin.lib.searching import contains
from voisoadmin.operations.forms import FilterForm
from voisoadmin.phones import Reader
from voisoadmin.sheets import Limits, ReadChoices, Unreadable
from voisoadmin.sheets.out import MarkedRow, csv_blocks
from voisoadmin.sheets.out_workbook import write_xlsx
from voisoadmin.sheets.reader.child import reading_of
from voisoadmin.submissions.services import FirstAnswer, FormRefused, once
from voisoadmin.uploads.cli.inspecting import InspectOptions, inspect_file
from voisoadmin.uploads.intake.spool import clean_file_name
from voisoadmin.uploads.pages.rejects import ListFilter
from voisoadmin.voiso.answers import Asked, judge, retry_after_seconds
from voisoadmin.voiso.errors import VoisoError
from voisoadmin.voiso.http.addresses import normalise_base_url
from voisoadmin.voiso.http.redaction import redact
from voisoadmin.voiso.http.wire import MAX_ANSWER_BYTES, Reply
from voisoadmin.voiso.keys import Key
from voisoadmin.voiso.texts import listed

pytestmark = [pytest.mark.once, pytest.mark.slow]

NOW = datetime(2026, 11, 23, tzinfo=UTC)
MIB = 1024 * 1024
KEY = Key("key-of-ines/and.omar")


def judged(body: str, status: int) -> None:
    with suppress(VoisoError):
        judge(Reply(status, body.encode("utf-8", "replace")[:MAX_ANSWER_BYTES]), Asked.CONTACTS, key=KEY, now=NOW)


def usable_address(text: str) -> None:
    with suppress(ValueError):
        normalise_base_url(text)


TEXTS: dict[str, tuple[Callable[[str], object], int]] = {
    "names pasted into the form": (lambda text: split_names(text, RosterIndex()), 500_000),
    "a phone cell": (lambda text: Reader("GB").read(text), MIB),
    "a phone cell without a country": (lambda text: Reader("").read(text), MIB),
    "a name or source": (lambda text: clean_text("name", 255, frozenset(), text), MIB),
    "a URL": (clean_url, MIB),
    "a priority": (lambda text: clean_priority(text, 1), MIB),
    "an active": (clean_active, MIB),
    "a column's name": (lambda text: map_columns([text, "Phone"], [["1", "2"]]), MIB),
    "a column's cells": (lambda text: map_columns(["Contact", "Tel"], [[text, text]], region="DE"), MIB),
    "a file's name": (clean_file_name, MIB),
    "a cell in a CSV export": (lambda text: list(csv_blocks(["Name"], [[text]])), MIB // 16),
    "a cell in a workbook export": (lambda text: write_xlsx(io.BytesIO(), ["Name"], [MarkedRow([text])]), MIB // 16),
    "a line of a command": (lambda text: STEERING.sub("?", text), MIB),
    "a contact centre's address": (usable_address, MIB),
    "an answer that is no JSON": (lambda text: judged(text, 500), MAX_ANSWER_BYTES // 32),
    "an answer that begins like JSON": (lambda text: judged("{" + text, 200), MAX_ANSWER_BYTES // 32),
    # Cut at 300 characters, in which these expressions look a fixed number of characters ahead: so four doublings above that.
    "the words of a refusal": (lambda text: listed(text, 400, contacts=True), 300 << DOUBLINGS),
    "an invalid key": (lambda text: listed(f"invalid {text}", 400), 300 << DOUBLINGS),
    "a sentence of a refusal": (lambda text: judged(json.dumps({"error": text}), 400), MAX_ANSWER_BYTES // 32),
    "what Retry-After says": (lambda text: retry_after_seconds(text, text, NOW), 64 * 1024),
    "a line of the log": (redact, MIB),
}


@pytest.mark.parametrize("reader", TEXTS)
def test_a_text_takes_time_in_proportion_to_its_length(reader):
    read, longest = TEXTS[reader]

    found = {text: growth(read, make, longest) for text, make in hostile_texts().items()}

    assert {text: exponent for text, exponent in found.items() if exponent > MOST_GROWTH} == {}


def asking(text: str) -> HttpRequest:
    """A request with the text in its query, its cookies and its headers."""
    text = text.encode().decode("latin-1")  # as the server passes it on
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver/?{text}", "X-Forwarded-For": text}
    request = RequestFactory().get("/", QUERY_STRING=f"q={text}", headers=headers)
    request.COOKIES = {"theme": text, settings.KNOWN_BROWSER_COOKIE_NAME: text}
    request.user = AnonymousUser()
    return request


def answered(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def parsed(text: str) -> None:
    with suppress(TooManyFieldsSent):
        NulMiddleware(answered)(asking(text))


def with_a_query(read: Callable[[dict[str, str]], object], *names: str) -> Callable[[str], object]:
    return lambda text: read(dict.fromkeys(names, text))


def day_of(text: str) -> None:
    with suppress(ValueError):
        day_named(text, ZoneInfo("UTC"), at=NOW)


def token_of(text: str) -> None:
    request = RequestFactory().post("/", {"client_token": text, "name": "Porto"})
    request.user = User(pk=1)
    with suppress(FormRefused):
        once(request, FirstAnswer)


def is_our_address(text: str) -> None:
    with request_context(RequestFactory().get("/")):
        AccountAdapter().is_safe_url(text)


def sent_to_sign_in(text: str) -> None:
    SignInMiddleware(answered).process_view(asking(text), board, (), {})


LONGEST_HEAD = 32 * 1024  # of a request: its first line and its headers
# None of these takes 50 ms for the longest address that the server accepts: each is called again and again.
ADDRESSES: dict[str, Callable[[str], object]] = {
    "the request itself": parsed,
    "the way to the sign-in page and back": sent_to_sign_in,
    "an address to return to": is_our_address,
    "the filters of the board": with_a_query(BoardFilter.from_query, "q", "page", "centre", "sort", "show"),
    "the filters of rows to fix": with_a_query(
        lambda query: ListFilter.from_query(query).url(), "q", "bucket", "reason", "campaign", "after"
    ),
    "the filters of the activity": with_a_query(
        lambda query: FilterForm(query, user=User()).is_valid(), "q", "kind", "outcome", "person", "campaign", "before"
    ),
    "a text to search for": lambda text: contains(text, "name", "email"),
    "a number": whole_number,
    "a day": day_of,
    "a form's token": token_of,
    "the browser's cookie": lambda text: browser_of(asking(text)),
    "the address of the client": lambda text: client_address(asking(text)),
}


@pytest.mark.parametrize("reader", ADDRESSES)
def test_what_a_page_reads_from_an_address_takes_time_in_proportion_to_its_length(reader, settings):
    settings.PROXIES = 1

    found = {text: growth(ADDRESSES[reader], make, LONGEST_HEAD) for text, make in hostile_texts(*IN_ADDRESSES).items()}

    assert {text: exponent for text, exponent in found.items() if exponent > MOST_GROWTH} == {}


def in_a_part(part: str, around: str) -> Callable[[str], bytes]:
    """Makes workbooks with a text in one of the parts."""

    def make(text: str) -> bytes:
        content = around.replace("HERE", text)
        return zipped({**xlsx_parts("<sheetData/>", strings="<si/>"), part: content}, zipfile.ZIP_STORED)

    return make


FILES: dict[str, tuple[Callable[[str], bytes], int, tuple[str, ...]]] = {
    "a text file": (lambda text: text.encode(), MIB, IN_TABLES),
    "a text file below contacts": (lambda text: b"Phone,Name\n" + b"+447415000001,Ann\n" * 250 + text.encode(), MIB, IN_TABLES),
    "a text file in Windows-1252": (lambda text: f"T\u00e9l;Nom\n{text}".encode("cp1252", "replace"), MIB, IN_TABLES[::3]),
    "a sheet": (in_a_part("xl/worksheets/sheet1.xml", "HERE<worksheet>HERE</worksheet>"), MIB, IN_PARTS),
    "rows": (in_a_part("xl/worksheets/sheet1.xml", "<worksheet><sheetData>HERE<v>1</v></sheetData>"), 4 * MIB, IN_PARTS),
    "the texts of a workbook": (in_a_part("xl/sharedStrings.xml", "<sst><si><t>HERE</t></si></sst>"), 4 * MIB, IN_PARTS),
    "the list of sheets": (in_a_part("xl/workbook.xml", '<workbook><sheets><sheet name="HERE"/></sheets>'), 4 * MIB, IN_PARTS),
    "the list of parts": (in_a_part("_rels/.rels", '<Relationships><Relationship Target="HERE"/>'), 4 * MIB, IN_PARTS),
}


def read_file(path: Path) -> None:
    with suppress(Unreadable):
        for _ in reading_of(path, ReadChoices(), Limits(), path.name).frames():
            pass


@pytest.mark.parametrize("kind", FILES)
def test_a_file_takes_time_in_proportion_to_its_length(kind, tmp_path):
    make_file, longest, units = FILES[kind]
    path = tmp_path / "file"

    def file_of(make: Callable[[int], str]) -> Callable[[int], Path]:
        def write(length: int) -> Path:
            path.write_bytes(make_file(make(length)))
            return path

        return write

    found = {text: growth(read_file, file_of(make), longest) for text, make in hostile_texts(*units).items()}

    assert {text: exponent for text, exponent in found.items() if exponent > MOST_GROWTH} == {}


SMALL_FILES: dict[str, bytes] = {
    "a quote left open by each line": b'x","y\n' * 150_000,
    "a line of quotes": b"Phone,Name\n" + b',"' * 500_000,
    "a header cell like many addresses": b"A,B\n" + b"1234567@." * 100_000 + b" x,1\n",
    "blanks before a number": b"Phone,Name\n" + (b"+447415000001" + b" " * 30_000 + b"x,Ann\n") * 30,
    "accents in a column's name": b"Phone," + "\u0301\u0316".encode() * 240_000 + b"\n447415000001,Ann\n",
    "bytes of no encoding": b"Phone,Name\n" + b"\xe9\x81" * 490_000,
    "unfinished rows": zipped(xlsx_parts("<sheetData>" + "<row " * 1_000_000)),
    "unfinished cells far out": zipped(xlsx_parts("<sheetData>" + ' r="AAA1"' * 1_000_000 + "<v>1</v>")),
}


@pytest.mark.parametrize("content", SMALL_FILES.values(), ids=SMALL_FILES)
def test_a_file_below_a_megabyte_never_takes_twenty_seconds(content, tmp_path):
    path = tmp_path / "small"
    path.write_bytes(content)
    assert len(content) < MIB

    with at_most(20), suppress(Unreadable):
        inspect_file(path, InspectOptions(region="GB", chosen={}), Limits())
