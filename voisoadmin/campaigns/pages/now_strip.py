"""What happens now, above the list: what is being sent, what needs a person, and the day in figures.

Uploads are above campaigns, so what is known of them is registered in `AppConfig.ready`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.urls import reverse

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.counted import Hour, Sums, days_of_centres
from voisoadmin.campaigns.describing import CAUSE_UNKNOWN, probable_cause
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.campaigns.pages.additions import load
from voisoadmin.campaigns.pages.board_groups import SHOWN, BoardGroup, of_group
from voisoadmin.campaigns.pages.board_rows import read_rows
from voisoadmin.campaigns.pages.failing_parts import apart
from voisoadmin.campaigns.pages.hour_columns import HourColumns
from voisoadmin.campaigns.pages.news import in_words, news_of, with_news
from voisoadmin.campaigns.pages.sending import Bar
from voisoadmin.campaigns.statuses import Status
from voisoadmin.connections.health import Health
from voisoadmin.connections.models import Connection
from voisoadmin.lib.times import relative
from voisoadmin.operations.models import Operation
from voisoadmin.voiso import UnusableAddress, address_of

FLOWS_SHOWN, WANTS_SHOWN = 3, 4
AUTO_PAUSED_FOR = timedelta(minutes=10)  # shorter pauses of the dialer end without help


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """Something that is being sent."""

    name: str  # of the campaign
    file: str
    url: str
    bar: Bar
    rate: str  # `482 a second`, or why it doesn't flow
    ends: str  # `done 14:25`
    pause_url: str  # empty: it can't be paused now
    resume_url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Flows:
    """The longest first. `waiting`: contacts of the uploads that aren't shown."""

    shown: tuple[Flow, ...] = ()
    count: int = 0
    waiting: int = 0
    failed: bool = False

    @property
    def more(self) -> int:
        return self.count - len(self.shown)


@dataclass(frozen=True, kw_only=True, slots=True)
class Want:
    """Something that needs a person, with its one action: a link."""

    name: str
    url: str
    what: str
    glyph: str
    tone: str  # bad, warn or quiet
    label: str
    action_url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Wants:
    shown: tuple[Want, ...] = ()
    count: int = 0
    out: tuple[str, ...] = ()  # contact centres that don't answer: what they want isn't known
    failed: bool = False  # not all could be looked up

    @property
    def more(self) -> int:
        return self.count - len(self.shown)


@dataclass(frozen=True, kw_only=True, slots=True)
class Today:
    sums: Sums
    yesterday: int  # by the same time
    zone: str  # in which the day is counted; empty: each contact centre has another one
    columns: HourColumns

    @property
    def note(self) -> str:
        return f"{self.zone} time" if self.zone else "Each centre's own day"


FlowSource = Callable[[User, datetime], Flows]
WantSource = Callable[[User, int, datetime], tuple[list[Want], int]]
"""The most urgent ones, up to a number, and how many there are. Of the user, a source may only use what it may see: a board is
shared by all who see the same."""

_flows: list[FlowSource] = []
_wants: list[WantSource] = []


def add_flows(source: FlowSource) -> None:
    _flows.append(source)


def add_wants(source: WantSource) -> None:
    _wants.append(source)


def flows_of(user: User, *, at: datetime) -> Flows:
    load()
    return apart("what is being sent", lambda: _flows[0](user, at), Flows(failed=True)) if _flows else Flows()


def wants_of(
    user: User,
    connections: Sequence[Connection],
    healths: dict[int, Health],
    *,
    known: Sequence[Campaign] | None = None,
    at: datetime,
) -> Wants:
    """`known`: the latest campaigns that need attention, if they were read before."""

    def of_campaigns() -> tuple[list[Want], int]:
        campaigns = known if known is not None else _needing(connections)
        campaigns = [one for one in campaigns if not healths[one.connection_id].out and not _is_short_pause(one, at)]
        return [_want(campaign, at) for campaign in campaigns[:WANTS_SHOWN]], len(campaigns)

    load()
    sources = {"campaigns": of_campaigns} | {
        f"wants of {source.__module__}": partial(source, user, WANTS_SHOWN, at) for source in _wants
    }
    found = [apart(name, source, None) for name, source in sources.items()]
    wants = [want for some in found if some for want in some[0]]
    out = tuple(connection.name for connection in connections if healths[connection.pk].out)
    # What is certain goes before what may need a person; within that, campaigns before uploads.
    urgent = sorted(wants, key=lambda want: ("bad", "warn", "quiet").index(want.tone))
    count = sum(some[1] for some in found if some)
    return Wants(shown=tuple(urgent[:WANTS_SHOWN]), count=count, out=out, failed=None in found)


