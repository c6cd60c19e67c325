"""The cell of a row to fix that is edited in the list: the one with the problem, else the phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from voisoadmin.contacts.fields import LABELS, PHONE
from voisoadmin.contacts.reasons import Bucket
from voisoadmin.contacts.repairs import RowEdit, hash_of
from voisoadmin.pushes.models import RejectedRecord
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages.check_rows import edits_of_rows
from voisoadmin.uploads.pages.rejects import CellInList, RowToFix


def with_cells(upload: Upload, rows: Sequence[RowToFix]) -> list[RowToFix]:
    """The same rows with the cells that are edited in the list."""
    edits = edits_of_rows(upload, [row.record.row_number for row in rows])
    return [replace(row, cell=_cell_of(upload, row.record, edits.get(row.record.row_number))) for row in rows]


def _cell_of(upload: Upload, record: RejectedRecord, edit: RowEdit | None) -> CellInList | None:
    """None where the number may not be changed, or the field has no column or several."""
    if record.bucket == Bucket.NEEDS_REVIEW or record.dismissed_at is not None:
        return None
    fields = [str(problem.get("field", "")) for problem in record.problems if isinstance(problem, dict)]
    name = next((field for field in fields if field in upload.mapped), PHONE)
    column = upload.mapped[name].only if name in upload.mapped else None
    if column is None:
        return None
    cells = edit.applied(record.cells) if edit is not None and edit.fits(record.cells) else record.cells
    text = cells[column] if column < len(cells) else ""
    return CellInList(column, LABELS[name], text, hash_of(record.cells), name == PHONE)
