"""Which campaigns the board shows, and in which order, as its address says."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import F, OrderBy, Q
from django.db.models.functions import Lower

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign, CampaignQuerySet
from voisoadmin.campaigns.pages.board_groups import LISTED, BoardGroup, of_group
from voisoadmin.lib.numbers import whole_number
from voisoadmin.lib.paging import page_number
from voisoadmin.lib.searching import contains, search_text

FILTERS: tuple[str, ...] = ("", *BoardGroup)
SORTS = {
    "name": "name",
    "state": "status",
    "agents": "agents_count",
    "fix": "lane__rows_to_fix",
    "sent": "lane__last_push_at",
    "changed": "changed_at",
}
GROUPED = ""  # no column: in groups, and within one the latest change first


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardFilter:
    """The filters in the address, validated: only values from the lists above reach a query."""

    show: str = ""
    centre: int | None = None
    search: str = ""
    sort: str = GROUPED
    page: int = 1

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "BoardFilter":
        sort = query.get("sort", "")
        return cls(
            show=query.get("show", "") if query.get("show", "") in FILTERS else "",
            centre=whole_number(query.get("centre", "")),
            search=search_text(query),
            sort=sort if sort.removeprefix("-") in SORTS else GROUPED,
            page=page_number(query.get("page", "")),
        )

    def address(self, **changes: object) -> str:
        """The query of this choice with changes; defaults are left out. Another filter begins at page 1."""
        facts: dict[str, object] = {
            "show": self.show,
            "centre": self.centre,
            "q": self.search,
            "sort": self.sort,
            "page": 0,
        }
        facts |= changes
        if facts["page"] == 1:
            facts["page"] = 0
        return "?" + urlencode({name: value for name, value in facts.items() if value})

    @property
    def here(self) -> str:
        return self.address(page=self.page)

    @property
    def is_grouped(self) -> bool:
        return not (self.show or self.search or self.sort)


def matching(user: User, choice: BoardFilter) -> CampaignQuerySet:
    """All campaigns that the filters find, whatever their page."""
    return found_by(user, choice).filter(of_group(BoardGroup(choice.show)) if choice.show else LISTED)


def found_by(user: User, choice: BoardFilter) -> CampaignQuerySet:
    """Those in all tabs."""
    found = Campaign.objects.visible_to(user)
    if choice.centre is not None:
        found = found.filter(connection_id=choice.centre)
    if choice.search:
        found = found.filter(contains(choice.search, "name") | Q(voiso_id__startswith=choice.search))
    return found


def order_of(sort: str) -> list[OrderBy | str]:
    if sort == GROUPED:
        return ["-changed_at", "-pk"]
    column = SORTS[sort.removeprefix("-")]
    # People look for a name under its letter, whatever its case.
    by = Lower(column) if column == "name" else F(column)
    return [by.desc(nulls_last=True), "-pk"] if sort.startswith("-") else [by.asc(nulls_last=True), "pk"]
