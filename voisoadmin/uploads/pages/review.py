"""The page between the check and the click: the findings, what will happen, and what a user may change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import phonenumbers

from voisoadmin.contacts.fields import ACTIVE, LABELS, OPTIONAL, PHONE, value_in_words
from voisoadmin.contacts.mapped import By, cell_reader, in_words
from voisoadmin.contacts.questions import open_ones
from voisoadmin.contacts.wording import advice_of, sentence_of, title_of
from voisoadmin.phones.countries import countries
from voisoadmin.pushes.models import Push
from voisoadmin.pushes.pacing import seconds_for
from voisoadmin.sheets.text.encodings import ENCODINGS, name_of
from voisoadmin.uploads.intake import receiving
from voisoadmin.uploads.intake.read_options import DELIMITERS, NUMBERS, in_force
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages.buckets import bar_parts, bucket_lines, buckets_of, headline, reasons_of

HOW = {
    By.CHOICE: "your choice",
    By.NAME: "column name",
    By.CONTENT: "contents",
}
MAX_COLUMNS_SHOWN = 100
REASONS_SHOWN = 8
HEADER_ROWS_OFFERED = 20
OTHER_RULES = "The rules that check a file have changed since this check. The file is checked again before it is sent."


def context(upload: Upload) -> dict[str, Any]:
    draft = upload.draft
    notes = upload.notices.get("notes", upload.facts.get("notes", []))
    sentences = [note["sentence"] if isinstance(note, dict) else note for note in notes]  # earlier checks stored sentences
    if upload.draft is not None and upload.checked_by_other_rules:
        sentences.insert(0, OTHER_RULES)
    found: dict[str, Any] = {
        "facts": upload.facts,
        "notes": sentences,
        "other_encodings": [(name, name_of(name)) for name in upload.facts.get("other_encodings", [])],
        "questions": upload.notices.get("questions", []),
        "open_questions": len(open_ones(upload.notices)),
        "sent_before": [{"upload": earlier, "result": _result(earlier)} for earlier in receiving.sent_before(upload)],
        "preview": _preview(upload),
        **how_it_was_read(upload),
    }
    if draft is None:
        return found
    lines = bucket_lines(draft.buckets(), kind=draft.kind, running=True, checked=True)
    return {
        **found,
        "lines": lines,
        "has_records": any(line.leads for line in lines),  # known and repeated numbers are counted, not listed
        "parts": bar_parts(lines, with_waiting=True),
        "bar_label": ", ".join(f"{line.rows:,} {line.label.lower()}" for line in lines) or "no rows",
        **_reasons(upload, draft),
        **_confirm(upload, draft),
    }


def _confirm(upload: Upload, draft: Push) -> dict[str, Any]:
    """The sentence above the button: how many, how long, what is left out."""
    buckets = draft.buckets()
    left_out = [
        f"{rows:,} {words}"
        for rows, words in (
            (buckets["invalid"], "invalid"),
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


def _reasons(upload: Upload, draft: Push) -> dict[str, Any]:
    """The commonest reasons, and the rest on request."""
    counted = reasons_of([draft])
    counted.pop("waiting", None)
    lines = [(code, rows, False) for code, rows in counted.items()]
    lines += [(code, rows, True) for code, rows in upload.notices.get("warnings", {}).items()]
    reasons = [
        {
            "title": title_of(code),
            "rows": rows,
            "sentence": sentence_of(code),
            "advice": advice_of(code),
            "is_warning": is_warning,
        }
        for code, rows, is_warning in lines
    ]
    # Showing one more is better than hiding it behind "1 more".
    shown = len(reasons) if len(reasons) <= REASONS_SHOWN + 1 else REASONS_SHOWN
    return {"reasons": reasons[:shown], "more_reasons": reasons[shown:]}


NEED_ENABLING = frozenset(spec.name for spec in OPTIONAL if spec.needs_enabling)


def how_it_was_read(upload: Upload) -> dict[str, Any]:
    """The form of what a user may change, filled with the current values."""
    facts = in_force(upload)
    columns = facts.get("columns", [])
    by_column = {at: (field, found.by) for field, found in upload.mapped.items() for at in found.columns}
    samples = upload.preview.get("samples", [])
    flags = upload.notices.get("flag_columns", [])
    return {
        "reading_fields": _reading_fields(upload),
        "kind": upload.kind,
        "resend_known": bool(upload.choices.get("resend_known")),
        "uses_optional_fields": not NEED_ENABLING.isdisjoint(upload.mapped),
        "field_options": [("", "Not used"), *LABELS.items()],
        "columns": [
            {
                "index": at,
                "name": name,
                "samples": " · ".join(samples[at]) if at < len(samples) else "",
                "field": by_column.get(at, ("", ""))[0],
                "by": HOW[by_column[at][1]] if at in by_column else "do-not-call" if at in flags else "",
            }
            for at, name in enumerate(columns[:MAX_COLUMNS_SHOWN])
        ],
        "used": len(by_column),
        "of_columns": len(columns),
        "more_columns": max(0, len(columns) - MAX_COLUMNS_SHOWN),
    }


def as_chosen(found: Mapping[str, Any], posted: Mapping[str, str]) -> dict[str, Any]:
    """The form with a user's choices that were not applied."""
    return {
        "reading_fields": [field | {"value": posted.get(field["name"], field["value"])} for field in found["reading_fields"]],
        "columns": [
            column | {"field": posted.get(f"column-{column['index']}", column["field"])} for column in found["columns"]
        ],
        "kind": posted.get("kind", found["kind"]),
        "resend_known": bool(posted.get("resend_known", found["resend_known"])),
        "not_applied": True,
    }


