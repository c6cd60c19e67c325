"""Files to take away. None of them is kept: what is built on disk is unlinked before its first byte is sent."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from django.http import FileResponse, Http404, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_GET

from voisoadmin.accounts.requests import Request
from voisoadmin.sheets.out import csv_blocks, write_xlsx
from voisoadmin.uploads import expected

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BOM = "\ufeff"  # Excel takes a CSV without it for the code page of the country


@require_GET
def template(request: Request, ending: str) -> HttpResponseBase:
    """An empty table with the columns we expect, and one example row."""
    return sheet(f"contacts.{ending}", ending, expected.HEADER, [expected.EXAMPLE])


def sheet(name: str, ending: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> HttpResponseBase:
    """A table as a download: CSV as it is made, a workbook from a file that has no name any more."""
    if ending not in TYPES:
        raise Http404
    response: HttpResponseBase
    if ending == "csv":
        response = StreamingHttpResponse(_encoded(csv_blocks(header, rows)), content_type=TYPES[ending])
        response["Content-Disposition"] = _attachment(name)
    else:
        response = FileResponse(_workbook(header, rows), as_attachment=True, filename=name, content_type=TYPES[ending])
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _workbook(header: Sequence[str], rows: Iterable[Sequence[str]]) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    write_xlsx(file, header, rows)
    file.seek(0)
    return file


def _encoded(blocks: Iterator[str]) -> Iterator[bytes]:
    yield BOM.encode()
    for block in blocks:
        yield block.encode()


def _attachment(name: str) -> str:
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)
    return f'attachment; filename="{plain}"'
