"""The page of a day of leads that an application posted: as the result of an upload, from counters, while it still grows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import formats

from voisoadmin.pushes.models import Call, Intake
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages import fix_cards, rejects, results
from voisoadmin.uploads.pages.buckets import bar_parts, bucket_lines, headline
from voisoadmin.uploads.pages.call_lines import CallLine, latest_calls
from voisoadmin.uploads.pages.fixed_rows import THERE, fixing
from voisoadmin.uploads.pages.states import State


def context(upload: Upload, intake: Intake, state: State, *, at: datetime) -> dict[str, Any]:
    buckets = intake.buckets()
    lines = bucket_lines(buckets, kind=upload.kind, running=bool(buckets["pending"]))
    listing = rejects.of_upload(upload, rejects.ListFilter(size=10))
    return {
        **fixing(upload, buckets, listing.total),
        "sent": True,
        "lines": lines,
        "shown_lines": [line for line in lines if line.rows],
        "empty_lines": [line for line in lines if not line.rows],
        "there": sum(buckets[bucket] for bucket in THERE),
        "total": sum(buckets.values()),
        "sum_label": "Leads accepted",
        "headline": headline(buckets, upload.kind),
        "parts": bar_parts(lines),
        "bar_label": "Outcomes: " + ", ".join(f"{line.rows:,} {line.label.lower()}" for line in lines if line.rows),
        "waiting": buckets["pending"],
        "waits_since": intake.inbox.oldest_at if intake.waiting else None,
        "hold": results.hold_shown(upload) if state == State.BLOCKED else None,
        "is_paused": state == State.PAUSED,
        "again": results.again(upload.pushes_to_resend()),
        "listing": listing,
        "listing_url": reverse("uploads:rejected_of", args=[upload.pk]),
        "cards": fix_cards.of_upload(upload, rejects.ListFilter()),
        "calls": _calls(upload, intake),
        "calls_made": intake.calls,
        "how": _how(upload, intake),
    }


def _calls(upload: Upload, intake: Intake) -> list[CallLine]:
    """The latest, found from the end of the lane's: a day may have more pushes than a query can name."""
    return latest_calls(Call.objects.filter(lane=upload.campaign.lane_id, batch__push__intake=intake), results.TIMELINE_CALLS)


def _how(upload: Upload, intake: Intake) -> list[tuple[str, str]]:
    inbox = intake.inbox
    return [
        ("Source", inbox.label),
        ("Day", f"{formats.date_format(intake.day, 'j M Y')}, time zone {upload.campaign.connection.zone.key}"),
        ("Row number", "the order in which the leads were accepted"),
        ("Skipped", "" if inbox.resends_known else "already known in this campaign"),
        ("Sent by", f"the feed, via {upload.campaign.connection}"),
    ]
