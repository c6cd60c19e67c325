"""How a file was read, and the form in which a user changes that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voisoadmin.contacts.fields import FIELDS, LABELS, OPTIONAL
from voisoadmin.contacts.mapped import By, in_words
from voisoadmin.lib.times import day_of
from voisoadmin.phones.countries import countries
from voisoadmin.sheets.facts import MIB
from voisoadmin.sheets.text.encodings import ENCODINGS, name_of
from voisoadmin.uploads.intake.read_options import CONSTANTS, DELIMITERS, NUMBERS, in_force
from voisoadmin.uploads.intake.remembered_columns import remembered
from voisoadmin.uploads.models import Upload

HOW = {
    By.CHOICE: "your choice",
    By.NAME: "column name",
    By.CONTENT: "contents",
    By.EARLIER: "an earlier file",
}
MAX_COLUMNS_SHOWN = 100
HEADER_ROWS_OFFERED = 20
ROWS_AT_ONCE, BYTES_AT_ONCE = 20_000, 20 * MIB  # of a file that is checked again with each change of its settings
FIELD_OF_PROBLEM = {code: spec.name for spec in FIELDS for code in spec.problems}
NEED_ENABLING = frozenset(spec.name for spec in OPTIONAL if spec.needs_enabling)


def how_it_was_read(upload: Upload) -> dict[str, Any]:
    """The form of what a user may change, filled with the current values, and the line that sums it up."""
    facts = in_force(upload)
    columns = facts.get("columns", [])
    by_column = {at: (field, found.by) for field, found in upload.mapped.items() for at in found.columns}
    samples = upload.preview.get("samples", [])
    flags = upload.notices.get("flag_columns", [])
    problems = _problems_by_field(upload)
    is_earlier = any(found.by == By.EARLIER for found in upload.mapped.values())
    earlier = remembered(upload, columns) if is_earlier else None
    how = HOW | ({By.EARLIER: f"as on {day_of(earlier.at)}"} if earlier is not None else {})
    return {
        "earlier": {"file": earlier.file_name, "day": day_of(earlier.at)} if earlier is not None else None,
        "constants": [_constant(upload, name) for name in CONSTANTS],
        "read_as": _in_short(upload),
        "rechecks_itself": (upload.rows or 0) <= ROWS_AT_ONCE and upload.file_size <= BYTES_AT_ONCE,
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
                "by": how[by_column[at][1]] if at in by_column else "do-not-call" if at in flags else "",
                "problems": problems.get(by_column[at][0], 0) if at in by_column else None,
            }
            for at, name in enumerate(columns[:MAX_COLUMNS_SHOWN])
        ],
        "used": len(by_column),
        "of_columns": len(columns),
        "more_columns": max(0, len(columns) - MAX_COLUMNS_SHOWN),
    }


def _constant(upload: Upload, name: str) -> dict[str, Any]:
    """What to send where a row says nothing; a field of a column shows which one."""
    found = upload.mapped.get(name)
    columns = upload.facts.get("columns", [])
    return {
        "name": name,
        "label": LABELS[name],
        "value": found.constant if found is not None else "",
        "column": in_words(found, columns) if found is not None and found.columns else "",
    }


def _problems_by_field(upload: Upload) -> dict[str, int]:
    """Rows to fix by the field of their first problem, from the counters."""
    counted: dict[str, int] = {}
    for code, rows in (upload.draft.reasons if upload.draft is not None else {}).items():
        if code in FIELD_OF_PROBLEM:
            counted[FIELD_OF_PROBLEM[code]] = counted.get(FIELD_OF_PROBLEM[code], 0) + rows
    return counted


def _in_short(upload: Upload) -> list[dict[str, Any]]:
    """How the file was read, in a few words each; what is unsure is marked."""
    facts, region = in_force(upload), str(upload.choices.get("region") or "")
    header = facts.get("header_row")
    words: list[tuple[str, bool]] = []
    if len(facts.get("sheets") or []) > 1:
        words.append((f"sheet “{facts['sheet']}”", False))
    if facts.get("delimiter"):
        words.append((DELIMITERS.get(facts["delimiter"], "other delimiter").lower(), False))
    if facts.get("encoding"):
        words.append((name_of(facts["encoding"]), False))
    words.append((f"header in row {header:,}" if header else "no header", False))
    country = countries().get(region, region) if region else "no default country"
    words.append((country, not region))
    return [{"text": text, "unsure": unsure} for text, unsure in words]


def as_chosen(found: Mapping[str, Any], posted: Mapping[str, str]) -> dict[str, Any]:
    """The form with a user's choices that were not applied."""
    return {
        "reading_fields": [field | {"value": posted.get(field["name"], field["value"])} for field in found["reading_fields"]],
        "columns": [
            column | {"field": posted.get(f"column-{column['index']}", column["field"])} for column in found["columns"]
        ],
        "constants": [one | {"value": posted.get(f"constant-{one['name']}", one["value"])} for one in found["constants"]],
        "kind": posted.get("kind", found["kind"]),
        "resend_known": bool(posted.get("resend_known", found["resend_known"])),
        "not_applied": True,
        "settings_open": True,
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
