"""The page between the check and the click: what was found, what becomes of it, and what a person may change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import phonenumbers

from voisoadmin.campaigns.models import Lane
from voisoadmin.lib.clock import scaled
from voisoadmin.pushes.models import Push
from voisoadmin.uploads import presenting, receiving
from voisoadmin.uploads.choosing import DELIMITERS, ENCODINGS, NUMBERS, in_force
from voisoadmin.uploads.countries import countries
from voisoadmin.uploads.fields import LABELS, Field
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.wording import advice_of, sentence_of, title_of

HOW = {
    "choice": "your choice",
    "name": "its name",
    "content": "what stands in it",
}
MAX_COLUMNS_SHOWN = 100
CALL_SECONDS = 0.5  # an answer of Voiso, before this campaign's own are known
PACE_SECONDS = 2.0


def context(upload: Upload) -> dict[str, Any]:
    draft = upload.draft
    found: dict[str, Any] = {
        "facts": upload.facts,
        "notes": upload.notices.get("notes", upload.facts.get("notes", [])),
        "sent_before": [{"upload": earlier, "result": _result(earlier)} for earlier in receiving.sent_before(upload)],
        "preview": _preview(upload),
        **how_it_was_read(upload),
    }
    if draft is None:
        return found
    lines = presenting.bucket_lines(draft.buckets(), kind=draft.kind, running=True, checked=True)
    return {
        **found,
        "lines": lines,
        "parts": presenting.bar_parts(lines, with_waiting=True),
        "bar_label": ", ".join(f"{line.rows:,} {line.label.lower()}" for line in lines) or "no rows",
        "reasons": _reasons(upload, draft),
        **_confirm(upload, draft),
    }


def _confirm(upload: Upload, draft: Push) -> dict[str, Any]:
    """The sentence above the button: how many, how long, what stays behind."""
    buckets = draft.buckets()
    left_out = [
        f"{rows:,} {words}"
        for rows, words in (
            (buckets["invalid"], "invalid"),
            (buckets["duplicate_in_file"], "twice in this file"),
            (buckets["duplicate"], "known to be in the campaign"),
        )
        if rows
    ]
    lane = upload.campaign.lane
    active = ""
    if draft.kind == Push.Kind.UPDATE and Field.ACTIVE.value not in upload.mapping:
        active = "“Active” stays as we last knew it; where we know nothing, the contact becomes active."
    return {
        "ready": draft.pending,
        "calls": draft.batches_total,
        "seconds": about_seconds(draft.batches_total, lane),
        "left_out": ", ".join(left_out),
        "active_words": active,
        "ahead": lane.sending_rows - lane.sending_done,
    }


def about_seconds(calls: int, lane: Lane) -> float:
    """How long so many calls take: the pace, and what answers of this campaign took so far."""
    answered = Push.objects.filter(lane=lane, calls__gt=0).order_by("-pk").first()
    answer = answered.answer_milliseconds / 1000 / answered.calls if answered is not None else CALL_SECONDS
    return max(1.0, calls * (scaled(PACE_SECONDS) + answer))


def _reasons(upload: Upload, draft: Push) -> list[dict[str, Any]]:
    counted = presenting.reasons_of([draft])
    counted.pop("waiting", None)
    lines = [(code, rows, False) for code, rows in counted.items()]
    lines += [(code, rows, True) for code, rows in upload.notices.get("warnings", {}).items()]
    return [
        {
            "title": title_of(code),
            "rows": rows,
            "sentence": sentence_of(code),
            "advice": advice_of(code),
            "is_warning": is_warning,
        }
        for code, rows, is_warning in lines
    ]


def how_it_was_read(upload: Upload) -> dict[str, Any]:
    """The form of what a person may change, filled with what is in force."""
    facts = in_force(upload)
    columns = facts.get("columns", [])
    by_column = {found["column"]: (field, found["by"]) for field, found in upload.mapping.items()}
    samples = upload.preview.get("samples", [])
    return {
        "reading_fields": _reading_fields(upload),
        "header_row": "" if facts.get("header_row") is None else str(facts["header_row"]),
        "field_options": [("", "Not used"), *((field.value, label) for field, label in LABELS.items())],
        "columns": [
            {
                "index": at,
                "name": name,
                "samples": " · ".join(samples[at]) if at < len(samples) else "",
                "field": by_column.get(at, ("", ""))[0],
                "by": HOW.get(by_column[at][1], "") if at in by_column else "",
            }
            for at, name in enumerate(columns[:MAX_COLUMNS_SHOWN])
        ],
        "more_columns": max(0, len(columns) - MAX_COLUMNS_SHOWN),
    }


def _reading_fields(upload: Upload) -> list[dict[str, Any]]:
    facts, choices = in_force(upload), upload.choices
    fields: list[dict[str, Any]] = []

    def add(name: str, label: str, options: Mapping[str, str], value: str, *, hint: str = "", unsure: bool = False) -> None:
        every = {**({value: value} if value not in options else {}), **options}
        fields.append({"name": name, "label": label, "options": every.items(), "value": value, "hint": hint, "unsure": unsure})

    if facts.get("delimiter"):
        add("delimiter", "Delimiter", DELIMITERS, facts["delimiter"])
    if facts.get("encoding"):
        add("encoding", "Encoding", ENCODINGS, facts["encoding"])
    sheets = facts.get("sheets") or []
    if len(sheets) > 1:
        names = {sheet["name"]: sheet["name"] + (" (hidden)" if sheet["hidden"] else "") for sheet in sheets}
        add("sheet", "Sheet", names, facts["sheet"], hint=f"one of {len(sheets)}")
    region = str(choices.get("region") or "")
    by_name = {"": "no country", **{code: f"{name} ({code})" for code, name in countries().items()}}
    add("region", "Numbers without a country are from", by_name, region, unsure=not region)
    numbers = str(choices.get("numbers") or "auto")
    settled = facts.get("numbers", "auto")
    hint = f"read here: {NUMBERS[settled].lower()}" if numbers == "auto" and settled != "auto" else ""
    add("numbers", "Digits without + are read", NUMBERS, numbers, hint=hint)
    return fields


def _preview(upload: Upload) -> dict[str, Any] | None:
    rows = upload.preview.get("rows") or []
    if not rows:
        return None
    mapping = {field: found["column"] for field, found in upload.mapping.items()}
    phone = mapping.get(Field.PHONE.value)
    columns = upload.facts.get("columns", [])
    fields = [field for field in Field if field != Field.PHONE and field.value in mapping]
    shown = range(min(len(columns), 8)) if phone is None else []
    return {
        "phone_column": columns[phone] if phone is not None and phone < len(columns) else "",
        "fields": [columns[at] for at in shown] + [LABELS[field] for field in fields],
        "rows": [_preview_row(row, phone, mapping, fields, list(shown)) for row in rows],
    }


def _preview_row(
    row: dict[str, Any], phone: int | None, mapping: dict[str, int], fields: Sequence[Field], shown: list[int]
) -> dict[str, Any]:
    cells: list[str] = row["cells"]

    def cell(at: int) -> str:
        return cells[at] if at < len(cells) else ""

    state = row["state"]
    soft = {
        "duplicate": f"Same number as row {row.get('first_row', 0)}",
        "known": "Known to be in the campaign; not sent again",
    }.get(state, "")
    bad = " ".join(problem["sentence"] for problem in row.get("problems", []))
    warn = " ".join(row.get("warnings", []))
    sent = row.get("fields", {})
    return {
        "number": row["row"],
        "raw": cell(phone) if phone is not None else "",
        "phone": spaced(row["phone"]) if row.get("phone") else "",
        "bad": bad,
        "soft": soft,
        "warn": warn,
        "css": "cell-bad" if bad else "cell-warn" if soft or warn else "",
        "cells": [cell(at) for at in shown]
        + [_value(sent.get(field.value)) if sent else cell(mapping[field.value]) for field in fields],
    }


def _value(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else "" if value is None else str(value)


def spaced(number: str) -> str:
    """A canonical number as people write it: +44 7415 550012."""
    parsed = phonenumbers.parse(f"+{number}")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _result(upload: Upload) -> str:
    buckets = presenting.buckets_of(upload.pushes.all())
    shown = [f"{buckets[name]:,} {name}" for name in ("added", "updated", "duplicate", "pending") if buckets[name]]
    return ", ".join(shown) or "nothing was added"
