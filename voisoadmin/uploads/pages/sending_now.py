"""Uploads above the list of campaigns: those that are being sent, and those that wait for a person."""

from datetime import datetime

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.urls import reverse

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Lane
from voisoadmin.campaigns.pages.now_strip import FLOWS_SHOWN, Flow, Flows, Want, add_flows, add_wants
from voisoadmin.campaigns.pages.sending import WORDS, Bar
from voisoadmin.lib.kept_queries import KeptQueries
from voisoadmin.lib.times import clock_time, relative
from voisoadmin.pushes import pacing
from voisoadmin.pushes.counters import later, seconds_left
from voisoadmin.pushes.models import Push
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages import leads_now

MOST = 200  # uploads that are sent at once
_UPLOAD = "upload_facts"
_queries = KeptQueries()
_FACTS = (
    *("state", "pending", "reasons", "batches_total", "batches_done", "paused_reason"),
    *("lane__sending_state", "lane__sending_reason", "lane__answer_milliseconds", "lane__next_call_at"),
    *("campaign__name", "campaign__voiso_id", "campaign__connection__held_reason", "campaign__connection__held_until"),
)


def flows(user: User, at: datetime) -> Flows:
    pushes = _queries.rows(("flows", user.sight), lambda: _running(user))
    shown = pushes[:FLOWS_SHOWN]
    found = tuple(_flow(push, **upload, at=at) for push in shown if (upload := getattr(push, _UPLOAD)))
    waiting = leads_now.waiting_leads(user, at)
    leads = waiting[: FLOWS_SHOWN - len(shown)]
    return Flows(
        shown=(*found, *leads_now.flows(leads, at)),
        count=len(pushes) + len(waiting),
        waiting=sum(push.pending for push in pushes[len(shown) :]) + sum(one.inbox.waiting for one in waiting[len(leads) :]),
    )


def _running(user: User) -> QuerySet[Push]:
    """The longest first."""
    running = Push.objects.running().visible_to(user).filter(origin=Push.Origin.UPLOAD)
    longest = running.select_related("lane", "campaign__connection").order_by(
        F("lane__sending_seconds").desc(nulls_last=True), "confirmed_at", "pk"
    )
    return longest.only(*_FACTS).annotate(**{_UPLOAD: _upload_of_push()})[:MOST]


def _upload_of_push() -> Coalesce:
    """The upload to which a push belongs, itself or with its day of leads."""
    own, of_day = Upload.objects.filter(pushes=OuterRef("pk")), Upload.objects.filter(intake=OuterRef("intake"))
    named = JSONObject(upload="pk", file="file_name")
    return Coalesce(*(Subquery(some.order_by().values(named=named)[:1]) for some in (own, of_day)))


def _flow(push: Push, upload: int, file: str, *, at: datetime) -> Flow:
    lane, state, held = push.lane, Lane.Sending(push.lane.sending_state), push.campaign.connection
    if held.is_held(at):
        state = Lane.Sending.BLOCKED if held.waits_for_person else Lane.Sending.WAITING
    flows_now, is_paused = state == Lane.Sending.SENDING, push.state == Push.State.PAUSED
    left = seconds_left(lane, [push]) if flows_now and not is_paused else None
    ends = later(at, left)
    return Flow(
        name=str(push.campaign),
        file=file,
        url=reverse("uploads:detail", args=[upload]),
        bar=Bar(
            done=push.sent,
            rows=push.to_send,
            word="",
            title="",
            tone="quiet",
            fill="b-progress" if flows_now and not is_paused else "b-held",
            reason="",
        ),
        rate=_rate(push) if flows_now and not is_paused else "paused" if is_paused else WORDS.get(state, ""),
        ends=f"done {clock_time(ends, at=at)}" if ends else push.paused_reason or held.held_reason or lane.sending_reason,
        pause_url="" if is_paused else reverse("uploads:pause", args=[upload]),
        resume_url=reverse("uploads:resume", args=[upload]) if is_paused and not push.paused_reason else "",
    )


def _rate(push: Push) -> str:
    rows = push.to_send / push.batches_total if push.batches_total else 0
    return f"{rows / pacing.seconds_for(1, push.lane.answer_milliseconds):,.0f} a second"


def wants(user: User, most: int, at: datetime) -> tuple[list[Want], int]:
    """Files that were checked, or couldn't be read as they are, and not sent."""
    latest = _queries.rows(("wants", user.sight), lambda: _waiting(user))
    return [_want(upload, at) for upload in latest[:most]], len(latest)


def _waiting(user: User) -> QuerySet[Upload]:
    """The latest first."""
    stages = [Upload.Stage.CHECKED, Upload.Stage.NEEDS_MAPPING]
    waiting = Upload.objects.visible_to(user).filter(stage__in=stages).select_related("draft")
    facts = waiting.only("file_name", "stage", "received_at", "draft__pending", "draft__invalid")
    return facts.order_by("-received_at", "-pk")[:MOST]


def _want(upload: Upload, at: datetime) -> Want:
    page, draft = reverse("uploads:detail", args=[upload.pk]), upload.draft
    if upload.stage == Upload.Stage.CHECKED and draft is not None:
        what = f"Checked, not sent: {draft.pending:,} ready, {draft.invalid:,} to fix"
    else:
        what = f"Not sent: choose its columns. Received {relative(upload.received_at, at=at)} ago"
    return Want(name=upload.file_name, url=page, what=what, glyph="file-alert", tone="warn", label="Review", action_url=page)


def register() -> None:
    add_flows(flows)
    add_wants(wants)
    add_wants(leads_now.wants)