def _reading_fields(upload: Upload) -> list[dict[str, Any]]:
    facts, choices = in_force(upload), upload.choices
    fields: list[dict[str, Any]] = []

    def add(
        name: str, label: str, options: Mapping[str, str], value: str, *, speaks: bool = False, unsure: bool = False
    ) -> None:
        """`speaks`: the value is clear without a visible label."""
        every = {**({value: value} if value not in options else {}), **options}
        fields.append(
            {"name": name, "label": label, "options": every.items(), "value": value, "speaks": speaks, "unsure": unsure}
        )

    if facts.get("delimiter"):
        add("delimiter", "Delimiter", DELIMITERS, facts["delimiter"], speaks=True)
    if facts.get("encoding"):
        found = facts["encoding"]
        add("encoding", "Encoding", {found: name_of(found), **ENCODINGS}, found, speaks=True)
    sheets = facts.get("sheets") or []
    if len(sheets) > 1:
        names = {sheet["name"]: sheet["name"] + (" (hidden)" if sheet["hidden"] else "") for sheet in sheets}
        add("sheet", f"Sheet, one of {len(sheets)}", names, facts["sheet"])
    header = facts.get("header_row")
    rows = sorted({*range(1, HEADER_ROWS_OFFERED + 1), *([header] if header else [])})
    headers = {"": "No header", **{str(row): f"Header on row {row:,}" for row in rows}}
    add("header_row", "Header", headers, str(header or ""), speaks=True)
    region = str(choices.get("region") or "")
    by_name = {"": "none", **{code: f"{name} ({code})" for code, name in countries().items()}}
    add("region", "Default country", by_name, region, unsure=not region)
    numbers = str(choices.get("numbers") or "auto")
    settled = facts.get("numbers", "auto")
    words = {**NUMBERS, "auto": f"{NUMBERS[settled]} (detected)" if settled != "auto" else NUMBERS["auto"]}
    add("numbers", "Numbers without +", words, numbers)
    return fields


def _preview(upload: Upload) -> dict[str, Any] | None:
    rows = upload.preview.get("rows") or []
    if not rows:
        return None
    mapped = upload.mapped
    columns = upload.facts.get("columns", [])
    # Until the phone column is known, the table is shown as it is.
    phone = mapped.get(PHONE)
    shown = range(min(len(columns), 8)) if phone is None else []
    fields = [spec.name for spec in OPTIONAL if spec.name in mapped] if phone is not None else []
    readers = {name: cell_reader(mapped[name]) for name in mapped}
    lines = [_preview_row(row, readers, fields, list(shown)) for row in rows]
    return {
        "phone_column": in_words(phone, columns) if phone is not None else "",
        "fields": [columns[at] for at in shown] + [LABELS[field] for field in fields],
        "rows": lines,
        "problems": sum(line["has_problem"] for line in lines),
    }


def _preview_row(
    row: dict[str, Any], readers: Mapping[str, Callable[[list[str]], str]], fields: Sequence[str], shown: list[int]
) -> dict[str, Any]:
    cells: list[str] = row["cells"]

    def cell(at: int) -> str:
        return cells[at] if at < len(cells) else ""

    since = f" since {row['since'].partition(',')[0]}" if row.get("since") else " already"
    soft = {
        "duplicate": f"Same number as row {row.get('first_row', 0):,}",
        "known": f"In the campaign{since}; skipped",
        "invalid": "Not sent",
        "suppressed": "Do-not-call in this file",
        "not_sent": "Left out by choice",
    }.get(row["state"], "")
    bad = _by_field(row.get("problems", []))
    warn = _by_field(row.get("warned", []))
    number = _cell(spaced(row["phone"]) if row.get("phone") else "", bad.get(PHONE, ""), warn.get(PHONE, ""))
    if soft and not number["bad"]:
        number |= {"soft": soft, "css": number["css"] or ("" if row["state"] == "invalid" else "cell-warn")}
    sent = row.get("fields")
    values = [value_in_words(sent.get(field)) if sent is not None else readers[field](cells) for field in fields]
    return {
        "number": row["row"],
        "raw": readers[PHONE](cells) if PHONE in readers else "",
        "phone": number,
        "cells": [_cell(cell(at)) for at in shown]
        + [_cell(value, bad.get(field, ""), warn.get(field, "")) for field, value in zip(fields, values, strict=True)],
        "has_problem": bool(bad or warn) or row["state"] not in {"ready", "read", "known"},
    }


def _by_field(found: Sequence[dict[str, str]]) -> dict[str, str]:
    """The notes for each field."""
    sentences: dict[str, str] = {}
    for one in found:
        sentences[one["field"]] = " ".join(filter(None, [sentences.get(one["field"], ""), one["sentence"]]))
    return sentences


def _cell(value: str, bad: str = "", warn: str = "") -> dict[str, str]:
    return {"value": value, "bad": bad, "warn": warn, "css": "cell-bad" if bad else "cell-warn" if warn else ""}


def spaced(number: str) -> str:
    """A canonical number as people write it: +44 7415 550012."""
    parsed = phonenumbers.parse(f"+{number}")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _result(upload: Upload) -> str:
    buckets = buckets_of(upload.pushes.all())
    waiting = buckets["pending"]
    return headline(buckets, upload.kind) + (f", {waiting:,} waiting" if waiting else "")
