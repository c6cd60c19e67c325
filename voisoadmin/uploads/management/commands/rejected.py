import os
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.utils import timezone

from voisoadmin.lib.commands import JsonCommand, bad_input, command_line_label, refused
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import record_done
from voisoadmin.sheets.out import MarkedRow, write_csv
from voisoadmin.sheets.out_workbook import write_xlsx
from voisoadmin.uploads.cli.printing import find_upload
from voisoadmin.uploads.pages import rejects, row_outcomes

EPILOG = """
JSON: {"upload", "output", "rows"}. Exit code 0: the file was written; 1: the upload isn't checked yet; 2: there is no such
upload, or the file can't be written.
"""


class Command(JsonCommand):
    help = "Write a file with the rows of an upload that were not added, each with its reason."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog = EPILOG
        parser.add_argument("upload", metavar="ID", help="the upload's number")
        parser.add_argument("--output", required=True, type=Path, metavar="F.csv|F.xlsx", help="output file")
        parser.add_argument("--all-rows", action="store_true", help="all rows with outcome")

    def handle(self, *args: Any, **options: Any) -> None:
        upload = find_upload(options["upload"])
        output: Path = options["output"]
        if output.suffix.lower() not in {".csv", ".xlsx"}:
            raise bad_input(f"--output: “{output}” must end in .csv or .xlsx.")
        if not rejects.counted_of(upload):
            raise refused("This upload has no rows: it hasn't been checked yet, or it was discarded.")
        header, rows = row_outcomes.table(upload, buckets=row_outcomes.ALL if options["all_rows"] else row_outcomes.NOT_ADDED)
        counted = Counted(rows)
        try:
            _write(output, header, counted)
        except OSError as problem:
            raise bad_input(f"--output: can't write “{output}”: {problem.strerror}.") from None
        click = Click(by=None, by_label=command_line_label(), at=timezone.now())
        request = {"what": "all" if options["all_rows"] else "not-added", "format": output.suffix.lower().lstrip(".")}
        record_done(Operation.Kind.DOWNLOAD, upload.subject, click, request={**request})
        facts = {"upload": upload.pk, "output": str(output), "rows": counted.rows}
        self.emit(facts, words=f"{counted.rows:,} rows of upload {upload.pk} written to {output}.")


class Counted:
    """Counts rows as they pass."""

    def __init__(self, source: Iterable[MarkedRow]) -> None:
        self._source = source
        self.rows = 0

    def __iter__(self) -> Iterator[MarkedRow]:
        for row in self._source:
            self.rows += 1
            yield row


def _write(output: Path, header: list[str], rows: Iterable[MarkedRow]) -> None:
    """Write next to the target and rename, so that a reader always finds a whole file."""
    descriptor, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
    part = Path(name)
    try:
        if output.suffix.lower() == ".csv":
            with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as stream:
                write_csv(stream, header, (row.cells for row in rows))
        else:
            with os.fdopen(descriptor, "wb") as book:
                write_xlsx(book, header, rows)
        part.rename(output)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
