"""How a contact centre answers, in words: for the sidebar, the board, the campaign's page and the page of connections."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.utils import timezone

from voisoadmin.connections.models import Connection
from voisoadmin.lib.times import clock_time, exact, relative

HICCUP = timedelta(seconds=15)  # one missed answer isn't silence yet
NOT_ASKED = timedelta(minutes=5)  # polling runs every minute; after five without an attempt it has stopped


class Condition(Enum):
    """What is wrong, the most serious first. Its values: the chip's word, the glyph, the tone."""

    KEY_REFUSED = "Key refused", "lock", "bad"
    NOT_TRUSTED = "Address not trusted", "ban", "bad"
    SILENT = "Not answering", "cloud-off", "bad"
    WAITING = "Waiting", "clock", "quiet"
    NEVER_ANSWERED = "Not connected yet", "ring", "quiet"
    NOT_ASKED = "No recent answer", "ring", "warn"
    LIST_REFUSED = "Partly working", "alert-triangle", "warn"
    ANSWERING = "Connected", "dot", "good"


NEED_A_PERSON = {Condition.KEY_REFUSED: "key refused", Condition.NOT_TRUSTED: "address not trusted"}
_UNTIL = {
    Condition.KEY_REFUSED: "Everything for this contact centre waits until you enter a working key.",
    Condition.NOT_TRUSTED: "Everything for this contact centre waits until a check passes.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    name: str
    condition: Condition
    label: str  # short, for the sidebar
    sentence: str  # for the head of a page
    exact: str
    since: datetime | None = None  # the last answer, if it is old
    until: datetime | None = None  # the next try
    problem: str = ""
    advice: str = ""  # for an administrator

    @property
    def chip(self) -> str:
        return self.condition.value[0]

    @property
    def glyph(self) -> str:
        return self.condition.value[1]

    @property
    def tone(self) -> str:
        """bad, warn, quiet or good"""
        return self.condition.value[2]

    @property
    def chip_css(self) -> str:
        return "is-idle" if self.tone == "quiet" else f"is-{self.tone}"

    @property
    def out(self) -> bool:
        """The data of this contact centre is old, and it can't be asked for anything."""
        return self.condition in {*NEED_A_PERSON, Condition.SILENT}

    @property
    def needs_person(self) -> bool:
        """An administrator must act."""
        return self.condition in NEED_A_PERSON

    @property
    def is_idle(self) -> bool:
        """Polling has stopped without a hold: the background worker isn't running."""
        return self.condition is Condition.NOT_ASKED


def health_of(connection: Connection, *, at: datetime) -> Health:
    # If the clock was set back, an old answer must not look hours old.
    name, answered = connection.name, connection.answered_at and min(connection.answered_at, at)
    title = f"Answered {exact(answered)}" if answered else "Never answered"
    condition = _condition(connection, answered, at)

    def found(label: str, sentence: str, *, since: datetime | None = None, problem: str = "") -> Health:
        until = connection.held_until if connection.is_held(at) else None
        return Health(
            name=name,
            condition=condition,
            label=label,
            sentence=sentence,
            exact=title,
            since=since,
            until=until,
            problem=problem,
            advice=_UNTIL.get(condition, ""),
        )

    problem = connection.last_problem or connection.held_reason
    ago = _ago(answered, at)
    match condition:
        case Condition.KEY_REFUSED | Condition.NOT_TRUSTED:
            words = NEED_A_PERSON[condition]
            return found(words.removeprefix("address "), f"{name}: {words}", since=answered, problem=connection.held_reason)
        case Condition.SILENT:
            since = answered or connection.silent_since
            label = f"since {clock_time(since, at=at)}" if since else ""
            return found(label, f"No answer {label}".strip(), since=since, problem=problem)
        case Condition.WAITING:
            until = f"until {timezone.localtime(connection.held_until):%H:%M:%S}"
            asked = connection.held_kind == Connection.HoldKind.RATE
            return found(until, f"Voiso: wait {until}" if asked else f"Contacts wait {until}", problem=connection.held_reason)
        case Condition.NEVER_ANSWERED:
            return found("not yet", "Not connected yet")
        case Condition.NOT_ASKED:
            return found(ago, f"Last answer {ago}", since=answered)
        case Condition.LIST_REFUSED:
            return found(ago, f"{name}: {connection.last_problem}", problem=connection.last_problem)
    return found(ago, f"Voiso answered {ago}")


def _condition(connection: Connection, answered: datetime | None, at: datetime) -> Condition:
    held = connection.is_held(at)
    if held and connection.held_kind == Connection.HoldKind.KEY:
        return Condition.KEY_REFUSED
    if held and connection.held_kind == Connection.HoldKind.ADDRESS:
        return Condition.NOT_TRUSTED
    silent = connection.silent_since
    if silent is not None and (connection.failures > 1 or at - silent > HICCUP or _check_failed(connection, silent)):
        return Condition.SILENT
    if held and connection.held_until is not None:
        return Condition.WAITING
    if answered is None:
        return Condition.NEVER_ANSWERED
    if at - answered > NOT_ASKED:
        return Condition.NOT_ASKED
    return Condition.LIST_REFUSED if connection.last_problem and silent is None else Condition.ANSWERING


def _check_failed(connection: Connection, since: datetime) -> bool:
    """Whether a person's check found it silent: then it is no hiccup."""
    return connection.check_passed is False and connection.checked_at is not None and connection.checked_at >= since


def _ago(answered: datetime | None, at: datetime) -> str:
    if answered is None:
        return ""
    passed = relative(answered, at=at)
    return f"{passed} ago" if at - answered < timedelta(days=1) else passed
