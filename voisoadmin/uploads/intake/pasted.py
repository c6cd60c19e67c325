"""Cells that were copied from a spreadsheet program and pasted into a form: kept like a file, and read like one."""

from voisoadmin.uploads.intake.removing import free_up
from voisoadmin.uploads.intake.spool import FileRefused, Spool, SpooledFile

FILE_NAME = "Pasted cells.tsv"
MOST_CHARACTERS = 2_000_000  # a form takes no more; larger tables are uploaded as a file
TOO_MANY = "These are too many cells to paste. Save them as a file and upload it."


def spooled(cells: str) -> SpooledFile:
    """Raises FileRefused."""
    if len(cells) > MOST_CHARACTERS:
        raise FileRefused(TOO_MANY)
    with Spool(free_up=free_up) as spool:
        # Forms end lines with CR LF. Half a surrogate, which only a forged form has, becomes a question mark.
        spool.write(cells.replace("\r\n", "\n").encode("utf-8", "replace"))
        return spool.finish()