def _needing(connections: Sequence[Connection]) -> list[Campaign]:
    found = Campaign.objects.filter(of_group(BoardGroup.ATTENTION), connection__in=connections)
    latest = with_news(found).select_related("lane").order_by("-changed_at", "-pk")[: SHOWN[BoardGroup.ATTENTION]]
    return read_rows(latest, connections)


def _is_short_pause(campaign: Campaign, at: datetime) -> bool:
    """The dialer often pauses for a moment."""
    since = campaign.status_since
    if campaign.status != Status.AUTO_PAUSED or campaign.failed_operation is not None or campaign.lane.sending_state:
        return False
    return since is not None and timedelta() <= at - since < AUTO_PAUSED_FOR


def _want(campaign: Campaign, at: datetime) -> Want:
    news = news_of(campaign)
    page = reverse("campaigns:detail", args=[campaign.pk])
    glyph, tone, what, label, action = "help-circle", "warn", "", "Open", page
    if news is not None:
        what, label = in_words(news), "Decide"
        glyph, tone = ("circle-x", "bad") if news.status == Operation.Status.REFUSED else ("help-circle", "warn")
    elif campaign.status == Status.IMPORT_ERROR:
        glyph, tone, what = "alert-octagon", "bad", "Contact list import failed. Fix it in Voiso"
    elif campaign.lane.sending_state in {Lane.Sending.BLOCKED, Lane.Sending.BUSY}:
        glyph, what, label = "alert-triangle", campaign.lane.sending_reason or "Sending is blocked", "See uploads"
        action = reverse("uploads:of_campaign", args=[campaign.pk])
    elif campaign.status == Status.AUTO_PAUSED:
        why = probable_cause(campaign, at)
        lasts = f"Auto-paused {relative(campaign.status_since, at=at)}" if campaign.status_since else "Auto-paused"
        glyph, what, label, action = "clock-pause", f"{lasts}. {why}", "See agents", f"{page}#campaign-people"
        tone = "quiet" if why == CAUSE_UNKNOWN else "warn"
    elif campaign.agents_count == 0:
        glyph, what, label, action = "user-plus", "No agent is assigned", "Add agents", f"{page}#campaign-people"
    return Want(name=str(campaign), url=page, what=what, glyph=glyph, tone=tone, label=label, action_url=action)


def today_of(connections: Sequence[Connection], *, at: datetime) -> Today | None:
    """The day of these contact centres, each in its time zone. None: it can't be read."""
    return apart("today", lambda: _today_of(connections, at), None)


def _today_of(connections: Sequence[Connection], at: datetime) -> Today:
    zones: dict[ZoneInfo, set[str]] = {}
    for address, zone in {_address(connection): connection.zone for connection in connections}.items():
        zones.setdefault(zone, set()).add(address)
    days = days_of_centres(zones, at=at)
    hours = _together([hours_of_zone for hours_of_zone, _ in days])
    sums = sum((hour.sums for hour in hours), Sums())
    name = next(iter(zones)).key if len(zones) == 1 else ""
    yesterday = sum(before.accepted for _, before in days)
    return Today(sums=sums, yesterday=yesterday, zone=name, columns=HourColumns(hours=tuple(hours), sums=sums))


def _address(connection: Connection) -> str:
    """Empty: it is invalid, and nothing was ever sent there."""
    try:
        return address_of(connection.base_url)
    except UnusableAddress:
        return ""


def _together(days: list[list[Hour]]) -> list[Hour]:
    """Several days as one, hour by hour as their clocks show them."""
    if len(days) < 2:
        return days[0] if days else []
    sums: dict[str, Sums] = {}
    for day in days:
        for hour in day:
            name = f"{hour.begins:%H}"
            sums[name] = sums.get(name, Sums()) + hour.sums
    longest = max(days, key=lambda day: len({hour.begins.hour for hour in day}))
    one_of_each = {f"{hour.begins:%H}": hour for hour in longest}
    return [Hour(begins=hour.begins, sums=sums[name]) for name, hour in one_of_each.items()]
