"""What `manage.py inspect` says of a file: its record, and what became of each of its rows."""

import csv
import json
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command

Rows = list[dict[str, str]]


def inspect_file(
    path: Path,
    *answers: str,
    region: str | None = None,
    options: Iterable[str] = (),
    rows_in: Path | None = None,
    raises: bool = True,
) -> tuple[dict[str, Any], Rows]:
    """`rows_in`: a folder, else that of the file. `raises`: else the record says why a file was refused."""
    folder, out = (rows_in or path.parent) / "rows", StringIO()
    words = [word for answer in answers for word in ("--answer", answer)]
    if region is not None:
        words += ["--region", region]
    verdicts = folder / f"{path.name}.csv"
    verdicts.unlink(missing_ok=True)  # of an earlier look at this file
    with nullcontext() if raises else suppress(CommandError):
        call_command("inspect", str(path), "--json", "--rows-dir", str(folder), *words, *options, stdout=out)
    record = json.loads(out.getvalue().splitlines()[0])
    if not verdicts.exists():
        return record, []
    with verdicts.open(encoding="utf-8", newline="") as file:
        return record, list(csv.DictReader(file))


def inspect_text(folder: Path, text: str, *answers: str, **how: Any) -> tuple[dict[str, Any], Rows]:
    path = folder / "leads.csv"
    path.write_text(text, "utf-8")
    return inspect_file(path, *answers, **how)
