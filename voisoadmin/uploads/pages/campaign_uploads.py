"""The uploads to a campaign on the campaign's page: the latest ones, what they ask of a person, their lines in its timeline."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.pages.sections import (
    Column,
    Entry,
    NextStep,
    Rows,
    Section,
    Urgency,
    add_entries,
    add_next_steps,
    add_section,
)
from voisoadmin.operations.models import Operation
from voisoadmin.pushes.models import Counted, Push
from voisoadmin.uploads.models import Upload, UploadQuerySet
from voisoadmin.uploads.pages.buckets import buckets_of, headline
from voisoadmin.uploads.pages.states import State, hold_of, state_of

SHOWN = 8  # the latest; their own page has all
_UPLOAD = "upload_facts"
SENDING = {Operation.Kind.SEND, Operation.Kind.RESEND}
ASKED = 30  # of the latest uploads: what an older one asks is in the lists of rows to fix and of drafts
_FACTS = (
    "pk",
    "stage",
    "version",
    "rows_read",
    "pushes__pk",
    "pushes__state",
    "pushes__calls",
    "pushes__pending",
    "pushes__rows",
    "pushes__replaced_rows",
    "pushes__dismissed_rows",
    "pushes__paused_reason",
    "intake__pending",
    "intake__waiting",
    "intake__calls",
    "intake__dismissed_rows",
    "intake__accepted",
    "intake__pending",
    "intake__calls",
    "intake__dismissed_rows",
)


def uploads_of(campaign: Campaign) -> UploadQuerySet:
    """Uploads to the campaign, whichever connection shows it, because they share its lane."""
    return Upload.objects.filter(campaign__lane_id=campaign.lane_id)


def latest(campaign: Campaign, _: User) -> list[Rows]:
    shown = uploads_of(campaign).filter(pk__in=uploads_of(campaign).values("pk")[: SHOWN + 1])
    return [shown.order_by("pk", "pushes__pk").values(row=JSONObject(**{name: name for name in _FACTS}))]


def of_lane(campaign: Campaign) -> object:
    lane = campaign.lane
    return lane.sending_state, lane.sending_reason, lane.held_reason


def next_steps(campaign: Campaign, _: User, at: datetime) -> list[NextStep]:
    """Of each kind the one of the latest upload."""
    uploads = list(uploads_of(campaign).for_pages()[:ASKED])
    steps: dict[Urgency, NextStep] = {}
    for step in (step for upload in uploads if (step := _step(upload, at))):
        steps.setdefault(step.urgency, step)
    return list(steps.values())


def _step(upload: Upload, at: datetime) -> NextStep | None:
    name, state = upload.file_name, state_of(upload, at=at)
    page = reverse("uploads:detail", args=[upload.pk])
    if state == State.BLOCKED:
        return NextStep(
            urgency=Urgency.DECIDE,
            what=f"{name} waits for your decision.",
            detail=hold_of(upload, at=at),
            label="Decide",
            url=page,
        )
    if state in {State.NEEDS_MAPPING, State.CHECKED}:
        return _draft_step(upload, state, page)
    rows = _to_fix(upload.counters()) if state == State.FINISHED else 0
    if not rows:
        return None
    return NextStep(
        urgency=Urgency.FIX_ROWS,
        what=f"{_rows(rows)} of {name} to fix.",
        label=f"Fix {rows:,}",
        url=reverse("uploads:rejected_of", args=[upload.pk]),
    )


def _draft_step(upload: Upload, state: State, page: str) -> NextStep:
    if state == State.NEEDS_MAPPING or upload.draft is None:
        what, detail, label = f"{upload.file_name} needs your choice.", upload.problem, "Open"
    else:
        rows = _to_fix([upload.draft])
        what, label = f"{upload.file_name} isn't sent yet: {_rows(upload.draft.pending)} ready.", "Check and send"
        detail = f"{_rows(rows)} to fix before, if you want." if rows else ""
    return NextStep(urgency=Urgency.SEND_DRAFT, what=what, detail=detail, label=label, url=page)


def entries(campaign: Campaign, _: User, before: datetime | None, most: int) -> list[Entry]:
    """One line for each push of an upload, with its outcome: the operation that sent it needs none."""
    lately = Operation.objects.about_campaign(campaign.pk)
    if before is not None:
        lately = lately.filter(asked_at__lt=before)
    # By kind only afterwards: the latest operations are found without looking at all of them.
    sent = Push.objects.filter(operation__in=lately.values("pk")[:most], operation__kind__in=SENDING)
    uploads = Upload.objects.filter(pushes=OuterRef("pk")).values(named=JSONObject(upload="pk", file="file_name"))
    pushes = sent.select_related("operation").annotate(**{_UPLOAD: Subquery(uploads[:1])})
    return [_entry(push, **upload) for push in pushes if (upload := getattr(push, _UPLOAD))]


def _entry(push: Push, upload: int, file: str) -> Entry:
    operation = push.operation
    assert operation is not None  # by the query
    return Entry(
        at=operation.asked_at,
        glyph="send",
        css="quiet",
        who=operation.by_label,
        what="sent rows again of" if operation.kind == Operation.Kind.RESEND else "sent",
        subject=file,
        url=reverse("uploads:detail", args=[upload]),
        detail=_outcome(push),
        operations=frozenset({operation.pk}),
    )


def _outcome(push: Push) -> str:
    if push.state in Push.RUNNING:
        return f"{push.sent:,} of {push.to_send:,} sent"
    rows = _to_fix([push])
    parts = [
        headline(buckets_of([push]), push.kind),
        f"{rows:,} to fix" if rows else "",
        "the rest cancelled" if push.state == Push.State.CANCELLED else "",
    ]
    text = ", ".join(filter(None, parts))
    return text[:1].upper() + text[1:]


def _to_fix(counters: Sequence[Counted]) -> int:
    return sum(sum(one.to_fix.values()) for one in counters)


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def register() -> None:
    add_next_steps(next_steps)
    add_entries(entries)
    add_section(
        Section(
            id="campaign-uploads",
            title="Uploads",
            view="uploads:of_campaign",
            link="All uploads to this campaign",
            column=Column.MAIN,
            place=10,
            rows=latest,
            known=of_lane,
        )
    )
