"""What the conditions of a rule say of a campaign now. Pure: no clock is read and nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from voisoadmin.campaigns.statuses import STATUSES, Status, impossible_in
from voisoadmin.lib.times import relative
from voisoadmin.rules.occurrences import why_no_start
from voisoadmin.rules.sentence import (
    ASSIGNED,
    CENTRE,
    Accepted,
    Agents,
    AtMostOnce,
    AutoPaused,
    Condition,
    Join,
    Sentence,
    Since,
    Then,
    WaitingContacts,
    Which,
)
from voisoadmin.rules.sentence_words import count_of


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentCount:
    """How many agents have a status, as far as it is known."""

    known: int = 0
    unknown: int = 0  # agents whose status isn't
    read_at: datetime | None = None
    is_fresh: bool = False
    problem: str = ""  # why it can't be known at all


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is stored of one campaign, with its age."""

    status: str = ""
    read_at: datetime | None = None  # of the status
    is_fresh: bool = True
    is_missing: bool = False  # Voiso no longer lists it
    pending: str = ""  # start, pause or stop: requested and not yet confirmed
    problem: str = ""  # why Voiso can't be asked for a change now
    accepted_today: int = 0  # in the rule's zone
    accepted_since_start: int | None = None  # None: no start is known
    waiting: int = 0
    agents: Mapping[tuple[Which, str], AgentCount] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """What the rule remembers of the campaign."""

    was_true: bool | None = None
    holds_since: Mapping[str, datetime] = field(default_factory=dict)  # only of an unbroken row of evaluations
    fired_at: datetime | None = None


class Seen(NamedTuple):
    """One condition, now."""

    holds: bool | None  # None: it isn't known
    text: str
    read_at: datetime | None = None  # None: our own figures, of now
    since: datetime | None = None  # since when it has been so, for conditions that must hold for some time


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """All conditions of a rule for a campaign, now."""

    seen: tuple[Seen, ...]
    conditions: bool | None  # joined; None also where there are none
    truth: bool | None  # with the state of the campaign and, for a start, the hours
    holds_since: dict[str, datetime]
    unknown: str = ""  # why `truth` isn't known

    @property
    def text(self) -> str:
        """What makes it true, or all there is to see."""
        shown = [seen for seen in self.seen if seen.holds] or list(self.seen)
        return "; ".join(seen.text for seen in shown)


def look(sentence: Sentence, facts: Facts, memory: Memory, *, at: datetime) -> Look:
    closed = fails_closed(sentence.then)
    since: dict[str, datetime] = {}
    seen = []
    for place, condition in enumerate(sentence.conditions):
        one = see(condition, facts, at=at, since=memory.holds_since.get(str(place)), fails_closed=closed)
        seen.append(one)
        if one.since is not None:
            since[str(place)] = one.since
    conditions = joined(sentence.join, [one.holds for one in seen]) if seen else None
    in_state, why = _in_state(sentence, facts, at)
    truth = _all([conditions, in_state, *_in_hours(sentence, at)]) if seen else None
    unknown = next((one.text for one in seen if one.holds is None), why)
    return Look(
        seen=tuple(seen),
        conditions=conditions,
        truth=truth,
        holds_since=since,
        unknown=unknown if truth is None else "",
    )


def fails_closed(then: Then) -> bool:
    return then in {Then.START, Then.NOTIFY}


def joined(join: Join, values: Sequence[bool | None]) -> bool | None:
    """`and` and `or` where some aren't known."""
    if join == Join.ALL:
        return _all(values)
    if any(values):
        return True
    return None if None in values else False


def _all(values: Sequence[bool | None]) -> bool | None:
    if False in values:
        return False
    return None if None in values else True


def is_edge(look_now: Look, memory: Memory) -> bool:
    """Whether the conditions have just become true."""
    return look_now.truth is True and memory.was_true is not True


def fired_too_lately(sentence: Sentence, memory: Memory, at: datetime) -> str:
    """Why an edge must not fire: it did within the day or the hour; empty if it may."""
    if memory.fired_at is None or sentence.at_most_once == AtMostOnce.EACH_TIME:
        return ""
    if sentence.at_most_once == AtMostOnce.HOUR:
        return "It already fired within the last hour." if timedelta() <= at - memory.fired_at < timedelta(hours=1) else ""
    zone = sentence.timezone
    same_day = memory.fired_at.astimezone(zone).date() == at.astimezone(zone).date()
    return "It already fired today." if same_day else ""


# Conditions


