"""A page of a list, from an answer whose list was read as it arrived: which list it is, and what the answer says about
further pages.

The names are the documented ones and those usual in such APIs, because the form of most lists is undocumented.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

from voisoadmin.voiso.page_by_page import ListPage
from voisoadmin.voiso.shapes import UnusableShape
from voisoadmin.voiso.streaming import Items

T = TypeVar("T")
WRAPPERS = ("data", "records", "items", "results", "result", "response")
# Where an answer describes its pages, and under which names.
ABOUT = ("metadata", "meta", "pagination", "paging", "page_info", "pageInfo")
TOTAL = ("total", "total_count", "totalCount", "total_items", "totalItems", "total_entries", "total_records", "total_results")
PAGES = ("total_pages", "totalPages", "page_count", "pageCount", "last_page", "lastPage", "pages")
MORE = ("has_more", "hasMore", "has_next", "hasNext", "has_next_page", "hasNextPage")
NEXT = ("next_page", "nextPage", "next_page_url", "next")
RELATION = re.compile(r"""\brel="?([a-z ]{1,40})"?""", re.IGNORECASE)
MOST = 10**9


def names_of_list(*names: str) -> tuple[str, ...]:
    return (*names, *WRAPPERS)


def part_of(data: object, names: Iterable[str], *, total: str = "", link: str = "", is_first: bool = True) -> ListPage[T]:
    """The page in an answer. `total`, `link`: from its headers. Raises UnusableShape if there is no list, or none of its
    entries could be read."""
    around: list[dict[str, object]] = []
    items: Items[T] = _list_in(data, names, around)
    if items.skipped and not items.parsed and is_first:
        raise UnusableShape
    about = [*_abouts(around), *reversed(around)]
    return ListPage(
        items=items.parsed,
        skipped=items.skipped,
        total=_whole_number(total) if total else _first_number(about, TOTAL),
        pages=_first_number(about, PAGES),
        more=_more_by_header(link) if link else _more(about),
    )


def _list_in(data: object, names: Iterable[str], around: list[dict[str, object]]) -> Items[T]:
    while isinstance(data, dict):
        around.append(data)
        data = next((data[name] for name in names if name in data), None)
    if not isinstance(data, Items):
        raise UnusableShape
    return data


def _abouts(around: list[dict[str, object]]) -> Iterator[dict[str, object]]:
    for holder in reversed(around):
        for name in ABOUT:
            value = holder.get(name)
            if isinstance(value, dict):
                yield value


def _first_number(about: list[dict[str, object]], names: tuple[str, ...]) -> int | None:
    numbers = (_whole_number(holder.get(name)) for holder in about for name in names)
    return next((number for number in numbers if number is not None), None)


def _whole_number(value: object) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value.strip(), re.ASCII):
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST else None


def _more(about: list[dict[str, object]]) -> bool | None:
    for holder in about:
        for name in MORE:
            if isinstance(holder.get(name), bool):
                return bool(holder[name])
        for name in NEXT:
            if name in holder:
                return bool(holder[name])
    return None


def _more_by_header(link: str) -> bool | None:
    relations = {word for match in RELATION.finditer(link[:4000]) for word in match[1].lower().split()}
    return "next" in relations if relations & {"next", "prev", "previous", "first", "last"} else None
