"""What is stored of the last days: states, accepted contacts and agents' statuses of campaigns, moment by moment.

A moment is a point where something that a rule asks for may change. What wasn't recorded isn't known then.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import accumulate
from operator import attrgetter, itemgetter
from typing import TypeVar

from voisoadmin.assignments.models import PeopleList
from voisoadmin.campaigns.counted import QUARTER, quarter_of
from voisoadmin.campaigns.models import AgentPresence, Campaign, CampaignState, Cause, Presence, QuarterHour
from voisoadmin.campaigns.statuses import BY_THE_DIALER, Status
from voisoadmin.connections.models import Connection
from voisoadmin.pushes.models import Call
from voisoadmin.rules.models import AgentChange, PresenceSpan, Rule
from voisoadmin.rules.rule_conditions import AgentCount, Facts
from voisoadmin.rules.sentence import ASSIGNED, CENTRE, Accepted, Agents, Sentence, Since, Which
from voisoadmin.rules.stored_facts import GROUPS, NOT_LOADED, NOT_REPORTED, agents_meant

MOST_CALLS = 20_000  # of one campaign; with more, the accepted contacts are known by the quarter of an hour


@dataclass(frozen=True, slots=True)
class Known:
    """The agents of one condition from a moment on; None: not known."""

    at: datetime
    count: AgentCount | None


@dataclass
class CampaignHistory:
    """All about one campaign that one sentence asks for."""

    states: Sequence[CampaignState]  # the earliest first
    accepted: Sequence[tuple[datetime, int]] = ()  # when, and how many at once
    agents: Mapping[tuple[Which, str], Sequence[Known]] = field(default_factory=dict)

    def status_at(self, at: datetime) -> CampaignState | None:
        return _latest(self.states, at, key=_since)

    def held_by(self, at: datetime) -> str:
        """Who paused or stopped it, of people, since a person last started it; empty if no one did."""
        state = _latest(self._by_people, at, key=_since)
        if state is None or state.status == Status.ACTIVE:
            return ""
        return state.by or "Someone in Voiso"

    def facts_at(self, sentence: Sentence, at: datetime) -> Facts:
        state = self.status_at(at)
        found = {key: known for key, all_of in self.agents.items() if (known := _latest(all_of, at, key=_at)) is not None}
        return Facts(
            status=state.status if state else "",
            read_at=at if state else None,
            is_fresh=state is not None,
            accepted_today=self._accepted_today(sentence, at),
            accepted_since_start=self._accepted_since_start(at),
            agents={key: known.count for key, known in found.items() if known.count is not None},
        )

    def moments(self) -> list[datetime]:
        changes = [known.at for all_of in self.agents.values() for known in all_of]
        return [state.since for state in self.states] + [at for at, _ in self.accepted] + changes

    def _accepted_today(self, sentence: Sentence, at: datetime) -> int:
        zone = sentence.timezone
        return self._accepted_between(datetime.combine(at.astimezone(zone).date(), datetime.min.time(), zone), at)

    def _accepted_since_start(self, at: datetime) -> int | None:
        start = _latest(self._starts, at, key=_since)
        return self._accepted_between(start.since, at) if start else None

    def _accepted_between(self, begin: datetime, end: datetime) -> int:
        """Both included."""
        first, last = bisect_left(self.accepted, begin, key=_when), bisect_right(self.accepted, end, key=_when)
        return self._sums[last] - self._sums[first]

    # A week may have thousands of moments, each of which asks for these.

    @cached_property
    def _by_people(self) -> list[CampaignState]:
        return [state for state in self.states if _by_person(state)]

    @cached_property
    def _starts(self) -> list[CampaignState]:
        return [state for state in self.states if _is_start(state)]

    @cached_property
    def _sums(self) -> list[int]:
        return list(accumulate((count for _, count in self.accepted), initial=0))


Item = TypeVar("Item")
_since, _at, _when = attrgetter("since"), attrgetter("at"), itemgetter(0)


def _latest(items: Sequence[Item], at: datetime, *, key: Callable[[Item], datetime]) -> Item | None:
    place = bisect_right(items, at, key=key)
    return items[place - 1] if place else None


def _is_start(state: CampaignState) -> bool:
    """As the live rule sees it: of earlier starts isn't known how many contacts had been accepted."""
    automatic = state.cause in (Cause.CONTINUED, Cause.FIRST_SEEN)
    return state.status == Status.ACTIVE and not automatic and state.accepted_before is not None


def _by_person(state: CampaignState) -> bool:
    if state.status not in (Status.ACTIVE, Status.PAUSED, Status.STOPPED):
        return False
    if state.by:
        return not state.by.startswith(Rule.LABEL)
    return state.cause == Cause.ELSEWHERE and state.status not in BY_THE_DIALER


def load_history(
    sentence: Sentence, campaigns: Collection[Campaign], *, begin: datetime, at: datetime
) -> dict[int, CampaignHistory]:
    """Of each campaign, from a day before `begin`, for what a day's contacts are counted from."""
    states = _states(campaigns, begin)
    histories = {campaign.pk: CampaignHistory(states[campaign.pk]) for campaign in campaigns}
    if any(isinstance(one, Accepted) for one in sentence.conditions):
        earliest = begin - timedelta(days=1)
        if any(isinstance(one, Accepted) and one.since == Since.START for one in sentence.conditions):
            starts = [state.since for rows in states.values() for state in rows if _is_start(state) and state.since <= begin]
            earliest = min([earliest, *starts])
        for campaign in campaigns:
            histories[campaign.pk].accepted = _accepted(campaign.lane_id, earliest, at)
    _add_agents(histories, sentence, campaigns, begin, at)
    return histories


