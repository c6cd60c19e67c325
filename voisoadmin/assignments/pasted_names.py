"""The names in a line of a pasted text: apart by tabs or commas, with the marks that lists have."""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Protocol

LONGEST_NAME = 320  # characters; longer than any email address or name in a roster
MOST_MARKS = 4  # at the begin of a name: `> - [x] 1. Ada`

# Each of these looks at one character, or at a number of them that is given: none takes longer than the text is long.
_APART = re.compile(r'[\s<>()\[\]{}",]')  # what ends an email address
_MARK = re.compile(
    r"""[-+*#>•◦▪▫●○■□◆‣⁃∙·–—✓✔☐☑☒]      # a bullet
    |\[[ xX✓]?\](?=\s)                       # a box
    |\(?[0-9]{1,5}(?:[.)\]:]|\s-)(?=\s)      # 12. or (12) or 12:
    |\(?[0-9]{1,5}[.)](?=[^\W\d])            # 1.Ada
    |\([a-zA-Z]\)(?=\s)|[a-zA-Z]\)(?=\s)     # a)
    """,
    re.VERBOSE,
)
_NUMBER = re.compile(r"[0-9]{1,5}[.)]?")
_CLOSES = {"<": ">", "(": ")", "[": "]", "{": "}", '"': '"', "'": "'", "“": "”", "„": "“", "‘": "’", "«": "»", "`": "`"}


class Spellings(Protocol):
    """What the names of a roster are."""

    def has(self, text: str) -> bool: ...


class NoSpellings:
    """Of an empty roster."""

    def has(self, text: str) -> bool:
        return False


def names_in_line(line: str, known: Spellings) -> Iterator[str]:
    """The names in one line of a pasted text. A comma may be part of a name ("Fischer, Lena"), so a piece that the roster
    knows as a whole stays whole.
    """
    cells = [cell for cell in map(str.strip, line.split("\t")) if cell]
    if len(cells) > 1 and _NUMBER.fullmatch(cells[0]) and not known.has(cells[0]):
        cells = cells[1:]  # the rows of a sheet are numbered
    for cell in cells:
        yield from _of_cell(cell, known)


def _of_cell(cell: str, known: Spellings) -> Iterator[str]:
    if len(cell) <= LONGEST_NAME and known.has(cell):
        yield cell
        return
    cell = _without_marks(cell, known)
    if cell.startswith('"'):
        pieces: Iterable[str] = map(_bare, _in_quotes(cell))
    elif "," in cell:
        pieces = _persons(cell.split(","), known)
    else:
        pieces = [_bare(cell)]
    for piece in filter(None, pieces):
        yield from _of_piece(piece, known)


def _in_quotes(cell: str) -> list[str]:
    """Names in quotes may hold commas."""
    try:
        return next(csv.reader([cell], skipinitialspace=True))
    except csv.Error:
        return [cell]  # longer between two quotes than any name


def _without_marks(cell: str, known: Spellings) -> str:
    for _ in range(MOST_MARKS):
        mark = _MARK.match(cell)
        rest = cell[mark.end() :].strip() if mark else ""
        if mark is None or (len(cell) <= LONGEST_NAME and known.has(cell)):
            break
        if mark[0][-1] in ".)" and mark[0][0] in "0123456789(" and cell[mark.end() : mark.end() + 1].strip() and "@" in rest:
            break  # 2.ada@example.com may be an address
        cell = rest
    return cell


def _persons(parts: Iterable[str], known: Spellings) -> Iterator[str]:
    """The parts of a list with commas, where a last name goes together with the first name behind it."""
    last = ""
    for part in filter(None, map(_bare, parts)):
        if last and _are_one(last, part, known):
            yield f"{last}, {part}"
            last = ""
        else:
            yield last
            last = part
    yield last


def _are_one(last: str, first: str, known: Spellings) -> bool:
    if len(last) + len(first) > LONGEST_NAME or "@" in last:
        return False
    if known.has(f"{last}, {first}") or known.has(f"{first} {last}"):
        return True
    # Byron, Ada <ada@example.com>
    return "@" in first and "<" in first and not first.startswith("<") and " " not in last and not known.has(last)


def _of_piece(piece: str, known: Spellings) -> list[str]:
    if len(piece) <= LONGEST_NAME and known.has(piece):
        return [piece]
    if "@" in piece:
        words = (word.strip("*`'").removeprefix("mailto:").rstrip(".:_") for word in _APART.split(piece))
        if addresses := [word for word in words if "@" in word[1:-1]]:
            return addresses
    if ", " in piece:
        last, _, first = piece.partition(", ")
        if known.has(f"{first} {last}"):
            return [f"{first} {last}"]
    name, _, remark = piece.rstrip(")]").rpartition(" (" if piece.endswith(")") else " [")
    if name and remark and known.has(name):
        return [name]  # Lena Fischer (Berlin)
    return [piece]


def _bare(piece: str) -> str:
    """Without the brackets, quotes and stars around it."""
    piece = piece.strip().strip("*_").rstrip(",;:").strip()
    for _ in range(MOST_MARKS):
        begins, ends = piece[:1], piece[-1:]
        if len(piece) > 1 and _CLOSES.get(begins) == ends:
            piece = piece[1:-1].strip()
        elif begins in _CLOSES and begins and _CLOSES[begins] not in piece[1:]:
            piece = piece[1:].strip()
        elif (
            ends in _CLOSES.values()
            and ends
            and not any(opens in piece[:-1] for opens, shuts in _CLOSES.items() if shuts == ends)
        ):
            piece = piece[:-1].strip()
        else:
            break
    return piece.removeprefix("mailto:").strip()
