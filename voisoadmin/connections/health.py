"""When each contact centre last answered, in words: for the sidebar, the board and the campaign's page."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from voisoadmin.connections.models import Connection
from voisoadmin.lib.times import clock_time, exact, relative

HICCUP = timedelta(seconds=15)  # one missed answer isn't silence yet
NOT_ASKED = timedelta(minutes=5)  # polling runs every minute; after five without an attempt it has stopped


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """`out`: the data of this contact centre is old, and it can't be asked for anything."""

    name: str
    glyph: str
    css: str
    said: str  # short, for the sidebar
    sentence: str  # for the head of a page
    exact: str
    out: bool = False
    since: datetime | None = None
    needs_person: bool = False  # needs an administrator
    problem: str = ""

    @property
    def is_idle(self) -> bool:
        """Polling has stopped without a hold: the background worker isn't running."""
        return self.since is not None and not self.out


def last_contact(connection: Connection, *, at: datetime) -> Contact:
    # If the clock was set back, an old answer must not look hours old.
    name, answered = connection.name, connection.answered_at and min(connection.answered_at, at)
    title = f"Answered {exact(answered)}" if answered else "Never answered"
    held = connection.is_held(at)
    Hold = Connection.Hold
    if held and connection.held_kind in {Hold.KEY, Hold.ADDRESS}:
        key = connection.held_kind == Hold.KEY
        return Contact(
            name=name,
            glyph="lock" if key else "ban",
            css="bad",
            said="key refused" if key else "not trusted",
            sentence=f"{name}: {'key refused' if key else 'address not trusted'}",
            exact=title,
            out=True,
            since=answered,
            needs_person=True,
            problem=connection.held_reason,
        )
    if connection.silent_since is not None and (connection.failures > 1 or at - connection.silent_since > HICCUP):
        since = answered or connection.silent_since
        said = f"since {clock_time(since, at=at)}"
        return Contact(
            name=name,
            glyph="cloud-off",
            css="bad",
            said=said,
            sentence=f"No answer {said}",
            exact=title,
            out=True,
            since=since,
            problem=connection.last_problem or connection.held_reason,
        )
    if held and connection.held_until is not None:
        until = f"{timezone.localtime(connection.held_until):%H:%M:%S}"
        return Contact(
            name=name, glyph="clock", css="quiet", said=f"until {until}", sentence=f"Voiso: wait until {until}", exact=title
        )
    if answered is None:
        return Contact(name=name, glyph="ring", css="quiet", said="not yet", sentence="Not connected yet", exact=title)
    if at - answered > NOT_ASKED:
        said = f"{relative(answered, at=at)} ago" if at - answered < timedelta(days=1) else relative(answered, at=at)
        return Contact(
            name=name, glyph="ring", css="warn", said=said, sentence=f"Last answer {said}", exact=title, since=answered
        )
    said = f"{relative(answered, at=at)} ago"
    if connection.last_problem and connection.silent_since is None:
        return Contact(
            name=name,
            glyph="alert-triangle",
            css="warn",
            said=said,
            sentence=f"{name}: {connection.last_problem}",
            exact=title,
            problem=connection.last_problem,
        )
    return Contact(name=name, glyph="dot", css="good", said=said, sentence=f"Voiso answered {said}", exact=title)
