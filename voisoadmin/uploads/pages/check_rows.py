"""The rows of a checked file as its page shows them: the number, what is wrong beside it, then the fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import phonenumbers
from django.urls import reverse

from voisoadmin.contacts.fields import FIELD_OF_WARNING, LABELS, OPTIONAL, PHONE, WARNINGS, value_in_words
from voisoadmin.contacts.mapped import cell_reader
from voisoadmin.contacts.reasons import BY_CODE, Bucket
from voisoadmin.contacts.repairs import RowEdit, hash_of
from voisoadmin.contacts.wording import sentence_of, title_of
from voisoadmin.lib.times import exact
from voisoadmin.pushes.models import EditedRow, Push
from voisoadmin.pushes.rows_of_drafts import READY, SIZE, DraftRow, RowsPage, page_of_rows
from voisoadmin.uploads.check.judgement import edits_by_row
from voisoadmin.uploads.intake.number_index import opened
from voisoadmin.uploads.models import Edit, Upload
from voisoadmin.uploads.pages.check_tabs import (
    CARDS_SHOWN,
    CheckFilter,
    CheckTab,
    ReasonCard,
    TabCode,
    cards_of,
    rows_wanted,
    tabs_of,
    warnings_of,
)

_SPACING = str.maketrans("", "", " ().-")
_PLACES = {code: at for at, code in enumerate(WARNINGS)}
LEAST_DIGITS, MOST_DIGITS = 8, 15  # of a number with its country code; shorter digits are a row
CellReaders = Mapping[str, Callable[[list[str]], str]]


@dataclass(frozen=True, slots=True)
class Why:
    """Why a row has its verdict, in a sentence."""

    sentence: str
    tone: str  # bad, warn, good, quiet

    @property
    def icon(self) -> str:
        return {"bad": "circle-x", "warn": "alert-triangle", "good": "circle-check"}.get(self.tone, "circle-minus")


@dataclass(frozen=True, slots=True)
class ShownCell:
    value: str
    css: str = ""
    raw: str = ""  # as read, if it is shown otherwise
    column: int | None = None  # from 0, if one cell of the file is behind it
    text: str = ""  # of that cell, with what a person typed
    label: str = ""  # of its field


@dataclass(frozen=True, slots=True)
class ShownRow:
    number: int  # in the file
    hash: str  # of the row as read
    phone: ShownCell
    why: list[Why]
    cells: list[ShownCell]
    is_edited: bool


@dataclass(frozen=True, slots=True)
class CheckListing:
    wanted: CheckFilter
    tabs: list[CheckTab]
    cards: list[ReasonCard]
    fields: list[str]  # labels of the columns after the verdict
    rows: list[ShownRow]
    next_url: str  # empty on the last page
    first_url: str  # empty on the first page
    tab: CheckTab
    page: str  # the path of the tabs' and cards' addresses
    kept: list[tuple[str, str]] = field(default_factory=list)  # what a search keeps

    @property
    def first_cards(self) -> list[ReasonCard]:
        # Showing one more is better than hiding it behind "1 more".
        return self.cards if len(self.cards) <= CARDS_SHOWN + 1 else self.cards[:CARDS_SHOWN]

    @property
    def more_cards(self) -> list[ReasonCard]:
        return self.cards[len(self.first_cards) :]

    @property
    def more_rows(self) -> int:
        return sum(card.rows for card in self.more_cards)

    @property
    def is_more_chosen(self) -> bool:
        return any(card.is_chosen for card in self.more_cards)

    @property
    def here(self) -> str:
        """The address of this page of the list."""
        return self.wanted.url(after=self.wanted.after) if self.wanted.after >= 0 else self.wanted.url()

    @property
    def is_narrowed(self) -> bool:
        return bool(self.wanted.query or self.wanted.reason)


def listing_of(upload: Upload, draft: Push, query: Mapping[str, Any]) -> CheckListing:
    """One page of the rows of a tab."""
    tabs = tabs_of(upload, draft)
    wanted = CheckFilter.from_query(query, tabs=tabs)
    page = _page(upload, draft, wanted)
    path = reverse("uploads:detail", args=[upload.pk])
    return CheckListing(
        wanted=wanted,
        tabs=tabs,
        cards=cards_of(upload, draft, wanted),
        fields=[LABELS[name] for name in _fields(upload)],
        rows=shown_rows(upload, page.rows),
        next_url="" if page.after is None else path + wanted.url(after=page.after),
        first_url="" if wanted.after < 0 else path + wanted.url(),
        page=path,
        tab=next(tab for tab in tabs if tab.code == wanted.tab),
        kept=[("tab", wanted.tab.value), *([("reason", wanted.reason)] if wanted.reason else [])],
    )


def _page(upload: Upload, draft: Push, wanted: CheckFilter) -> RowsPage:
    """Rows to fix are searched as text; in other tabs a row number is where the page begins, and a number finds its row."""
    after = wanted.after
    if wanted.query and wanted.tab != TabCode.TO_FIX:
        with_number = _with_number(upload, draft, wanted.query)
        if with_number is not None or wanted.row is None:
            return RowsPage([with_number] if with_number is not None else [])
        after = max(after, wanted.row - 1)
    return page_of_rows(draft, rows_wanted(upload, draft, wanted), after=after, size=SIZE, warnings=list(warnings_of(upload)))


def _with_number(upload: Upload, draft: Push, query: str) -> DraftRow | None:
    """The first row with this number, wherever it is."""
    digits = "".join(char for char in query if char.isdecimal() and char.isascii())
    if not LEAST_DIGITS <= len(digits) <= MOST_DIGITS:
        return None
    with opened(upload.stored_name, draft.pk) as index:
        of_check = index.rows(int(digits), most=1) if index is not None else []
    edited = EditedRow.objects.filter(push=draft, number=digits).values_list("row_number", flat=True)[:1]
    found = (row_of(upload, draft, number) for number in sorted({*of_check, *edited}))
    return next((row for row in found if row is not None and row.number == digits), None)


def row_of(upload: Upload, draft: Push, row_number: int) -> DraftRow | None:
    """One row of the draft, wherever it is."""
    wanted = rows_wanted(upload, draft, CheckFilter(TabCode.ALL))
    rows = page_of_rows(draft, wanted, after=row_number - 1, size=1, warnings=list(warnings_of(upload))).rows
    return rows[0] if rows and rows[0].row_number == row_number else None


def shown_rows(upload: Upload, rows: Sequence[DraftRow]) -> list[ShownRow]:
    mapped = upload.mapped
    readers = {name: cell_reader(mapped[name]) for name in mapped}
    columns = {name: mapped[name].only for name in mapped}
    fields = _fields(upload)
    edits = edits_of_rows(upload, [row.row_number for row in rows])
    return [_shown(row, edits.get(row.row_number), readers, columns, fields) for row in rows]


def edits_of_rows(upload: Upload, rows: Sequence[int]) -> dict[int, RowEdit]:
    sheet = str(upload.facts.get("sheet") or "")
    return edits_by_row(list(Edit.objects.filter(upload=upload, sheet=sheet, row__in=rows)))


def _fields(upload: Upload) -> list[str]:
    return [spec.name for spec in OPTIONAL if spec.name in upload.mapping]


def _shown(
    row: DraftRow, edit: RowEdit | None, readers: CellReaders, columns: Mapping[str, int | None], fields: list[str]
) -> ShownRow:
    is_edited = edit is not None and edit.fits(row.cells)
    cells = edit.applied(row.cells) if edit is not None and is_edited else row.cells
    bad = {str(problem.get("field", "")) for problem in row.problems}
    warned = {FIELD_OF_WARNING.get(code, "") for code in row.warnings}

    def cell(name: str) -> ShownCell:
        typed, as_read = readers[name](cells), readers[name](row.cells).strip()
        value = typed if row.problems else value_in_words(row.fields.get(name))
        css = "cell-bad" if name in bad else "cell-warn" if name in warned else ""
        raw = as_read if as_read != value and (css or typed.strip() != as_read) else ""
        return ShownCell(value, css, raw, columns[name], typed, LABELS[name])

    return ShownRow(
        row.row_number, hash_of(row.cells), _phone(row, cells, readers, columns), _why(row), list(map(cell, fields)), is_edited
    )


def _phone(row: DraftRow, cells: list[str], readers: CellReaders, columns: Mapping[str, int | None]) -> ShownCell:
    typed, as_read = readers[PHONE](cells), readers[PHONE](row.cells).strip()
    value = spaced(row.number) if row.number else typed.strip()
    is_same = as_read == value or as_read.translate(_SPACING) == f"+{row.number}"
    css = "cell-bad" if any(problem.get("field") == PHONE for problem in row.problems) else ""
    return ShownCell(value, css, "" if is_same else as_read, columns[PHONE], typed)


def _why(row: DraftRow) -> list[Why]:
    if row.problems:
        return [Why(str(problem.get("sentence") or title_of(str(problem.get("code")))), "bad") for problem in row.problems]
    if row.reason == READY:
        warnings = [Why(sentence_of(code), "warn") for code in sorted(row.warnings, key=_in_order)]
        return warnings or [Why("Ready", "good")]
    if row.reason not in BY_CODE:
        return [Why(sentence_of(row.reason), "bad")]
    return [Why(_why_left_out(row), "quiet")]


def _in_order(code: str) -> int:
    """The place of a warning: those of the phone come first."""
    return _PLACES.get(code, len(_PLACES))


def _why_left_out(row: DraftRow) -> str:
    match BY_CODE[row.reason].bucket:
        case Bucket.DUPLICATE_IN_FILE:
            return f"Same number as row {row.first_row or 0:,}"
        case Bucket.DUPLICATE:
            since = f" since {exact(row.known_since).partition(',')[0]}" if row.known_since else " already"
            return f"In the campaign{since}; skipped"
        case _:
            return sentence_of(row.reason)


def spaced(number: str) -> str:
    """A canonical number as people write it: +44 7415 550012."""
    parsed = phonenumbers.parse(f"+{number}")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
