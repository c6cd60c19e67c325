"""The board: which campaigns, in which order, with which counts, in a handful of queries even for thousands of campaigns."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.pages.board_filter import FILTERS, BoardFilter
from voisoadmin.campaigns.pages.board_groups import SHOWN, BoardGroup, group_of
from voisoadmin.campaigns.pages.board_reading import read_counts, read_latest, read_page
from voisoadmin.campaigns.pages.board_rows import (
    RowView,
    markup_of,
    read_rows,
    rows_of,
    to_show,
    version_of,
)
from voisoadmin.campaigns.pages.bulk_turns import Turn, turns_of
from voisoadmin.campaigns.pages.now_strip import Flows, Today, Wants, flows_of, today_of, wants_of
from voisoadmin.connections.health import Condition, Health, health_of
from voisoadmin.connections.models import Connection
from voisoadmin.lib.paging import Page

MOST_KEPT = 200  # rows of a page on which some are ticked
RARE = (BoardGroup.UNKNOWN, BoardGroup.GONE)  # tabs that are shown only if they have campaigns


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
class GroupView:
    """Some rows under a title, or without one if the rows aren't grouped."""

    word: str = ""
    count: int = 0
    address: str = ""  # the tab of the group
    rows: tuple[RowView, ...] = ()

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


@dataclass(kw_only=True)
class Board:
    user: User
    choice: BoardFilter
    groups: list[GroupView]
    counts: Counter[BoardGroup]
    tabs: list[BoardTab]
    heads: list[Head]
    total: int
    page: Page[Campaign] | None  # None: in groups
    healths: dict[int, Health]
    turns: dict[int, Turn]  # of campaigns that wait in a bulk
    connections: list[Connection]
    moves: bool  # a campaign is changing its state
    at: datetime
    needing: list[Campaign] | None  # the latest that need attention, if they are among the rows
    changed: set[str] = field(default_factory=set)  # parts that replace those of an open page

    @property
    def rows(self) -> list[RowView]:
        return [row for group in self.groups for row in group.rows]

    @property
    def of_all(self) -> int:
        return self.counts.total() - self.counts[BoardGroup.GONE]

    @property
    def every(self) -> int:
        """Seconds between two polls."""
        return 3 if self.moves else 8

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

    @cached_property
    def flows(self) -> Flows:
        return flows_of(self.user, at=self.at)

    @cached_property
    def wants(self) -> Wants:
        known = self.needing
        if known is None and not (self.choice.centre or self.choice.search or self.counts[BoardGroup.ATTENTION]):
            known = []  # the tabs have counted that there are none
        return wants_of(self.user, self.connections, self.healths, known=known, at=self.at)

    @cached_property
    def today(self) -> Today | None:
        return today_of(self.connections, at=self.at)

    def markup(self) -> list[tuple[GroupView, list[SafeString]]]:
        return [(group, [self._markup_of(row) for row in group.rows]) for group in self.groups]

    def changed_rows(self) -> list[SafeString]:
        return [self._markup_of(row, changed=True) for row in self.rows if self.version_of(row) in self.changed]

    def _markup_of(self, row: RowView, *, changed: bool = False) -> SafeString:
        return markup_of(row, self.version_of(row), may_change=self.user.may_change, changed=changed)

    @cached_property
    def looks(self) -> SafeString:
        """What the page posts to have its rows kept fresh."""
        return format_html_join("", '<input type="hidden" name="campaign" value="{}">', ((str(row.pk),) for row in self.rows))

    @cached_property
    def row_versions(self) -> dict[int, str]:
        return {row.pk: row.version for row in self.rows}

    def version_of(self, row: RowView) -> str:
        return self.row_versions.get(row.pk) or row.version

    @cached_property
    def versions(self) -> dict[str, str]:
        """Of every part but the rows, which have their own."""
        groups = [(group.word, group.count, group.address, [row.pk for row in group.rows]) for group in self.groups]
        shown = {
            "poll": (self.every, self.choice, [row.pk for row in self.rows]),
            "tabs": self.tabs,
            "notes": [(connection.name, health) for connection, health in self.silent + self.refused] + [self.idle_since],
            "table": (groups, self.heads, self.total, self.page and (self.page.number, self.page.next_url)),
            "flows": self.flows,
            "wants": self.wants,
            "today": self.today,
        }
        return {name: version_of(name, what) for name, what in shown.items()}


