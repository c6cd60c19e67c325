"""Pages of a list that continue after, or before, the row whose ID an address names: the last page costs what the first does,
and a row that arrives in front moves none.
"""

from collections.abc import Callable
from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

from voisoadmin.lib.numbers import whole_number
from voisoadmin.lib.paging import Page

M = TypeVar("M", bound=Model)
MOST_ID = 2**63 - 1


def keyset_page(
    items: QuerySet[M], *, by: str, after: int | None, before: int | None, size: int, url: Callable[..., str]
) -> Page[M]:
    """A page of a list that is sorted by the column `by`, then by ID. `url`: of the page `after=` or `before=` an ID.

    An ID that the list doesn't hold gives the first page.
    """
    mark = items.filter(pk=after or before).first() if after or before else None
    if mark is None:
        some = list(items.order_by(by, "pk")[: size + 1])
        total = len(some) if len(some) <= size else items.count()
        found, first = some[:size], 1
    elif after:
        total = items.count()
        found = list(items.filter(_beyond(mark, by, "gt")).order_by(by, "pk")[:size])
        first = total - items.filter(_beyond(mark, by, "gt")).count() + 1
    else:
        total = items.count()
        found = list(items.filter(_beyond(mark, by, "lt")).order_by(f"-{by}", "-pk")[:size])[::-1]
        first = items.filter(_beyond(mark, by, "lt")).count() - len(found) + 1
    last = first + len(found) - 1
    return Page(
        items=found,
        number=first // size + 1,
        first=first,
        next_url=url(after=found[-1].pk) if found and last < total else "",
        previous_url=url(before=found[0].pk) if found and first > 1 else "",
        total=total,
    )


def keyset_page_for(items: QuerySet[M], *, by: str, query: QueryDict, size: int, prefix: str = "") -> Page[M]:
    """The page for this address, which may hold `after` or `before`; its links keep the rest of the address."""

    def url(**marks: int) -> str:
        changed = query.copy()
        for name in ("after", "before"):
            changed.pop(prefix + name, None)
        changed.update({prefix + name: str(pk) for name, pk in marks.items()})
        return "?" + changed.urlencode()

    def mark(name: str) -> int | None:
        return whole_number(query.get(prefix + name, ""), least=1, most=MOST_ID)

    return keyset_page(items, by=by, after=mark("after"), before=mark("before"), size=size, url=url)


def _beyond(mark: Model, by: str, which: str) -> Q:
    value = getattr(mark, by)
    return Q(**{f"{by}__{which}": value}) | Q(**{by: value, f"pk__{which}": mark.pk})
