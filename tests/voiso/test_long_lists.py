"""Lists under every usual name and form of paging, and of any size: they are read while they arrive."""

import gzip
import itertools
import json
import tracemalloc
from collections.abc import Callable, Iterator

import httpx
import pytest

from voisoadmin.voiso import NoReply
from voisoadmin.voiso.streaming import MAX_ITEMS

pytestmark = pytest.mark.slow

MIB = 1024 * 1024


def campaign(number: int, **further: object) -> dict[str, object]:
    return {"id": number, "name": f"Campaign {number}", "status": "active", "live": True} | further


def pages_of(
    count: int, say: Callable[[list[object], int, int], httpx.Response], *, most: int = 100
) -> Callable[[httpx.Request], httpx.Response]:
    """A list in pages of `most`, by offset or by page number; `say` builds the answer from (items, offset, page number)."""

    def handler(request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        page = int(asked.get("page", "1"))
        offset = int(asked["offset"]) if "offset" in asked else (page - 1) * most
        size = min(most, int(asked.get("limit", most)))
        return say([campaign(number) for number in range(offset, min(count, offset + size))], offset, offset // most + 1)

    return handler


def body(items: list[object], **further: object) -> httpx.Response:
    return httpx.Response(200, json={"campaigns": items} | further)


# Different ways of saying that 250 campaigns come in pages.
WORDS_ABOUT_PAGES = {
    "metadata.total": lambda items, offset, page: body(items, metadata={"total": 250}),
    "meta.total_count": lambda items, offset, page: body(items, meta={"total_count": 250, "page": page}),
    "meta.totalCount": lambda items, offset, page: body(items, meta={"totalCount": 250}),
    "total as text": lambda items, offset, page: body(items, total="250"),
    "pagination.total_pages": lambda items, offset, page: body(items, pagination={"current_page": page, "total_pages": 3}),
    "totalPages": lambda items, offset, page: body(items, totalPages=3),
    "has_more": lambda items, offset, page: body(items, meta={"has_more": offset + len(items) < 250}),
    "next": lambda items, offset, page: body(items, next=f"?page={page + 1}" if offset + len(items) < 250 else None),
    "around a wrapper": lambda items, offset, page: httpx.Response(
        200, json={"data": {"campaigns": items}, "metadata": {"total": 250}}
    ),
    "X-Total": lambda items, offset, page: httpx.Response(200, json=items, headers={"X-Total": "250"}),
    "X-Total-Count": lambda items, offset, page: httpx.Response(200, json=items, headers={"X-Total-Count": "250"}),
    "Link": lambda items, offset, page: httpx.Response(
        200,
        json=items,
        headers={"Link": f'</campaigns?page={page + 1}>; rel="next"' if page < 3 else '</campaigns?page=1>; rel="first"'},
    ),
    "nothing": lambda items, offset, page: httpx.Response(200, json=items),
}


@pytest.mark.parametrize("generation", ["v4", "legacy"])
@pytest.mark.parametrize("said", WORDS_ABOUT_PAGES)
def test_a_paged_list_is_read_to_its_end_however_it_announces_more_pages(voiso, generation, said):
    listing = voiso(pages_of(250, WORDS_ABOUT_PAGES[said]), generation).list_campaigns()

    assert [item.id for item in listing] == [str(number) for number in range(250)]
    assert listing.is_whole


@pytest.mark.parametrize("count", [49, 50, 51, 100, 120, 250])
def test_a_short_page_without_a_total_is_followed_by_another_request(voiso, count):
    listing = voiso(pages_of(count, WORDS_ABOUT_PAGES["nothing"], most=50)).list_campaigns()

    assert len(listing) == count


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_refused_page_after_the_last_one_ends_the_list(voiso, status):
    def say(items: list[object], offset: int, page: int) -> httpx.Response:
        return body(items) if items else httpx.Response(status, json={"errors": {"offset": ["is out of range"]}})

    listing = voiso(pages_of(100, say)).list_campaigns()

    assert len(listing) == 100


@pytest.mark.parametrize("count", [1, 49, 51, 99, 101, 999])
def test_a_bare_legacy_list_with_an_unusual_page_size_is_requested_once(voiso, count):
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json=[campaign(number) for number in range(count)])

    listing = voiso(handler, "legacy").list_campaigns()

    assert (len(listing), len(asked)) == (count, 1)


@pytest.mark.parametrize("count", [50, 100, 1000])
def test_a_bare_legacy_list_that_may_be_a_page_is_followed_by_one_more_request(voiso, count):
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json=[campaign(number) for number in range(count)])

    listing = voiso(handler, "legacy").list_campaigns()

    assert (len(listing), len(asked)) == (count, 2)


@pytest.mark.parametrize("generation", ["v4", "legacy"])
@pytest.mark.parametrize(
    "entry", [{"name": "Without an ID"}, {"id": None}, {"id": "x" * 41}, 7, "text", [], {"id": 9, "big": "x" * 70_000}]
)
def test_an_entry_that_cannot_be_read_is_left_out_and_counted(voiso, generation, entry):
    listing = voiso(httpx.Response(200, json=[campaign(1), entry, campaign(2)]), generation).list_campaigns()

    assert [item.id for item in listing] == ["1", "2"]
    assert (listing.skipped, listing.is_whole) == (1, False)


