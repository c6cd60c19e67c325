"""Reads a list page by page while others change it."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from voisoadmin.voiso.errors import NoReply, Refused
from voisoadmin.voiso.payloads import Listing

T = TypeVar("T")
MAX_PAGES = 2000
MAX_PASSES = 3
NO_SUCH_PAGE = frozenset({400, 404, 422})


@dataclass(frozen=True, slots=True)
class ListPage(Generic[T]):
    """One page of a list. None: the answer doesn't say."""

    items: list[T]
    skipped: int = 0  # entries that couldn't be read
    total: int | None = None  # items of all pages
    pages: int | None = None
    more: bool | None = None  # whether another page follows

    @property
    def count(self) -> int:
        return len(self.items) + self.skipped


ReadPage = Callable[[int, int], ListPage[T]]


class Unfinished(Exception):
    """No further page may be asked for now. What was read is kept in `Pages`."""


@dataclass(slots=True)
class Pages(Generic[T]):
    """The pages of one list that is read in several goes, so that no minute sees too many requests.

    A later go answers from `seen` what earlier ones have read: the same rules decide about the end of the list.
    """

    may_ask: Callable[[], bool]  # before each request
    identity: Callable[[T], str]
    stub: Callable[[str], T]  # an item of an earlier go, by its identity
    seen: list[dict[str, object]] = field(default_factory=list)  # as JSON, to be stored between two goes
    fresh: list[T] = field(default_factory=list)  # read in this go

    def kept(self, read: ReadPage[T]) -> ReadPage[T]:
        """`read`, but for pages that an earlier go has read."""
        earlier = iter(list(self.seen))

        def read_or_remember(offset: int, number: int) -> ListPage[T]:
            known = next(earlier, None)
            if known is not None:
                return ListPage(**(known | {"items": [self.stub(name) for name in known["items"]]}))  # type: ignore[attr-defined,arg-type]
            self.must_ask()
            part = read(offset, number)
            self.fresh += part.items
            facts = {"skipped": part.skipped, "total": part.total, "pages": part.pages, "more": part.more}
            self.seen.append({"items": [self.identity(item) for item in part.items], **facts})
            return part

        return read_or_remember

    def must_ask(self) -> None:
        if not self.may_ask():
            raise Unfinished


@dataclass(slots=True)
class _Pass:
    """The result of reading all pages once. `ended`: as far as the answers show, the end of the list was reached."""

    seen: set[Hashable] = field(default_factory=set)
    skipped: int = 0
    totals: list[int] = field(default_factory=list)  # as reported by the pages, the last one last
    sizes: list[int] = field(default_factory=list)
    ended: bool = False


def all_pages(read: ReadPage[T], identity: Callable[[T], Hashable], *, may_go_on: Callable[[int], bool]) -> Listing[T]:
    """All items, each once. `read` gets the number of entries before the page, and the number of the page.

    `may_go_on`: whether a first page with this number of entries may have a successor, if the answer doesn't say. A
    deletion during a pass moves later items to an earlier page, unseen, so a list that doesn't match its total is read
    again. If the same items come again, the total is wrong.

    Raises NoReply if the list had no end or kept changing: with gaps, campaigns would look deleted.
    """
    found: dict[Hashable, T] = {}
    before: set[Hashable] | None = None
    for number in range(MAX_PASSES):
        this = _pass(read, identity, may_go_on, found)
        if this.ended and (_adds_up(this, len(found), may_change=number > 0) or this.seen == before):
            return Listing(items=list(found.values()), skipped=this.skipped)
        before = this.seen if this.ended else None
    raise NoReply("Voiso's list changed or repeated itself while it was being read.")


def _adds_up(this: _Pass, found: int, *, may_change: bool) -> bool:
    """`may_change`: the total may differ from page to page."""
    return not this.totals or (found + this.skipped >= this.totals[-1] and (may_change or len(set(this.totals)) == 1))


def _pass(
    read: ReadPage[T],
    identity: Callable[[T], Hashable],
    may_go_on: Callable[[int], bool],
    found: dict[Hashable, T],
) -> _Pass:
    this = _Pass()
    promised = False
    for _ in range(MAX_PAGES):
        try:
            part = read(sum(this.sizes), len(this.sizes) + 1)
        except Refused as problem:
            if promised or not this.sizes or problem.http_status not in NO_SUCH_PAGE:
                raise
            this.ended = True  # requested on a guess: there is no such page
            return this
        names = {identity(item) for item in part.items}
        repeated = bool(names) and names <= this.seen
        this.seen |= names
        this.skipped += 0 if repeated else part.skipped
        this.sizes.append(part.count)
        found.update((identity(item), item) for item in part.items)
        promised = part.total is not None or part.pages is not None or part.more is not None
        if _is_last(this, part, may_go_on, repeated=repeated) or repeated:
            return this
    return this


def _is_last(this: _Pass, part: ListPage[T], may_go_on: Callable[[int], bool], *, repeated: bool) -> bool:
    """Whether reading stops here; `ended` says whether this is the end of the list."""
    if part.total is not None:
        this.totals.append(part.total)
        is_all = sum(this.sizes) >= part.total
        # A page that only repeats earlier ones while more are promised: Voiso ignores the offset.
        this.ended = not part.count or (is_all and (not repeated or len(this.seen) + this.skipped >= part.total))
        return this.ended or is_all
    if part.pages is not None:
        this.ended = not part.count or len(this.sizes) >= part.pages
    elif part.more is not None:
        this.ended = not part.more or not part.count
    else:
        # If the answer doesn't say, a page without new items is the first page again: this list has no pages.
        first = this.sizes[0]
        this.ended = repeated or part.count < first or not may_go_on(first)
    return this.ended
