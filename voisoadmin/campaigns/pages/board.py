"""The board: which campaigns, in which order, with which counts, in a handful of queries even for thousands of campaigns."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Count, F, OrderBy, Q
from django.db.models.functions import Lower

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.buttons import Button, buttons_of
from voisoadmin.campaigns.describing import Chip, describe
from voisoadmin.campaigns.models import Campaign, CampaignQuerySet, Lane
from voisoadmin.campaigns.pages.news import in_words, news_of
from voisoadmin.campaigns.pages.sending import Bar, bar_of
from voisoadmin.campaigns.statuses import NEED_A_PERSON, Group, Status, in_group
from voisoadmin.connections.health import Condition, Health, health_of
from voisoadmin.connections.models import Connection
from voisoadmin.lib.numbers import whole_number
from voisoadmin.lib.paging import Page, page_number, page_of
from voisoadmin.lib.searching import contains
from voisoadmin.operations.models import Operation

PAGE_SIZE = 50

LISTED = Q(missing_since=None)
ATTENTION = LISTED & (
    Q(status__in=NEED_A_PERSON)
    | Q(status=Status.DRAFT, agents_count=0)
    | Q(lane__sending_state__in=[Lane.Sending.BLOCKED, Lane.Sending.BUSY])
)
FILTERS: dict[str, tuple[str, Q]] = {
    "": ("All", LISTED),
    "attention": ("Action needed", ATTENTION),
    Group.ACTIVE: ("Active", LISTED & Q(status__in=in_group(Group.ACTIVE))),
    Group.PAUSED: ("Paused", LISTED & Q(status__in=in_group(Group.PAUSED))),
    Group.NOT_STARTED: ("Not started", LISTED & Q(status__in=in_group(Group.NOT_STARTED))),
    Group.ENDED: ("Ended", LISTED & Q(status__in=in_group(Group.ENDED))),
    "gone": ("No longer listed", ~LISTED),
}
SORTS = {
    "name": "name",
    "state": "status",
    "contacts": "lane__contacts_known",
    "duplicate": "lane__rows_duplicate",
    "rejected": "lane__rows_rejected",
    "changed": "changed_at",
}
DEFAULT_SORT = "-changed"


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardFilter:
    """The filters in the address, validated: only values from the lists above reach a query."""

    show: str = ""
    centre: int | None = None
    search: str = ""
    sort: str = DEFAULT_SORT
    page: int = 1

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "BoardFilter":
        sort = query.get("sort", "")
        return cls(
            show=query.get("show", "") if query.get("show", "") in FILTERS else "",
            centre=whole_number(query.get("centre", "")),
            search=" ".join(query.get("q", "").replace("\0", "").split())[:100],
            sort=sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT,
            page=page_number(query.get("page", "")),
        )

    def address(self, **changes: object) -> str:
        """The query of this choice with changes; defaults are left out. Another filter begins at page 1."""
        facts: dict[str, object] = {
            "show": self.show,
            "centre": self.centre,
            "q": self.search,
            "sort": "" if self.sort == DEFAULT_SORT else self.sort,
            "page": 0,
        }
        facts |= changes
        if facts["page"] == 1:
            facts["page"] = 0
        if facts["sort"] == DEFAULT_SORT:
            facts["sort"] = ""
        return "?" + urlencode({name: value for name, value in facts.items() if value})

    @property
    def here(self) -> str:
        return self.address(page=self.page)


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardTab:
    name: str
    count: int
    address: str
    current: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """A sortable column head."""

    name: str
    address: str
    direction: str  # ascending, descending or empty
    css: str = ""
    title: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardRow:
    campaign: Campaign
    chip: Chip
    buttons: list[Button]
    bar: Bar | None  # of what is being sent


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    choice: BoardFilter
    rows: list[BoardRow]
    tabs: list[BoardTab]
    heads: list[Head]
    total: int
    of_all: int
    page: Page[Campaign]
    healths: dict[int, Health]
    connections: list[Connection]
    moves: bool  # a campaign is changing its state

    @property
    def clear_search(self) -> str:
        return self.choice.address(q="")

    @property
    def has_synced(self) -> bool:
        return any(connection.synced_at for connection in self.connections)

    @property
    def max_rows(self) -> int:
        most: int = settings.MAX_ROWS
        return most

    @property
    def silent(self) -> list[tuple[Connection, Health]]:
        """Contact centres without recent data."""
        pairs = [(connection, self.healths[connection.pk]) for connection in self.connections]
        return [(connection, health) for connection, health in pairs if health.out]

    @property
    def refused(self) -> list[tuple[Connection, Health]]:
        """Contact centres that answered, but not with their campaigns."""
        pairs = [(connection, self.healths[connection.pk]) for connection in self.connections]
        return [(connection, health) for connection, health in pairs if health.condition is Condition.LIST_REFUSED]

    @property
    def idle_since(self) -> datetime | None:
        """Since when polling has stopped without a hold: the background worker isn't running."""
        asked = [health.since for health in self.healths.values() if health.is_idle]
        return min((moment for moment in asked if moment), default=None)


