"""Reads a list page by page while others change it."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from voisoadmin.voiso.errors import NoReply

T = TypeVar("T")
MAX_PAGES = 1000
MAX_PASSES = 3


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """One page of a list."""

    items: list[T]
    total: int | None


@dataclass(slots=True)
class _Pass:
    """The result of reading all pages once. `ended`: as far as the answers show, the end of the list was reached."""

    seen: set[Hashable] = field(default_factory=set)
    totals: list[int] = field(default_factory=list)  # as reported by the pages, the last one last
    ended: bool = False


def all_pages(read: Callable[[int], Part[T]], identity: Callable[[T], Hashable], *, full: int) -> list[T]:
    """All items, each once; `read` gets the offset, `full` is the size of a page that may have a successor.

    A deletion during a pass moves later items to an earlier page, unseen, so a list that doesn't match its total is read
    again. If the same items come again, the total is wrong.

    Raises NoReply if the list had no end or kept changing: with gaps, campaigns would look deleted.
    """
    found: dict[Hashable, T] = {}
    before: set[Hashable] | None = None
    for number in range(MAX_PASSES):
        this = _pass(read, identity, full, found)
        if this.ended and (_adds_up(this, len(found), may_change=number > 0) or this.seen == before):
            return list(found.values())
        before = this.seen if this.ended else None
    raise NoReply("Voiso's list changed or repeated itself while it was being read.")


def _adds_up(this: _Pass, found: int, *, may_change: bool) -> bool:
    """`may_change`: the total may differ from page to page."""
    return not this.totals or (found >= this.totals[-1] and (may_change or len(set(this.totals)) == 1))


def _pass(read: Callable[[int], Part[T]], identity: Callable[[T], Hashable], full: int, found: dict[Hashable, T]) -> _Pass:
    this = _Pass()
    offset = 0
    for _ in range(MAX_PAGES):
        part = read(offset)
        names = {identity(item) for item in part.items}
        repeated = names <= this.seen
        this.seen |= names
        found.update((identity(item), item) for item in part.items)
        offset += len(part.items)
        if part.total is not None:
            this.totals.append(part.total)
            # A page that only repeats earlier ones while more are promised: Voiso ignores the offset.
            this.ended = not part.items or (offset >= part.total and (not repeated or len(this.seen) >= part.total))
            if this.ended or repeated or offset >= part.total:
                return this
        elif len(part.items) < full or repeated:
            # Without a total, a page without new items is the first page again: this list has no pages.
            this.ended = True
            return this
    return this
