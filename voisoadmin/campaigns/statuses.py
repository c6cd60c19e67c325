"""Every status of a campaign that Voiso documents: how it looks, what it leads to, and what may be done in it.

Voiso may report a word that isn't here: it is shown as it came, and rules nothing out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from voisoadmin.voiso import Change


class Status(StrEnum):
    DRAFT = "draft"
    PROCESSING = "processing"
    IMPORT_ERROR = "import_error"
    ACTIVE = "active"
    AUTO_PAUSING = "auto_pausing"
    AUTO_PAUSED = "auto_paused"
    PAUSING = "pausing"
    PAUSED = "paused"
    STOPPING = "stopping"
    STOPPED = "stopped"
    COMPLETED = "completed"


class Group(StrEnum):
    """A tab of the board."""

    ACTIVE = "active"
    PAUSED = "paused"
    NOT_STARTED = "draft"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is known of one status."""

    word: str
    glyph: str
    css: str  # is-good, is-busy, is-idle, is-draft, is-warn, is-bad
    fill: str = "s-unknown"  # of the strip that shows a day
    group: Group
    transitional: bool = False
    settles_as: Status | None = None  # the status that follows a transitional one, with the same actor
    by_dialer: bool = False  # the dialer sets it, without a request
    proves: Change | None = None  # the accepted change that has led to it, or if transitional is leading to it
    resumes: bool = False  # the dialer makes it active without a request
    needs_person: bool = False
    refuses: Mapping[Change, str] = field(default_factory=dict)  # the changes that aren't possible, and why


_IMPORTING = dict.fromkeys(Change, "Wait until Voiso has imported its contacts")
_FAILED_IMPORT = dict.fromkeys(Change, "The contact list import failed; fix it in Voiso first")
_UNTIL_PAUSED = dict.fromkeys(Change, "Wait until it is paused")
_UNTIL_STOPPED = dict.fromkeys(Change, "Wait until it is stopped")

STATUSES: dict[str, Facts] = {
    Status.DRAFT: Facts(
        word="Draft",
        glyph="circle-dashed",
        css="is-draft",
        fill="s-stopped",
        group=Group.NOT_STARTED,
        refuses={Change.PAUSE: "A draft can't be paused", Change.STOP: "A draft can't be stopped"},
    ),
    Status.PROCESSING: Facts(
        word="Processing…",
        glyph="loader-2",
        css="is-busy",
        group=Group.NOT_STARTED,
        transitional=True,
        by_dialer=True,
        proves=Change.START,
        resumes=True,
        refuses=_IMPORTING,
    ),
    Status.IMPORT_ERROR: Facts(
        word="Import error",
        glyph="alert-octagon",
        css="is-bad",
        group=Group.NOT_STARTED,
        by_dialer=True,
        needs_person=True,
        refuses=_FAILED_IMPORT,
    ),
    Status.ACTIVE: Facts(
        word="Active",
        glyph="state-active",
        css="is-good",
        fill="s-active",
        group=Group.ACTIVE,
        proves=Change.START,
        refuses={Change.START: "It's already running"},
    ),
    Status.AUTO_PAUSING: Facts(
        word="Auto-pausing…",
        glyph="loader-2",
        css="is-busy",
        fill="s-auto",
        group=Group.PAUSED,
        transitional=True,
        settles_as=Status.AUTO_PAUSED,
        by_dialer=True,
        proves=Change.START,
        resumes=True,
        refuses=_UNTIL_PAUSED,
    ),
    Status.AUTO_PAUSED: Facts(
        word="Auto-paused",
        glyph="clock-pause",
        css="is-warn",
        fill="s-auto",
        group=Group.PAUSED,
        by_dialer=True,
        proves=Change.START,
        resumes=True,
        needs_person=True,
        refuses={Change.START: "It resumes automatically when agents and contacts are there"},
    ),
    Status.PAUSING: Facts(
        word="Pausing…",
        glyph="loader-2",
        css="is-busy",
        fill="s-paused",
        group=Group.PAUSED,
        transitional=True,
        settles_as=Status.PAUSED,
        proves=Change.PAUSE,
        refuses=_UNTIL_PAUSED | {Change.PAUSE: "It's pausing"},
    ),
    Status.PAUSED: Facts(
        word="Paused",
        glyph="state-paused",
        css="is-idle",
        fill="s-paused",
        group=Group.PAUSED,
        proves=Change.PAUSE,
        refuses={Change.PAUSE: "It's already paused"},
    ),
    Status.STOPPING: Facts(
        word="Stopping…",
        glyph="loader-2",
        css="is-busy",
        fill="s-stopped",
        group=Group.ENDED,
        transitional=True,
        settles_as=Status.STOPPED,
        proves=Change.STOP,
        refuses=_UNTIL_STOPPED | {Change.STOP: "It's stopping"},
    ),
    Status.STOPPED: Facts(
        word="Stopped",
        glyph="state-stopped",
        css="is-idle",
        fill="s-stopped",
        group=Group.ENDED,
        proves=Change.STOP,
        refuses={Change.PAUSE: "It's stopped", Change.STOP: "It's already stopped"},
    ),
    Status.COMPLETED: Facts(
        word="Completed",
        glyph="circle-check",
        css="is-idle",
        fill="s-stopped",
        group=Group.ENDED,
        by_dialer=True,
        proves=Change.STOP,
        refuses=dict.fromkeys(Change, "It has completed") | {Change.START: "A completed campaign can't be started again"},
    ),
}

UNKNOWN = Facts(word="Unknown", glyph="help-circle", css="is-draft", group=Group.NOT_STARTED)


def _all(**wanted: object) -> frozenset[str]:
    return frozenset(
        status for status, facts in STATUSES.items() if all(getattr(facts, name) == value for name, value in wanted.items())
    )


TRANSITIONAL = _all(transitional=True)
AT_REST = _all(transitional=False)
BY_THE_DIALER = _all(by_dialer=True)
NEED_A_PERSON = _all(needs_person=True)
RESUMING = _all(resumes=True)
RUNNING = _all(group=Group.ACTIVE) | (_all(group=Group.PAUSED) & BY_THE_DIALER)
"""The dialer switches between these, so none of them is a change by someone else."""

ENDS_IN: dict[Change, frozenset[str]] = {change: _all(proves=change, transitional=False) for change in Change}
ON_THE_WAY: dict[Change, frozenset[str]] = {change: _all(proves=change, transitional=True) for change in Change}
ASSUMED_AFTER = {Change.START: Status.ACTIVE, Change.PAUSE: Status.PAUSED, Change.STOP: Status.STOPPED}
"""The status that an accepted request is assumed to lead to, if Voiso doesn't report it."""


def in_group(group: Group) -> frozenset[str]:
    return _all(group=group)


def settled(status: str) -> str:
    """The status that follows a transitional one; empty if there is none, or it isn't known."""
    facts = STATUSES.get(status)
    return facts.settles_as or "" if facts else ""


def requested_by(status: str) -> Change | None:
    """The change that someone asked for to bring a campaign into this status; None if the dialer did, or it isn't known."""
    facts = STATUSES.get(status)
    return facts.proves if facts and not facts.by_dialer else None


def impossible_in(status: str) -> dict[Change, str]:
    """For each change an empty text, or why it isn't possible in this status. An unknown status rules nothing out."""
    facts = STATUSES.get(status)
    return {change: facts.refuses.get(change, "") if facts else "" for change in Change}
