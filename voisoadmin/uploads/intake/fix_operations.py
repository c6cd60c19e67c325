"""Bulk fixes of many rows are open in the Activity until the check that applies them has ended."""

from datetime import datetime

from voisoadmin.operations.models import Operation

KINDS = (Operation.Kind.FIX_ROWS, Operation.Kind.UNDO_FIX)


def end_fixes(
    upload_id: int, status: Operation.Status, *, at: datetime, problem: str = "", result: dict[str, object] | None = None
) -> None:
    of_upload = Operation.objects.open().filter(subject_kind=Operation.Subject.UPLOAD, subject_id=upload_id, kind__in=KINDS)
    of_upload.update(status=status, ended_at=at, touched_at=at, problem=problem, result=result or {})