def _states(campaigns: Collection[Campaign], begin: datetime) -> dict[int, list[CampaignState]]:
    found: dict[int, list[CampaignState]] = defaultdict(list)
    rows = CampaignState.objects.filter(campaign__in=[campaign.pk for campaign in campaigns]).order_by("since", "pk")
    for row in rows:
        found[row.campaign_id].append(row)
    return found


def _accepted(lane: int, begin: datetime, at: datetime) -> list[tuple[datetime, int]]:
    """Quarter by quarter as they are counted, each as its requests were answered."""
    quarters = QuarterHour.objects.filter(lane=lane, began_at__gte=quarter_of(begin), began_at__lte=at).order_by("began_at")
    calls: dict[datetime, list[tuple[datetime, int]]] = defaultdict(list)
    answered = Call.objects.filter(
        lane=lane, started_at__gte=begin - QUARTER, finished_at__gte=begin, finished_at__lte=at, outcome=Call.Result.ANSWERED
    )
    for finished_at, named in answered.order_by("-finished_at").values_list("finished_at", "named")[:MOST_CALLS]:
        count = _whole(named.get("added")) + _whole(named.get("unattributed"))
        if finished_at is not None and count:
            calls[quarter_of(finished_at)].append((finished_at, count))
    found = []
    for quarter in quarters:
        left = quarter.added + quarter.unattributed
        for finished_at, count in sorted(calls[quarter.began_at]):
            some = min(count, left)
            found.append((finished_at, some))
            left -= some
        if left:
            found.append((min(at, quarter.began_at + QUARTER - timedelta(seconds=1)), left))
    return sorted((when, count) for when, count in found if count)


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


# Agents


def _add_agents(
    histories: Mapping[int, CampaignHistory], sentence: Sentence, campaigns: Collection[Campaign], begin: datetime, at: datetime
) -> None:
    conditions = [one for one in sentence.conditions if isinstance(one, Agents)]
    if not conditions:
        return
    spans = _spans({campaign.connection_id for campaign in campaigns}, begin, at)
    connections = {campaign.connection_id: campaign.connection for campaign in campaigns}
    asked = {(_key(campaign, one.of), one.of) for campaign in campaigns for one in conditions if one.of != CENTRE}
    whose = agents_meant(asked, set(connections), connections)
    listed = set(
        PeopleList.objects.filter(campaign__in=list(histories), listed_at__isnull=False).values_list("campaign", flat=True)
    )
    fresh_for = {pk: _fresh_for(connection) for pk, connection in connections.items()}
    for campaign in campaigns:
        says_who_waits = campaign.connection.capabilities.says_who_waits
        agents = {}
        for one in conditions:
            key = (one.which, one.of)
            if one.which == Which.WAITING and not says_who_waits:
                agents[key] = [Known(begin, AgentCount(problem=NOT_REPORTED))]
                continue
            who = None if one.of == CENTRE else whose.get((_key(campaign, one.of), one.of), set())
            if one.of == ASSIGNED and not who and campaign.pk not in listed and campaign.connection.capabilities.lists_agents:
                agents[key] = [Known(begin, AgentCount(problem=NOT_LOADED))]
                continue
            agents[key] = list(_known(spans.get(campaign.connection_id, []), one, who, fresh_for[campaign.connection_id]))
        histories[campaign.pk].agents = agents


def _key(campaign: Campaign, of: str) -> int:
    return campaign.pk if of == ASSIGNED else campaign.connection_id


def _spans(connections: set[int], begin: datetime, at: datetime) -> dict[int, list[tuple[PresenceSpan, list[AgentChange]]]]:
    spans = list(PresenceSpan.objects.filter(connection__in=connections, end__gte=begin, begin__lte=at).order_by("begin", "pk"))
    changes: dict[int, list[AgentChange]] = defaultdict(list)
    for change in AgentChange.objects.filter(span__in=[span.pk for span in spans], at__lte=at).order_by("at", "pk").iterator():
        changes[change.span_id].append(change)
    found: dict[int, list[tuple[PresenceSpan, list[AgentChange]]]] = defaultdict(list)
    for span in spans:
        found[span.connection_id].append((span, changes[span.pk]))
    return found


def _fresh_for(connection: Connection) -> timedelta:
    """How long a status decides after it was read, at the pace of now."""
    presence = Presence.of(connection)
    return timedelta(seconds=2 * presence.every_seconds) if presence else timedelta(minutes=1)


def _known(
    spans: Sequence[tuple[PresenceSpan, list[AgentChange]]],
    condition: Agents,
    who: Collection[str] | None,
    fresh_for: timedelta,
) -> Iterable[Known]:
    """How many agents have the status, wherever that changes what the condition says; after the end of a span it is too old."""
    wanted = GROUPS[condition.which]
    for nth, (span, changes) in enumerate(spans):
        groups: dict[str, str] = {} if who is None else dict.fromkeys(who, AgentPresence.Group.UNKNOWN)
        said: tuple[bool, bool] | None = None
        count = AgentCount()
        for place, change in enumerate(changes):
            if who is None or change.who in groups:
                groups[change.who] = change.group
            is_last_of_moment = place + 1 == len(changes) or changes[place + 1].at != change.at
            if not is_last_of_moment:
                continue
            known = sum(group == wanted for group in groups.values())
            unknown = sum(group == AgentPresence.Group.UNKNOWN for group in groups.values())
            count = AgentCount(known=known, unknown=unknown, read_at=change.at, is_fresh=True)
            says = (condition.holds_for(known), condition.holds_for(known + unknown))
            if says != said:
                said = says
                yield Known(change.at, count)
        too_old = span.end + fresh_for + timedelta(seconds=1)
        if nth + 1 == len(spans) or spans[nth + 1][0].begin > too_old:
            yield Known(too_old, replace(count, is_fresh=False))
