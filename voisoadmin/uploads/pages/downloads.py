"""Downloads. None of them is kept: a file built on disk is unlinked before its first byte is sent."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from django.http import FileResponse, Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET

from voisoadmin.accounts.requests import Request
from voisoadmin.contacts.reasons import Bucket
from voisoadmin.lib.attachments import CSV, as_download, csv_download
from voisoadmin.lib.later import Later
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import record_done
from voisoadmin.sheets.out import MarkedRow, csv_blocks
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages import expected, rejects, row_outcomes

if TYPE_CHECKING:
    from voisoadmin.sheets import out_workbook
else:
    out_workbook = Later("voisoadmin.sheets.out_workbook")

TYPES = {
    "csv": CSV,
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
WHAT: dict[str, Collection[str]] = {
    "not-added": row_outcomes.NOT_ADDED,
    "all": row_outcomes.ALL,
    **{bucket.replace("_", "-"): {bucket} for bucket in Bucket},
}
TO_FIX = "to-fix"  # with the filters of the list


@require_GET
def template(request: Request, ending: str) -> HttpResponseBase:
    """An empty table with the columns we expect, and one example row."""
    return sheet(f"contacts.{ending}", ending, expected.HEADER, [MarkedRow(expected.EXAMPLE)])


@require_GET
def download(request: Request, pk: int, what: str, ending: str) -> HttpResponseBase:
    """The rows of an upload with outcome and reason: those of a list of rows to fix, those not added, all, or one bucket.
    Before it is sent, the outcomes are those of its check."""
    if (what not in WHAT and what != TO_FIX) or ending not in TYPES:
        raise Http404
    upload = get_object_or_404(Upload.objects.visible_to(request.user), pk=pk)
    if not rejects.counted_of(upload):
        raise Http404  # it has no rows before it is checked
    click = Click(by=request.user, at=timezone.now())
    record_done(Operation.Kind.DOWNLOAD, upload.subject, click, request={"what": what, "format": ending})
    stem = upload.file_name.rpartition(".")[0] or upload.file_name
    if what == TO_FIX:
        header, rows = row_outcomes.table_of_rows_to_fix(upload, rejects.ListFilter.from_query(request.GET))
    else:
        header, rows = row_outcomes.table(upload, buckets=WHAT[what])
    return sheet(f"{stem}-{what}.{ending}", ending, header, rows)


def sheet(name: str, ending: str, header: Sequence[str], rows: Iterable[MarkedRow]) -> HttpResponseBase:
    """A table as a download: CSV as it is generated, a workbook from a file that is already unlinked."""
    if ending not in TYPES:
        raise Http404
    if ending == "csv":
        return csv_download(name, csv_blocks(header, (row.cells for row in rows)))
    return as_download(FileResponse(_workbook(header, rows), content_type=TYPES[ending]), name)


def _workbook(header: Sequence[str], rows: Iterable[MarkedRow]) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    try:
        out_workbook.write_xlsx(file, header, rows)
        file.seek(0)  # writes the last bytes
    except BaseException:
        with suppress(OSError):
            file.close()  # what it holds is what fills a full disk
        raise
    return file
