"""Shared parts of the pages of uploads: a line of a list, the head that all states share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from voisoadmin.campaigns.describing import describe
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.connections.health import health_of
from voisoadmin.pushes.models import Counted, Push
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages.buckets import BarPart, bar_parts, bucket_lines, buckets_of, headline
from voisoadmin.uploads.pages.rejects import counted_of
from voisoadmin.uploads.pages.states import Look, State, hold_of, look_of, state_of

STAGES = ("File", "Check and fix", "Send", "Result")
STAGE_OF = {
    State.RECEIVED: 1,
    State.READING: 2,
    State.UNREADABLE: 1,
    State.NEEDS_MAPPING: 2,
    State.CHECKED: 2,
    State.SENDING: 3,
    State.PAUSED: 3,
    State.BLOCKED: 3,
}


def campaign_of(upload: Upload) -> Campaign:
    """The campaign to show for an upload: if its connection was removed, as another connection shows it."""
    if upload.campaign.connection.removed_at is None:
        return upload.campaign
    others = Campaign.objects.filter(lane=upload.campaign.lane_id, connection__removed_at=None)
    return others.select_related("connection", "lane").order_by("pk").first() or upload.campaign


@dataclass(frozen=True, slots=True)
class UploadLine:
    """An upload in a list."""

    upload: Upload
    campaign: Campaign
    state: State
    look: Look
    reason: str
    rows: int | None
    done_words: str
    parts: list[BarPart]
    rejected: int

    @property
    def needs_you(self) -> bool:
        busy = self.upload.campaign.lane.sending_state == Lane.Sending.BUSY
        return self.state in {State.BLOCKED, State.NEEDS_MAPPING} or (self.state == State.SENDING and busy)


def line(upload: Upload, *, at: datetime) -> UploadLine:
    state = state_of(upload, at=at)
    pushes = counted_of(upload)
    buckets = buckets_of(pushes)
    total = sum(buckets.values())
    shown = bucket_lines(buckets, kind=upload.kind, running=True)
    words = {
        State.RECEIVED: "waiting to be checked",
        State.READING: f"{upload.rows_read:,} rows read",
        State.CHECKED: f"{buckets['pending']:,} ready to send",
        State.FINISHED: headline(buckets, upload.kind),
        State.CANCELLED: headline(buckets, upload.kind) if total else "",
    }.get(state, _sent_words(pushes) if upload.stage == Upload.Stage.SENT else "")
    reason = hold_of(upload, at=at) if state == State.BLOCKED else upload.problem
    if state == State.SENDING:
        reason = upload.campaign.lane.sending_reason
    return UploadLine(
        upload=upload,
        campaign=campaign_of(upload),
        state=state,
        look=look_of(upload, state),
        reason=reason,
        rows=upload.rows_of_all,
        done_words=words,
        parts=bar_parts(shown) if upload.stage == Upload.Stage.SENT else [],
        rejected=sum(sum(push.to_fix.values()) for push in pushes),
    )


def _sent_words(pushes: Sequence[Counted]) -> str:
    running = [one for one in pushes if not isinstance(one, Push) or one.state in Push.RUNNING]
    return f"{sum(push.sent for push in running):,} of {sum(push.to_send for push in running):,} sent"


def head(upload: Upload, *, at: datetime) -> dict[str, Any]:
    """The head of every page of an upload."""
    state = state_of(upload, at=at)
    current = STAGE_OF.get(state)
    campaign = campaign_of(upload)
    return {
        "upload": upload,
        "campaign": campaign,
        "state": state.value,
        "look": look_of(upload, state),
        "chip": describe(campaign, campaign.connection, at),
        "health": health_of(campaign.connection, at=at),
        "stages": [
            {"name": name, "number": number, "done": current is None or number < current, "current": number == current}
            for number, name in enumerate(STAGES, start=1)
        ]
        if state != State.CANCELLED and upload.intake_id is None
        else [],
    }
