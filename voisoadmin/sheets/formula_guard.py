"""Cells that no spreadsheet program takes for a formula, and back again (OWASP ASVS 1.2.10).

A CSV is opened with the list separator of the reader's country: a cell `x;=1` then becomes two, and line breaks in a cell
end rows, because its opening quote is no longer at the beginning of a cell. So every place that may become the beginning
of a cell is guarded.
"""

import re

# What a spreadsheet program may take for a formula, or for the start of one after it drops characters it can't show.
SIGNS = r"=+\-@\t\r\n\0＝＋－＠"
# Dropped or hidden at the beginning of a cell; a blank keeps its cell from being a formula, but some programs trim it.
HIDDEN = r"'\"\x01-\x08\x0e-\x1f\x7f\xa0\xad\u200b-\u200f\u2060\ufeff"
FORMULA = rf"[ {HIDDEN}]*[{SIGNS}]"
# Also before the end of the cell, because its closing quote would open the next one.
WITHIN = rf"[ {HIDDEN}]*(?:[{SIGNS}]|\Z)"
SEPARATED = r"(?<=[;|\t\r\n])"
HARMLESS = re.compile(rf"[^{SIGNS};|]*")  # most cells, for which this is faster
IN_CSV = re.compile(rf"\A(?={FORMULA})|{SEPARATED}(?={WITHIN})")
# A cell of a workbook says that it is text, and nothing splits it. Only what begins like a formula is guarded, for those who
# save the workbook as a CSV; and an apostrophe that could be a guard needs another one, to survive unguarding.
IN_WORKBOOK = re.compile(rf"\A(?=[{HIDDEN}\t\r\n\0]*[=＝])|\A(?='{FORMULA})|{SEPARATED}(?='{WITHIN})")
GUARD = re.compile(rf"\A'(?={FORMULA})|{SEPARATED}'(?={WITHIN})")


def guarded_in_workbook(text: str) -> str:
    """Text for a text cell of a workbook: `+44 …` and `-` stay as they are. `unguarded` reverses exactly this."""
    return text if HARMLESS.fullmatch(text) else IN_WORKBOOK.sub("'", text)


def guarded_in_csv(text: str) -> str:
    """Text without any part that is evaluated, whatever separator the file is read with. `unguarded` reverses exactly
    this."""
    return text if HARMLESS.fullmatch(text) else IN_CSV.sub("'", text)


def unguarded(text: str) -> str:
    """The text before an export guarded it: without the one apostrophe before a possible formula."""
    return GUARD.sub("", text) if "'" in text else text
