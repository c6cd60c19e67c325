"""About how many rows a file has, for the bar of its check: from its first rows, or from an earlier check."""

from collections.abc import Sequence

from voisoadmin.sheets.facts import SheetFacts
from voisoadmin.uploads.models import Upload


def expected_rows(upload: Upload, facts: SheetFacts, sample: Sequence[Sequence[str]]) -> int | None:
    """None for a workbook that is checked for the first time: its size says nothing about its rows."""
    if facts.encoding is None or not sample:
        return upload.rows
    size = sum(len("".join(cells).encode("utf-8", "replace")) + len(cells) + 1 for cells in sample) / len(sample)
    return max(len(sample), round(upload.file_size / size))
