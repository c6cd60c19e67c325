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
    for _ in range(2):
        # A deletion during the pass moves later items to an earlier page, unseen; the second pass finds them.
        if _pass(read, identity, full, found):
            return list(found.values())
    raise NoReply("Voiso's list changed, or repeated itself, while it was read.")


def _pass(read: Callable[[int], Part[T]], identity: Callable[[T], Hashable], full: int, found: dict[Hashable, T]) -> bool:
    """Read the pages once; whether as many items are known as Voiso says there are."""
    offset = 0
    for _ in range(MAX_PAGES):
        part = read(offset)
        fresh = [item for item in part.items if identity(item) not in found]
        found.update((identity(item), item) for item in part.items)
        offset += len(part.items)
        if part.total is not None:
            if not part.items or offset >= part.total:
                return len(found) >= part.total
        elif len(part.items) < full or not fresh:
            # Without a total, a page that brings nothing new is the first one again: this list has no pages.
            return True
    return False