def show_board(user: User, choice: BoardFilter, *, at: datetime) -> Board:
    connections = list(Connection.objects.visible_to(user))
    healths = {connection.pk: health_of(connection, at=at) for connection in connections}
    found = _found(user, choice)
    counts = found.aggregate(**{name or "all": Count("pk", filter=condition) for name, (_, condition) in FILTERS.items()})
    total = counts[choice.show or "all"]
    ordered = (
        found.filter(FILTERS[choice.show][1]).order_by(*_order(choice.sort)).select_related("connection__presence", "lane")
    )
    page = page_of(ordered, number=choice.page, size=PAGE_SIZE, url=lambda number: choice.address(page=number), total=total)
    campaigns = page.items
    news = news_of(campaigns, at=at)
    rows = [_row(campaign, healths[campaign.connection_id], news.get(campaign.pk), at) for campaign in campaigns]
    return Board(
        choice=replace(choice, page=page.number),
        rows=rows,
        tabs=_tabs(choice, counts),
        heads=_heads(choice),
        total=total,
        of_all=counts["all"],
        page=page,
        healths=healths,
        connections=connections,
        moves=any(row.chip.moves or row.campaign.lane.sending_state for row in rows),
    )


def matching(user: User, choice: BoardFilter) -> CampaignQuerySet:
    """All campaigns that the filters find, whatever their page."""
    return _found(user, choice).filter(FILTERS[choice.show][1])


def _found(user: User, choice: BoardFilter) -> CampaignQuerySet:
    found = Campaign.objects.visible_to(user)
    if choice.centre is not None:
        found = found.filter(connection_id=choice.centre)
    if choice.search:
        found = found.filter(contains(choice.search, "name") | Q(voiso_id__startswith=choice.search))
    return found


def _order(sort: str) -> list[OrderBy | str]:
    column = SORTS[sort.removeprefix("-")]
    # People look for a name under its letter, whatever its case.
    by = Lower(column) if column == "name" else F(column)
    return [by.desc(), "-pk"] if sort.startswith("-") else [by.asc(), "pk"]


def _row(campaign: Campaign, health: Health, news: Operation | None, at: datetime) -> BoardRow:
    chip = describe(campaign, campaign.connection, at, health)
    if news is not None and not (chip.moves or chip.is_stale):
        chip = replace(chip, cause=in_words(news), tone="bad" if news.status == Operation.Status.REFUSED else "warn")
    return BoardRow(
        campaign=campaign,
        chip=chip,
        buttons=buttons_of(campaign, at=at, health=health),
        bar=bar_of(campaign.lane),
    )


def _tabs(choice: BoardFilter, counts: dict[str, int]) -> list[BoardTab]:
    return [
        BoardTab(name=word, count=counts[name or "all"], address=choice.address(show=name), current=name == choice.show)
        for name, (word, _) in FILTERS.items()
        if name != "gone" or counts["gone"] or choice.show == "gone"
    ]


def _heads(choice: BoardFilter) -> list[Head]:
    columns = [
        ("name", "Campaign", "", ""),
        ("state", "State", "c-state", ""),
        ("contacts", "Contacts", "num", "Known to be in the campaign, from what was sent here"),
        ("duplicate", "Already there", "num", "Was in the campaign before"),
        ("rejected", "Rejected", "num", "Rejected by Voiso"),
        ("", "Sending", "c-push", ""),
        ("changed", "Last change", "num c-when", ""),
    ]
    heads = []
    for key, name, css, title in columns:
        current = choice.sort.removeprefix("-") == key
        down = current and choice.sort.startswith("-")
        # The first click sorts names from A, numbers and times from the largest; a second click reverses the order.
        first = key if key in {"name", "state"} else f"-{key}"
        other = key if down else f"-{key}"
        heads.append(
            Head(
                name=name,
                css=css,
                title=title,
                address=choice.address(sort=other if current else first) if key else "",
                direction=("descending" if down else "ascending") if current else "",
            )
        )
    return heads
