"""The state of an upload as people see it, in one word, and why it waits for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voisoadmin.pushes.models import Intake, Push
from voisoadmin.uploads.models import Upload


class State(StrEnum):
    RECEIVED = "received"
    READING = "reading"
    NEEDS_MAPPING = "needs_mapping"
    CHECKED = "checked"
    SENDING = "sending"
    PAUSED = "paused"
    BLOCKED = "blocked"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Look:
    """How a state looks: its word, the chip's colour and the icon."""

    word: str
    css: str
    icon: str


LOOKS = {
    State.RECEIVED: Look("Waiting to be checked", "is-busy", "loader-2"),
    State.READING: Look("Checking", "is-busy", "loader-2"),
    State.NEEDS_MAPPING: Look("Action needed", "is-warn", "alert-triangle"),
    State.CHECKED: Look("Checked, not sent", "", "circle-dashed"),
    State.SENDING: Look("Sending", "is-busy", "loader-2"),
    State.PAUSED: Look("Paused", "", "state-paused"),
    State.BLOCKED: Look("Action needed", "is-warn", "alert-triangle"),
    State.FINISHED: Look("Finished", "is-good", "circle-check"),
    State.CANCELLED: Look("Cancelled", "", "state-stopped"),
    State.UNREADABLE: Look("Unreadable", "is-bad", "circle-x"),
}

ALL_SENT = Look("All sent", "is-good", "circle-check")


def state_of(upload: Upload, *, at: datetime) -> State:
    """The state people see: until sending the upload's own stage, then that of its pushes and their holds."""
    if upload.stage != Upload.Stage.SENT:
        return State(upload.stage)
    if upload.intake is not None:
        return _state_of_day(upload, upload.intake, at)
    pushes = list(upload.pushes.all())
    open_ones = [push for push in pushes if push.state in {Push.State.SENDING, Push.State.PAUSED}]
    if not open_ones:
        cancelled = all(push.state == Push.State.CANCELLED for push in pushes)
        return State.CANCELLED if pushes and cancelled else State.FINISHED
    if all(push.state == Push.State.PAUSED for push in open_ones):
        return State.BLOCKED if decision_of(upload) else State.PAUSED
    return State.BLOCKED if hold_of(upload, at=at) else State.SENDING


def _state_of_day(upload: Upload, intake: Intake, at: datetime) -> State:
    if not intake.buckets()["pending"]:
        return State.FINISHED
    if intake.inbox.paused_at is not None and not intake.pending:
        return State.PAUSED
    return State.BLOCKED if hold_of(upload, at=at) else State.SENDING


def look_of(upload: Upload, state: State) -> Look:
    # A day of leads isn't known to be over when all of them were sent.
    return ALL_SENT if upload.intake_id is not None and state == State.FINISHED else LOOKS[state]


def hold_of(upload: Upload, *, at: datetime) -> str:
    """Why sending waits for a person, as a sentence; empty if it doesn't. A hold with an end is a wait, not a block."""
    decision = decision_of(upload)
    if decision is not None:
        return decision.paused_reason
    lane, connection = upload.campaign.lane, upload.campaign.connection
    return next((held.held_reason for held in (lane, connection) if held.waits_for_person), "")


def decision_of(upload: Upload) -> Push | None:
    """The push of the upload that is paused until a person decides how it continues."""
    if upload.intake is not None:
        paused = upload.own_pushes().filter(state=Push.State.PAUSED) if upload.intake.pending else Push.objects.none()
        return paused.exclude(paused_reason="").order_by("pk").first()
    return next((p for p in upload.pushes.all() if p.state == Push.State.PAUSED and p.paused_reason), None)
