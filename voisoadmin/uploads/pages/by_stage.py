"""What the upload's page shows in each state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from voisoadmin.uploads.intake.removing import can_be_taken_back
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages import day, file_settings, lists, results, review
from voisoadmin.uploads.pages.buckets import BarPart
from voisoadmin.uploads.pages.states import State

TEMPLATES = {
    State.RECEIVED: "uploads/reading.html",
    State.READING: "uploads/reading.html",
    State.NEEDS_MAPPING: "uploads/check.html",
    State.CHECKED: "uploads/check.html",
    State.SENDING: "uploads/sending.html",
    State.PAUSED: "uploads/sending.html",
    State.BLOCKED: "uploads/sending.html",
    State.FINISHED: "uploads/result.html",
    State.CANCELLED: "uploads/result.html",
    State.UNREADABLE: "uploads/unreadable.html",
}

OF_A_DAY = "uploads/day.html"

LIVE = frozenset({State.RECEIVED, State.READING, State.SENDING, State.PAUSED, State.BLOCKED})
"""States whose page has a part that refreshes itself."""

NO_QUERY: Mapping[str, Any] = MappingProxyType({})


def template_of(upload: Upload, state: State) -> str:
    return TEMPLATES[state] if upload.intake_id is None else OF_A_DAY


def context_of(upload: Upload, state: State, *, at: datetime, query: Mapping[str, Any] = NO_QUERY) -> dict[str, Any]:
    context = lists.head(upload, at=at)
    if state in {State.CHECKED, State.NEEDS_MAPPING}:
        context |= review.context(upload, query)
    elif state == State.UNREADABLE and upload.facts:
        # It was readable before: here the user can undo the choice that made it unreadable.
        context |= {"rereadable": True, "settings_open": True, "facts": upload.facts, **file_settings.how_it_was_read(upload)}
    elif upload.stage == Upload.Stage.CANCELLED:
        context["can_be_restored"] = can_be_taken_back(upload, at=at)
    elif upload.stage == Upload.Stage.READING:
        context["done_parts"] = _done(upload)
    elif upload.intake is not None:
        context |= day.context(upload, upload.intake, state, at=at)
    elif upload.stage == Upload.Stage.SENT:
        context |= results.context(upload, state, at=at, is_idle=context["health"].is_idle)
    return context


def _done(upload: Upload) -> list[BarPart]:
    """How much of the file is checked, as a bar; nothing if its length isn't known."""
    if not upload.rows_expected:
        return []
    # An estimate: the end is reached when the check has ended, not before.
    width = min(97, 100 * upload.rows_read / upload.rows_expected)
    return [BarPart("b-progress", "0", f"{width:.1f}")]
