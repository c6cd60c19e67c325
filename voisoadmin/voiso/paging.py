"""Reading a list page by page, while others change it."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from voisoadmin.voiso.errors import NoReply

T = TypeVar("T")
MAX_PAGES = 1000


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """One page, read."""

    items: list[T]
    total: int | None


def all_pages(read: Callable[[int], Part[T]], identity: Callable[[T], Hashable], *, full: int) -> list[T]:
    """All items, each once; `read` gets the offset, `full` is the size of a page that may have a successor.

    Raises NoReply where the pages do not add up to the total even at the second pass: a list with holes would look as if
    campaigns had been deleted.
    """
    found: dict[Hashable, T] = {}
    for last in (False, True):
        # A deletion during the pass moves later items to an earlier page, unseen; the second pass finds them.
        if _pass(read, identity, full, found, may_change=last):
            return list(found.values())
    raise NoReply("Voiso's list changed, or repeated itself, while it was read.")


def _pass(
    read: Callable[[int], Part[T]], identity: Callable[[T], Hashable], full: int, found: dict[Hashable, T], *, may_change: bool
) -> bool:
    """Read the pages once; whether all items are known by now. `may_change`: the total may differ from page to page."""
    offset = 0
    totals: set[int] = set()
    for _ in range(MAX_PAGES):
        part = read(offset)
        fresh = [item for item in part.items if identity(item) not in found]
        found.update((identity(item), item) for item in part.items)
        offset += len(part.items)
        if part.total is not None:
            totals.add(part.total)
            if not part.items or offset >= part.total:
                return len(found) >= part.total and (may_change or len(totals) == 1)
        elif len(part.items) < full or not fresh:
            # Without a total, a page that brings nothing new is the first one again: this list has no pages.
            return True
    return False
