"""The state of a connection in words, for the page of connections."""

from dataclasses import dataclass
from datetime import datetime

from voisoadmin.connections.models import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    chip: str
    glyph: str
    css: str
    cause: str = ""
    until: datetime | None = None
    needs_person: bool = False


def state_of(connection: Connection, *, at: datetime) -> State:
    if connection.is_held(at):
        return _held(connection)
    if connection.silent_since is not None:
        return State(chip="Not answering", glyph="cloud-off", css="is-bad", cause=connection.last_problem)
    if connection.answered_at is None:
        return State(chip="Not connected yet", glyph="ring", css="is-idle")
    return State(chip="Connected", glyph="circle-check", css="is-good")


def _held(connection: Connection) -> State:
    match connection.held_kind:
        case Connection.Hold.KEY:
            return State(
                chip="Key refused",
                glyph="lock",
                css="is-bad",
                cause=f"{connection.held_reason} Everything for this contact centre waits until you enter a working key.",
                needs_person=True,
            )
        case Connection.Hold.ADDRESS:
            return State(
                chip="Address not trusted",
                glyph="ban",
                css="is-bad",
                cause=f"{connection.held_reason} Everything for this contact centre waits until a check passes.",
                needs_person=True,
            )
        case Connection.Hold.RATE:
            return State(
                chip="Waiting", glyph="clock", css="is-idle", cause=connection.held_reason, until=connection.held_until
            )
    problem = connection.last_problem or connection.held_reason
    return State(chip="Not answering", glyph="cloud-off", css="is-bad", cause=problem, until=connection.held_until)
