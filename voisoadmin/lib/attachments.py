"""A table as a CSV download that is sent while it is generated."""

from collections.abc import Iterator

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

BOM = "\ufeff"  # without it, Excel reads a CSV in the country's code page
CSV = "text/csv; charset=utf-8"


def csv_download(name: str, blocks: Iterator[str]) -> HttpResponseBase:
    return as_download(StreamingHttpResponse(_encoded(blocks), content_type=CSV), name)


def as_download(response: HttpResponseBase, name: str) -> HttpResponseBase:
    """The browser saves it under this name, and no cache keeps it."""
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _encoded(blocks: Iterator[str]) -> Iterator[bytes]:
    yield BOM.encode()
    for block in blocks:
        yield block.encode()
