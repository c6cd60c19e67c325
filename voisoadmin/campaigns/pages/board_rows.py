"""The rows of the board: everything a row shows as plain values, so that its version and its markup follow from them."""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from hashlib import blake2b
from secrets import token_hex

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from voisoadmin.campaigns.buttons import Button, buttons_of
from voisoadmin.campaigns.counted import accepted_of, day_of, with_accepted_today
from voisoadmin.campaigns.describing import Chip, describe, since_words
from voisoadmin.campaigns.models import Campaign, CampaignQuerySet
from voisoadmin.campaigns.pages.agents_now import AgentsNow, agents_now, are_agents_known, with_agents
from voisoadmin.campaigns.pages.bulk_turns import Turn
from voisoadmin.campaigns.pages.failing_parts import apart
from voisoadmin.campaigns.pages.news import in_words, news_of, with_news
from voisoadmin.campaigns.pages.sending import Bar, bar_of
from voisoadmin.campaigns.statuses import Status
from voisoadmin.connections.health import Health
from voisoadmin.connections.models import Connection
from voisoadmin.lib.times import relative
from voisoadmin.operations.models import Operation

_INDENTS = re.compile(r"\n\s+")
# A field that is left out costs a separate query, should a row need it after all.
_SHOWN = (
    *("connection", "voiso_id", "name", "live", "place", "agents_count", "agents_counted_at", "missing_since"),
    *("status", "status_source", "status_since", "status_by", "cause"),
    *("pending_operation", "pending_since", "failed_operation"),
    *("lane__contacts_known", "lane__contacts_added", "lane__last_push_at", "lane__rows_to_fix"),
    *("lane__sending_state", "lane__sending_rows", "lane__sending_done", "lane__sending_seconds", "lane__sending_reason"),
)
KEPT_ROWS = 2000  # rendered, by their values
_VERSION, _LAST_SENT = (f"{name}-{token_hex(8)}" for name in ("version", "last-sent"))  # not to be guessed by a name


@dataclass(frozen=True, kw_only=True, slots=True)
class RowView:
    """A row as it is shown. The template gets nothing else, and the same values always give the same markup."""

    pk: int
    voiso_id: str
    name: str
    centre: str
    is_not_live: bool
    status_shown: str
    chip: Chip
    agents: int | None  # assigned; None: not reported
    agents_now: AgentsNow | None
    sent_today: int | None  # None: nothing was ever sent from here
    sent_title: str
    to_fix: int | None
    bar: Bar | None  # of what is being sent
    last_sent_at: datetime | None
    last_sent: str = field(compare=False)  # as it grows older, the rest of the row is still kept
    buttons: tuple[Button, ...]

    @property
    def version(self) -> str:
        return version_of("row", self)

    @property
    def possible(self) -> list[Button]:
        return [button for button in self.buttons if not button.reason]


def version_of(name: str, shown: object) -> str:
    """Changes with anything in the repr of what is shown."""
    return blake2b(f"{name} {shown!r}".encode(), digest_size=5).hexdigest()


def markup_of(row: RowView, version: str, *, may_change: bool, changed: bool = False) -> SafeString:
    """The row as HTML, for every user alike: a token is in the form around all rows. `changed`: it replaces the one shown."""
    html = _kept_markup(row, may_change=may_change, changed=changed)
    return mark_safe(html.replace(_VERSION, version).replace(_LAST_SENT, row.last_sent))  # our own words


@lru_cache(maxsize=KEPT_ROWS)
def _kept_markup(row: RowView, *, may_change: bool, changed: bool) -> str:
    """With marks for what differs between rows that are equal."""
    context = {"row": row, "version": _VERSION, "last_sent": _LAST_SENT, "may_change": may_change, "changed": changed}
    return _INDENTS.sub("\n", get_template("campaigns/board_row.html").render(context))


def to_show(campaigns: CampaignQuerySet, connections: Sequence[Connection], *, at: datetime) -> CampaignQuerySet:
    """Campaigns of these connections with all that their rows show, in one query. `read_rows` reads them."""
    found = with_news(campaigns).select_related("lane").only(*_SHOWN).filter(connection__in=connections)
    found = with_agents(found, connections, at=at)
    return with_accepted_today(found, connections, at=at) if connections else found.none()