def see(condition: Condition, facts: Facts, *, at: datetime, since: datetime | None, fails_closed: bool) -> Seen:
    """`since`: when it was first seen to hold, without a gap up to now."""
    match condition:
        case Accepted():
            return _accepted(condition, facts)
        case WaitingContacts():
            text = f"{count_of(facts.waiting, 'contact')} {'waits' if facts.waiting == 1 else 'wait'} here"
            return Seen(facts.waiting < condition.fewer_than, text)
        case Agents():
            return _agents(condition, facts, at=at, since=since, fails_closed=fails_closed)
        case AutoPaused():
            return _auto_paused(condition, facts, at=at, since=since, fails_closed=fails_closed)
    raise TypeError(condition)


def _accepted(condition: Accepted, facts: Facts) -> Seen:
    today = condition.since == Since.TODAY
    count = facts.accepted_today if today else facts.accepted_since_start
    when = "today" if today else "since the last start"
    if count is None:
        return Seen(False, "No start of it is known yet")
    return Seen(count >= condition.at_least, f"{count:,} of {condition.at_least:,} contacts accepted {when}")


def _agents(condition: Agents, facts: Facts, *, at: datetime, since: datetime | None, fails_closed: bool) -> Seen:
    count = facts.agents.get((condition.which, condition.of)) or AgentCount()
    if count.problem:
        return Seen(None, count.problem)
    if count.read_at is None:
        return Seen(None, "The status of the agents isn't known yet")
    if fails_closed and not count.is_fresh:
        return Seen(None, f"Voiso last reported the status of agents {relative(count.read_at, at=at)} ago", count.read_at)
    least, most = condition.holds_for(count.known), condition.holds_for(count.known + count.unknown)
    whose = {
        ASSIGNED: count_of(count.known, "assigned agent"),
        CENTRE: f"{count_of(count.known, 'agent')} of the contact centre",
    }.get(condition.of, f"{count_of(count.known, 'agent')} of the team")
    does = "waiting for the Dialer" if condition.which == Which.WAITING else "available"
    text = f"{whose} {does}"
    if least != most:
        return Seen(None, f"{text}; {count.unknown:,} more unknown", count.read_at)
    return _lasting(least, text, condition.minutes, at=at, since=since, read_at=count.read_at)


def _auto_paused(condition: AutoPaused, facts: Facts, *, at: datetime, since: datetime | None, fails_closed: bool) -> Seen:
    if fails_closed and not facts.is_fresh:
        return Seen(None, how_old(facts, at), facts.read_at)
    holds = facts.status == Status.AUTO_PAUSED
    text = "Auto-paused" if holds else "Not auto-paused"
    return _lasting(holds, text, condition.minutes, at=at, since=since, read_at=facts.read_at)


def _lasting(holds: bool, text: str, minutes: int, *, at: datetime, since: datetime | None, read_at: datetime | None) -> Seen:
    if not holds:
        return Seen(False, text, read_at)
    since = since if since is not None and since <= at else at
    lasted = at - since
    if lasted < timedelta(minutes=minutes):
        return Seen(False, f"{text}, for {relative(since, at=at)} of {minutes} min", read_at, since)
    return Seen(True, f"{text} for {relative(since, at=at)}" if minutes else text, read_at, since)


# The campaign's state, and what else decides


def _in_state(sentence: Sentence, facts: Facts, at: datetime) -> tuple[bool | None, str]:
    """Whether the campaign is in a state in which the rule's conditions make it act, and why that isn't known."""
    then = sentence.then
    if fails_closed(then) and (sentence.states or then == Then.START):
        if not facts.is_fresh:
            return None, how_old(facts, at)
        if not facts.status:
            return None, "Voiso doesn't report the campaign's state"
    if facts.pending:
        return None, f"A {facts.pending} of it isn't confirmed yet"
    return not why_not_in(sentence, then, facts.status), ""


def why_not_in(sentence: Sentence, then: Then, status: str) -> str:
    """Why nothing is to be done in this state; empty if the rule acts in it."""
    word = STATUSES[status].word if status in STATUSES else status or "Unknown"
    if sentence.states and status not in sentence.states:
        return f"Its state is {word}."
    change = then.change
    reason = impossible_in(status)[change] if change is not None else ""
    return f"{reason}." if reason else ""


def _in_hours(sentence: Sentence, at: datetime) -> list[bool]:
    return [not why_no_start(sentence, at)] if sentence.then == Then.START else []


def how_old(facts: Facts, at: datetime) -> str:
    if facts.read_at is None:
        return "Voiso has not answered yet"
    return f"Voiso last answered {relative(facts.read_at, at=at)} ago"
