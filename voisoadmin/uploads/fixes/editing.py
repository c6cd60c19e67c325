"""Changes a cell, or leaves rows out. The rest of the file keeps its results; the file itself never changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import transaction

from voisoadmin.operations.clicks import Click
from voisoadmin.pushes.draft_places import Place
from voisoadmin.uploads.fixes.refusals import LONGEST_CELL, MANY_ROWS, MOST_ROWS_AT_ONCE, NO_COLUMN, TOO_LONG, NotEditable
from voisoadmin.uploads.fixes.session import EditResult, EditSession, SeenRow
from voisoadmin.uploads.models import Upload


def edit_cell(upload: Upload, *, row: int, column: int, value: str, seen_hash: str, version: int, click: Click) -> EditResult:
    """Change one cell; its original text undoes the edit. `version`: of the upload on the user's page; `seen_hash`: of the
    row's original cells there.

    Raises Stale if someone has changed this row since, NoLongerFits, TooManyEdits, or NotEditable.
    """
    if len(value) > LONGEST_CELL:
        raise NotEditable(TOO_LONG)
    with transaction.atomic():
        session = EditSession(upload, version=version, click=click)

        def write(place: Place) -> None:
            cells = place.row.cells
            if not 0 <= column < max(len(session.upload.facts["columns"]), len(cells)):
                raise NotEditable(NO_COLUMN)
            if value == (cells[column] if column < len(cells) else ""):
                session.edits(row).filter(column=column).delete()
            else:
                session.write(place, column, value)

        session.change(SeenRow(row, seen_hash), write)
        return session.end(row)


def undo_edit(upload: Upload, *, row: int, seen_hash: str, version: int, click: Click) -> EditResult:
    """Take back every edit of the row, also those that no longer fit. Raises what `edit_cell` raises."""
    return _each(upload, [SeenRow(row, seen_hash)], version, click, lambda session, place: _undo(session, place))


def leave_out(upload: Upload, *, rows: Sequence[SeenRow], version: int, click: Click) -> EditResult:
    """Don't send these rows, whatever is in them. The result is that of the first one."""
    return _each(upload, rows, version, click, lambda session, place: session.write(place, None, ""))


def take_in(upload: Upload, *, rows: Sequence[SeenRow], version: int, click: Click) -> EditResult:
    """Take `leave_out` back."""
    return _each(upload, rows, version, click, _take_in)


def _undo(session: EditSession, place: Place) -> None:
    session.edits(place.row.row_number).delete()


def _take_in(session: EditSession, place: Place) -> None:
    session.edits(place.row.row_number).filter(column=None).delete()


def _each(
    upload: Upload, rows: Sequence[SeenRow], version: int, click: Click, write: Callable[[EditSession, Place], None]
) -> EditResult:
    if not 0 < len(rows) <= MOST_ROWS_AT_ONCE:
        raise NotEditable(MANY_ROWS)
    with transaction.atomic():
        session = EditSession(upload, version=version, click=click)
        for seen in rows:
            session.change(seen, lambda place: write(session, place))
        return session.end(rows[0].row)
