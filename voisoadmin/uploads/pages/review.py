"""The page between the check and the click: the verdict, the rows behind it, what will happen, and what a user may change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from voisoadmin.contacts.fields import ACTIVE
from voisoadmin.contacts.questions import NAME_ORDER, PRIORITY_WORDS, PUT_BACK, WHICH_SHEET, kind_of, offers_of, open_ones
from voisoadmin.contacts.wording import title_of
from voisoadmin.pushes.models import Push
from voisoadmin.pushes.pacing import seconds_for
from voisoadmin.sheets.text.encodings import name_of
from voisoadmin.uploads.fixes.bulk import fixes_in_force, words_of
from voisoadmin.uploads.intake import receiving
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages import file_settings
from voisoadmin.uploads.pages.buckets import buckets_of, headline
from voisoadmin.uploads.pages.check_rows import listing_of

OTHER_RULES = "The rules that check a file have changed since this check. The file is checked again before it is sent."
SAID_BY_OFFERS = {"other_sheets": WHICH_SHEET, "joined_names": NAME_ORDER, "priority_column_unused": PRIORITY_WORDS}
"""Notes whose offer, if there is one, says the same; others have the code of their offer."""
COLUMNS_AS_READ = 8  # in the table of a file whose phone column isn't known


def context(upload: Upload, query: Mapping[str, Any]) -> dict[str, Any]:
    draft = upload.draft
    # Repairs that can be taken back are at their warnings.
    offers = [_counted(one) for one in offers_of(upload.notices) if kind_of(one["code"]) != PUT_BACK]
    sentences = _sentences(upload, {kind_of(one["code"]) for one in offers})
    if draft is not None and upload.checked_by_other_rules:
        sentences.insert(0, OTHER_RULES)
    found: dict[str, Any] = {
        "facts": upload.facts,
        "notes": sentences,
        "other_encodings": [(name, name_of(name)) for name in upload.facts.get("other_encodings", [])],
        "questions": [one for one in upload.notices.get("questions", []) if not one.get("is_offer")],
        "offers": offers,
        "open_questions": len(open_ones(upload.notices)),
        "sent_before": [{"upload": earlier, "result": _result(earlier)} for earlier in receiving.sent_before(upload)],
        **file_settings.how_it_was_read(upload),
        "settings_open": "settings" in query,
    }
    if draft is None:
        return found | {"as_read": _as_read(upload), "settings_open": True}
    listing = listing_of(upload, draft, query)
    if not draft.pending:
        found["settings_open"] = True
    return {**found, "listing": listing, "fixes_made": _fixes_made(upload), **_confirm(upload, draft)}


def _sentences(upload: Upload, offered: Collection[str]) -> list[str]:
    """The notes about the file that no offer says."""
    notes = upload.notices.get("notes", upload.facts.get("notes", []))
    found = [note if isinstance(note, dict) else {"code": "", "sentence": note} for note in notes]  # of earlier checks
    return [note["sentence"] for note in found if SAID_BY_OFFERS.get(note["code"], note["code"]) not in offered]


def _fixes_made(upload: Upload) -> list[dict[str, Any]]:
    """Repairs of all rows with a reason that are in force, the latest first."""
    return [{"fix": fix, "words": f"{title_of(fix.reason)}: {words_of(fix)}"} for fix in fixes_in_force(upload)]


def _counted(offer: dict[str, Any]) -> dict[str, Any]:
    """Equal counts are only noise: names in another order make no other rows ready."""
    return offer | {"counts_differ": len({answer["ready"] for answer in offer["answers"]}) > 1}


def _confirm(upload: Upload, draft: Push) -> dict[str, Any]:
    """The sentence above the button: how many, how long, what is left out."""
    buckets = draft.buckets()
    left_out = [
        f"{rows:,} {words}"
        for rows, words in (
            (buckets["invalid"], "to fix"),
            (buckets["duplicate_in_file"], "repeated in file"),
            (buckets["duplicate"], "already known in the campaign"),
            (buckets["suppressed"], "do-not-call"),
            (buckets["not_sent"], "left out by choice"),
        )
        if rows
    ]
    lane = upload.campaign.lane
    active = ""
    if draft.kind == Push.Kind.UPDATE and ACTIVE not in upload.mapping:
        active = "No Active column: “Active” keeps its last known value."
    return {
        "ready": draft.pending,
        "calls": draft.batches_total,
        "seconds": seconds_for(draft.batches_total, lane.answer_milliseconds, rested=not lane.sending_left),
        "left_out": ", ".join(left_out),
        "active_words": active,
        "ahead": lane.sending_left,
    }


def _as_read(upload: Upload) -> dict[str, Any] | None:
    """The first rows as they are in the file, until the phone column is known."""
    rows = upload.preview.get("rows") or []
    columns = upload.facts.get("columns", [])[:COLUMNS_AS_READ]
    if not rows:
        return None
    return {
        "columns": columns,
        "rows": [{"number": row["row"], "cells": row["cells"][: len(columns)]} for row in rows],
    }


def _result(upload: Upload) -> str:
    buckets = buckets_of(upload.counters())
    waiting = buckets["pending"]
    return headline(buckets, upload.kind) + (f", {waiting:,} waiting" if waiting else "")
