"""Numbered pages of a list.

The activity and the lists of rows continue after the last line shown instead: lines arrive in front while one reads them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import QueryDict

from voisoadmin.lib.numbers import whole_number

M = TypeVar("M", bound=Model)
MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    items: Sequence[M]
    number: int
    first: int  # number of its first item in the list
    next_url: str
    previous_url: str
    total: int | None = None  # of the list, if counted

    def __iter__(self) -> Iterator[M]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def last(self) -> int:
        return self.first + len(self.items) - 1

    @property
    def has_others(self) -> bool:
        return bool(self.next_url or self.previous_url)


def page_number(text: str) -> int:
    """The page that an address asks for; the first if it asks for none."""
    return whole_number(text, least=1, most=MOST_PAGES) or 1


def page_of(
    items: QuerySet[M],
    *,
    number: int,
    size: int,
    url: Callable[[int], str],
    total: int | None = None,
    read: Callable[[QuerySet[M]], Iterable[M]] = iter,
) -> Page[M]:
    """A page. With the `total` of a list, a number behind its end gives the last page; otherwise an empty one.

    `read`: gets the page's part of the list and returns its items.
    """
    if total is not None:
        number = min(number, max(1, -(-total // size)))
    start = (number - 1) * size
    found = list(read(items[start : start + size + 1]))
    return Page(
        items=found[:size],
        number=number,
        first=start + 1,
        next_url=url(number + 1) if len(found) > size else "",
        previous_url=url(number - 1) if number > 1 else "",
        total=total,
    )


def page_for(items: QuerySet[M], *, query: QueryDict, size: int, total: int | None = None) -> Page[M]:
    """The page for this address; its links keep the address's filters."""

    def url(page: int) -> str:
        changed = query.copy()
        changed["page"] = str(page)
        return "?" + changed.urlencode()

    return page_of(items, number=page_number(query.get("page", "")), size=size, url=url, total=total)