def days_and_agents(connections: Sequence[Connection], *, at: datetime) -> Hashable:
    """What `to_show` follows from, beside the campaigns."""
    days = tuple((connection.pk, *day_of(connection.zone, at=at)) for connection in connections)
    return days, are_agents_known(connections, at=at)


def read_rows(found: Iterable[Campaign], connections: Sequence[Connection]) -> list[Campaign]:
    """Campaigns of `to_show`, each with its connection as it was read before: it would be read once for each row."""
    by_key = {connection.pk: connection for connection in connections}
    campaigns = list(found)
    for campaign in campaigns:
        campaign.connection = by_key[campaign.connection_id]
    return campaigns


def rows_of(
    campaigns: Iterable[Campaign], healths: dict[int, Health], turns: Mapping[int, Turn], *, at: datetime
) -> list[RowView]:
    """Of campaigns that were read with `to_show`. `turns`: of those that wait in a bulk."""
    return [
        apart(
            f"the row of campaign {campaign.pk}",
            partial(_row, campaign, healths[campaign.connection_id], turns.get(campaign.pk), at=at),
            None,
        )
        or _unreadable_row(campaign)
        for campaign in campaigns
    ]


def _unreadable_row(campaign: Campaign) -> RowView:
    """Nothing but its name: something that is stored of it can't be read."""
    return RowView(
        pk=campaign.pk,
        voiso_id=campaign.voiso_id,
        name=str(campaign),
        centre=campaign.connection.name,
        is_not_live=False,
        status_shown=campaign.status_shown,
        chip=Chip(glyph="help-circle", css="is-draft", word="Unreadable", cause="The log says why"),
        agents=None,
        agents_now=None,
        sent_today=None,
        sent_title="",
        to_fix=None,
        bar=None,
        last_sent_at=None,
        last_sent="",
        buttons=(),
    )


def _row(campaign: Campaign, health: Health, turn: Turn | None, *, at: datetime) -> RowView:
    lane, sent_at = campaign.lane, campaign.lane.last_push_at
    return RowView(
        pk=campaign.pk,
        voiso_id=campaign.voiso_id,
        name=str(campaign),
        centre=campaign.connection.name,
        is_not_live=campaign.live is False,
        status_shown=campaign.status_shown,
        chip=_chip(campaign, health, turn, at),
        agents=campaign.agents_count,
        agents_now=agents_now(campaign, at),
        sent_today=accepted_of(campaign) if sent_at else None,
        sent_title=f"Accepted by Voiso today, {campaign.connection.zone.key} time",
        to_fix=lane.rows_to_fix if sent_at else None,
        bar=bar_of(lane),
        last_sent_at=sent_at,
        last_sent=_ago(sent_at, at),
        buttons=tuple(buttons_of(campaign, at=at, health=health)),
    )


def _ago(moment: datetime | None, at: datetime) -> str:
    """By the minute, so that a row doesn't change with every poll: `just now`, `25 min ago`, `19 Nov`."""
    if moment is None:
        return ""
    if abs(at - moment) < timedelta(minutes=1):
        return "just now"
    words = relative(moment, at=at)
    return f"{words} ago" if abs(at - moment) < timedelta(days=1) else words


def _chip(campaign: Campaign, health: Health, turn: Turn | None, at: datetime) -> Chip:
    chip = describe(campaign, campaign.connection, at, health)
    if chip.moves or chip.is_stale:
        return chip
    if turn is not None:
        return replace(chip, cause=turn.in_words, tone="")
    news = news_of(campaign)
    if news is not None:
        return replace(chip, cause=in_words(news), tone="bad" if news.status == Operation.Status.REFUSED else "warn")
    if campaign.status == Status.ACTIVE and campaign.status_source != Campaign.Source.INFERRED:
        return replace(chip, cause=since_words(campaign, at))  # agents have a column here
    return chip