def test_an_entry_with_a_repeated_field_is_left_out(voiso):
    content = b'[{"id": 1}, {"id": 2, "status": "active", "status": "paused"}, {"id": 3, "deep": {"a": {"b": 1, "b": 2}}}]'

    listing = voiso(httpx.Response(200, content=content), "legacy").list_campaigns()

    assert ([item.id for item in listing], listing.skipped) == (["1"], 2)


@pytest.mark.parametrize("wrapper", ["campaigns", "data", "records", "items", "results", "result", "response"])
def test_the_list_may_be_under_any_usual_name(voiso, wrapper):
    assert len(voiso(httpx.Response(200, json={wrapper: [campaign(1)]}), "legacy").list_campaigns()) == 1


def test_a_list_of_thousands_of_full_campaigns_is_read(voiso):
    further = {f"field_{number}": "x" * 30 for number in range(20)}
    items = [campaign(number, **further) for number in range(2500)]
    assert len(json.dumps(items)) > 2 * MIB

    listing = voiso(httpx.Response(200, json=items), "legacy").list_campaigns()

    assert len(listing) == 2500
    assert listing.items[-1].further["field_19"] == "x" * 30


@pytest.mark.parametrize("digits", [1999, 2000, 2001, 4300, 4301, 5000, 16_383, 16_384, 100_000])
@pytest.mark.parametrize("number", ["1%s", "-1%s", "1.%s", "1e%s", '"1%s"', "[[1%s]]"])
def test_a_number_of_any_length_is_read_or_raises_our_error(voiso, digits, number):
    content = b'[{"id": 1, "n": ' + (number % ("1" * digits)).encode() + b"}]"

    try:
        (found,) = voiso(httpx.Response(200, content=content), "legacy").list_campaigns()
    except NoReply:
        return
    assert found.id == "1"


# Lists that no server should send


def repeated(start: bytes, piece: bytes, end: bytes, size: int) -> Iterator[bytes]:
    """About `size` bytes, never in memory at once."""
    yield start
    yield from itertools.repeat(piece * (16_384 // len(piece) or 1), size // max(len(piece), 16_384))
    yield end


HOSTILE = {
    "a million empty objects": lambda: repeated(b"[", b"{},", b"{}]", 10 * MIB),
    "ever more campaigns": lambda: _numbered(b'{"id": %d, "name": "A"}', 60 * MIB),
    "campaigns full of text": lambda: _numbered(b'{"id": %d, "name": "A", "more": "' + b"x" * 30_000 + b'"}', 110 * MIB),
    "campaigns full of fields": lambda: _numbered(
        b'{"id": %d, ' + b", ".join(b'"f%d": [1,2,3,4,5,6,7,8,9]' % n for n in range(60)) + b"}", 60 * MIB
    ),
    "a string without an end": lambda: repeated(b'[{"id": 1, "name": "', b"x", b'"}]', 60 * MIB),
    "a number without an end": lambda: repeated(b'[{"id": ', b"1", b"}]", 60 * MIB),
    "arrays in arrays": lambda: repeated(b"", b"[", b"", 10 * MIB),
    "objects in an entry": lambda: repeated(b"[", b'{"a":', b"", 10 * MIB),
    "blanks": lambda: repeated(b"[", b" ", b"]", 60 * MIB),
    "much beside the list": lambda: repeated(b'{"campaigns": [], "other": [', b'"x",', b'"x"]}', 10 * MIB),
    "names of fields": lambda: repeated(b'{"campaigns": [], ', b'"x": 1, ', b'"y": 1}', 10 * MIB),
}


def _numbered(entry: bytes, size: int) -> Iterator[bytes]:
    yield b"["
    sent = 0
    for number in itertools.count():
        piece = entry % number + b","
        sent += len(piece)
        if sent > size:
            break
        yield piece
    yield b"null]"


@pytest.mark.slow
@pytest.mark.parametrize("content", HOSTILE)
def test_no_list_costs_more_than_forty_megabytes(voiso, content):
    client = voiso(lambda request: httpx.Response(200, stream=_Stream(HOSTILE[content]())), "legacy")

    tracemalloc.start()
    try:
        listing = client.list_campaigns()
    except NoReply:
        listing = None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 40 * MIB
    assert listing is None or len(listing) <= MAX_ITEMS


def test_a_list_with_more_entries_than_are_read_is_called_too_long(voiso):
    entries = b",".join(b'{"id":%d}' % number for number in range(MAX_ITEMS + 1))

    with pytest.raises(NoReply, match="list is too long to read"):
        voiso(httpx.Response(200, content=b"[" + entries + b"]"), "legacy").list_campaigns()


class _Stream(httpx.SyncByteStream):
    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        return self._parts


def test_a_compressed_list_of_any_length_costs_no_more_memory(voiso):
    packed = gzip.compress(b"[" + b" " * (200 * MIB) + b"]", 1)
    client = voiso(
        lambda request: httpx.Response(200, stream=_Stream(iter([packed])), headers={"Content-Encoding": "gzip"}), "legacy"
    )

    tracemalloc.start()
    with pytest.raises(NoReply):
        client.list_campaigns()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 40 * MIB


def test_a_compressed_list_longer_than_the_limit_of_other_answers_is_read(voiso):
    packed = gzip.compress(json.dumps([campaign(number, note="x" * 900) for number in range(3000)]).encode())
    client = voiso(
        lambda request: httpx.Response(200, stream=_Stream(iter([packed])), headers={"Content-Encoding": "gzip"}), "legacy"
    )

    assert len(client.list_campaigns()) == 3000
