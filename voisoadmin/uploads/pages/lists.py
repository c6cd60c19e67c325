"""Shared parts of the pages of uploads: a line of a list, the head that all states share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from secrets import token_hex
from typing import Any

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from voisoadmin.campaigns.describing import describe
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.connections.health import health_of
from voisoadmin.lib.templatetags.ui import when
from voisoadmin.pushes.models import Counted, Push
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages.buckets import BarPart, bar_parts, bucket_lines, buckets_of, headline
from voisoadmin.uploads.pages.rejects import counted_of
from voisoadmin.uploads.pages.states import Look, State, hold_of, look_of, state_of

KEPT_LINES = 2000  # rendered, by their values
_RECEIVED = f"received-{token_hex(8)}"  # not to be guessed by a file's name
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


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadLine:
    """An upload in a list, as plain values: the template gets nothing else, and equal lines have the same markup."""

    pk: int
    file_name: str
    by_label: str
    campaign: int
    campaign_name: str
    look: Look
    reason: str
    needs_you: bool
    rows: int | None
    done_words: str
    parts: tuple[BarPart, ...]
    to_fix: int
    received_at: datetime = field(compare=False)  # as it grows older, the rest of the line is still kept


def line(upload: Upload, *, at: datetime) -> UploadLine:
    state, lane, campaign = state_of(upload, at=at), upload.campaign.lane, campaign_of(upload)
    pushes = counted_of(upload)
    buckets = buckets_of(pushes)
    total = sum(buckets.values())
    words = {
        State.RECEIVED: "waiting to be checked",
        State.READING: f"{upload.rows_read:,} rows read",
        State.CHECKED: f"{buckets['pending']:,} ready to send",
        State.FINISHED: headline(buckets, upload.kind),
        State.CANCELLED: headline(buckets, upload.kind) if total else "",
    }.get(state, _sent_words(pushes) if upload.stage == Upload.Stage.SENT else "")
    reason = hold_of(upload, at=at) if state == State.BLOCKED else upload.problem
    if state == State.SENDING:
        reason = lane.sending_reason
    shown = bucket_lines(buckets, kind=upload.kind, running=True) if upload.stage == Upload.Stage.SENT else []
    is_busy = state == State.SENDING and lane.sending_state == Lane.Sending.BUSY
    return UploadLine(
        pk=upload.pk,
        file_name=upload.file_name,
        by_label=upload.by_label,
        campaign=campaign.pk,
        campaign_name=str(campaign),
        look=look_of(upload, state),
        reason=reason,
        needs_you=state in {State.BLOCKED, State.NEEDS_MAPPING} or is_busy,
        rows=upload.rows_of_all,
        done_words=words,
        parts=tuple(bar_parts(shown)),
        to_fix=sum(sum(push.to_fix.values()) for push in pushes),
        received_at=upload.received_at,
    )


def lines(uploads: Iterable[Upload], *, at: datetime, with_campaign: bool) -> list[SafeString]:
    """As HTML, for every user alike."""
    found = [line(upload, at=at) for upload in uploads]
    return [
        mark_safe(_kept_markup(one, with_campaign).replace(_RECEIVED, when(one.received_at, "ago", at)))  # our own words
        for one in found
    ]


@lru_cache(maxsize=KEPT_LINES)
def _kept_markup(shown: UploadLine, with_campaign: bool) -> str:
    """With a mark for its age."""
    context = {"line": shown, "with_campaign": with_campaign, "received": _RECEIVED}
    return get_template("uploads/line.html").render(context)


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
