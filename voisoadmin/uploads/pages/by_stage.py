"""What the upload's page shows in each state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages import file_settings, lists, results, review
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

LIVE = frozenset({State.RECEIVED, State.READING, State.SENDING, State.PAUSED, State.BLOCKED})
"""States whose page has a part that refreshes itself."""

NO_QUERY: Mapping[str, Any] = MappingProxyType({})


def context_of(upload: Upload, state: State, *, at: datetime, query: Mapping[str, Any] = NO_QUERY) -> dict[str, Any]:
    context = lists.head(upload, at=at)
    if state in {State.CHECKED, State.NEEDS_MAPPING}:
        context |= review.context(upload, query)
    elif state == State.UNREADABLE and upload.facts:
        # It was readable before: here the user can undo the choice that made it unreadable.
        context |= {"rereadable": True, "settings_open": True, "facts": upload.facts, **file_settings.how_it_was_read(upload)}
    elif upload.stage == Upload.Stage.SENT:
        context |= results.context(upload, state, at=at, is_idle=context["health"].is_idle)
    return context
