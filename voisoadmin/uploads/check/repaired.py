"""At the end of a check: which edits found their row, and what the fixes made of the rows."""

from collections.abc import Collection

from django.utils import timezone

from voisoadmin.operations.models import Operation
from voisoadmin.pushes.models import Push
from voisoadmin.uploads.intake.fix_operations import end_fixes
from voisoadmin.uploads.models import Edit, Fix, Upload

AT_ONCE = 500


def note_applied(upload: Upload, draft: Push, sheet: str, fitting: Collection[int]) -> None:
    """`fitting`: the edited rows of this sheet whose cells are still those that were edited."""
    edits = Edit.objects.filter(upload=upload)
    if edits.exists():
        edits.filter(fits=True).update(fits=False)
        rows = sorted(fitting)
        for start in range(0, len(rows), AT_ONCE):
            edits.filter(sheet=sheet, row__in=rows[start : start + AT_ONCE]).update(fits=True)
    Fix.objects.filter(upload=upload, ready_after=None).update(ready_after=draft.pending)
    result: dict[str, object] = {"rows_ready": draft.pending, "rows_to_fix": draft.invalid}
    end_fixes(upload.pk, Operation.Status.DONE, at=timezone.now(), result=result)