def show_board(user: User, choice: BoardFilter, connections: list[Connection], *, at: datetime) -> Board:
    """`connections`: from `read_connections`."""
    healths = {connection.pk: health_of(connection, at=at) for connection in connections}
    counts = read_counts(user, choice, connections)
    listed = counts.total() - counts[BoardGroup.GONE]
    total = counts[BoardGroup(choice.show)] if choice.show else listed
    page = None
    if choice.is_grouped:
        campaigns = read_latest(user, choice, connections, at=at)
    else:
        page = read_page(user, choice, connections, total, at=at)
        campaigns = list(page.items)
    turns = turns_of(connections)
    rows = rows_of(campaigns, healths, turns, at=at)
    return Board(
        user=user,
        choice=choice if page is None else replace(choice, page=page.number),
        groups=_groups(choice, campaigns, rows, counts) if page is None else [GroupView(rows=tuple(rows))],
        counts=counts,
        tabs=_tabs(choice, counts),
        heads=_heads(choice),
        total=total,
        page=page,
        healths=healths,
        turns=turns,
        connections=connections,
        moves=any(row.chip.moves or row.bar for row in rows),
        at=at,
        needing=_needing(campaigns) if choice == BoardFilter() else None,
    )


def _needing(campaigns: Sequence[Campaign]) -> list[Campaign]:
    return [one for one in campaigns if group_of(one.place, one.lane.sending_state) is BoardGroup.ATTENTION]


def leave_changes(board: Board, shown: set[str], *, kept: Sequence[int] | None) -> None:
    """Find the parts that differ from those an open page shows, by their versions.

    `kept`: while some rows are ticked, the page keeps the rows it has, each in its group, and only what they show changes.
    """
    versions = dict(board.versions)
    if kept is not None:
        for name in ("table", "poll"):
            versions.pop(name)
        board.groups = [GroupView(rows=tuple(_kept_rows(board, kept)))]
    changed = {name for name, version in versions.items() if version not in shown}
    if "table" not in changed:
        changed |= {board.version_of(row) for row in board.rows} - shown
    board.changed = changed


def _kept_rows(board: Board, keys: Sequence[int]) -> list[RowView]:
    known = {row.pk: row for row in board.rows}
    other = [key for key in keys[:MOST_KEPT] if key not in known]
    if other:
        found = to_show(Campaign.objects.visible_to(board.user).filter(pk__in=other), board.connections, at=board.at)
        known |= {row.pk: row for row in rows_of(read_rows(found, board.connections), board.healths, board.turns, at=board.at)}
    return [known[key] for key in keys[:MOST_KEPT] if key in known]


def _groups(
    choice: BoardFilter, campaigns: Sequence[Campaign], rows: Sequence[RowView], counts: Counter[BoardGroup]
) -> list[GroupView]:
    of: dict[BoardGroup, list[RowView]] = {}
    for campaign, row in zip(campaigns, rows, strict=True):
        of.setdefault(group_of(campaign.place, campaign.lane.sending_state), []).append(row)
    groups = [*SHOWN, BoardGroup.NOT_STARTED, BoardGroup.ENDED]
    return [
        GroupView(word=group.word, count=counts[group], address=choice.address(show=group.value), rows=tuple(of.get(group, ())))
        for group in groups
        if counts[group]
    ]


def _tabs(choice: BoardFilter, counts: Counter[BoardGroup]) -> list[BoardTab]:
    return [
        BoardTab(
            name=BoardGroup(name).word if name else "All",
            count=counts[BoardGroup(name)] if name else counts.total() - counts[BoardGroup.GONE],
            address=choice.address(show=str(name)),
            current=name == choice.show,
        )
        for name in FILTERS
        if name not in RARE or counts[BoardGroup(name)] or choice.show == name
    ]


def _heads(choice: BoardFilter) -> list[Head]:
    columns = [
        ("name", "Campaign", "", ""),
        ("state", "State", "c-state", ""),
        (
            "agents",
            "Agents",
            "num c-agents",
            "Assigned, as far as Voiso reports them; and how many may take a call now, where their status is known",
        ),
        ("", "Sent today", "num", "Accepted by Voiso today, from what was sent here, in the contact centre's time zone"),
        ("fix", "To fix", "num c-fix", "Rows that a person can fix"),
        ("sent", "Last upload", "c-push", ""),
    ]
    heads = []
    for key, name, css, title in columns:
        current = bool(key) and choice.sort.removeprefix("-") == key
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
