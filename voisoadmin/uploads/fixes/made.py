"""The edits that were made, for pages: those of some rows, and those whose row isn't found any more."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import record_done
from voisoadmin.uploads.fixes.refusals import check_again, locked
from voisoadmin.uploads.models import Edit, Upload


def edits_of(upload: Upload, rows: Iterable[int]) -> dict[int, list[Edit]]:
    """By row, the edits of the table that was checked. One without a column leaves the row out."""
    sheet = str(upload.facts.get("sheet") or "")
    found: dict[int, list[Edit]] = {}
    for edit in Edit.objects.filter(upload=upload, sheet=sheet, row__in=list(rows), fits=True).order_by("row", "column"):
        found.setdefault(edit.row, []).append(edit)
    return found


def unfitting(upload: Upload) -> QuerySet[Edit]:
    """Edits whose row isn't the one that was edited, since the file is read in another way. Nothing is sent from it."""
    return Edit.objects.filter(upload=upload, fits=False)


@transaction.atomic
def forget_unfitting(upload: Upload, *, click: Click) -> int:
    """Take these edits back and check the file again; return how many. Raises NotEditable."""
    current = locked(upload)
    count, _ = unfitting(current).delete()
    if count:
        record_done(Operation.Kind.EDIT_ROWS, current.subject, click, result={"edits_taken_back": count})
        check_again(current)
    return count
