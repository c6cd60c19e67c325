"""What an earlier program did to the letters of a file: it can be read, and is still wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from voisoadmin.sheets.facts import MIB
from voisoadmin.sheets.protocol import Notes
from voisoadmin.sheets.text.eastern import eastern_scores

BLOCK_BYTES = 4 * MIB
SAMPLE_BYTES = 64 * 1024
LOST = "\ufffd".encode()
WORDS = re.compile(r"[^\s,;|\"]+")
MISTAKEN = re.compile(b"\xc2[\x80-\x9f]")
PUT_BACK = {code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)}
"""Control characters that no text has, and the characters of Windows-1252 that they were before a program took them for
Latin-1."""
ODD_LETTERS = re.compile(r"[\u0180-\u036f\u0500-\u058f\u0700-\u07ff]+")
SURELY_CHINESE = 1.2


def note_losses(path: Path, notes: Notes, *, line_at: Callable[[Path, int], int]) -> bool:
    """Note what is wrong with the text; return whether characters are to be put back."""
    missing = {b"\0": "There are NUL characters in the file", LOST: "Some letters were lost before this upload (“�”)"}
    repaired = False
    with path.open("rb") as file:
        at = 0
        while block := file.read(BLOCK_BYTES):
            for mark in [mark for mark in missing if mark in block]:
                notes.add(f"{missing.pop(mark)}, first on line {line_at(path, at + block.find(mark)):,}.")
            if not repaired and (found := MISTAKEN.search(block)):
                repaired = True
                line = line_at(path, at + found.start())
                notes.add(
                    f"Marks of Windows-1252 such as “–” and “’” were damaged before this upload, first on line {line:,}, "
                    "and are repaired. Check the names."
                )
            if at == 0 and (example := _encoded_twice(block)):
                notes.add(f"Names look encoded twice (“{example[0]}” instead of “{example[1]}”). Export the file again.")
            at += len(block)
    return repaired


def _encoded_twice(block: bytes) -> tuple[str, str] | None:
    """A word of UTF-8 that was mistaken for Windows-1252 and encoded once more, and what it was; None if most words
    aren't."""
    words = [word for word in WORDS.findall(block[:SAMPLE_BYTES].decode("utf-8", "ignore")) if not word.isascii()]
    meant = {word: _once(word) for word in words}
    twice = [(word, text) for word, text in meant.items() if text]
    return twice[0] if twice and len(twice) * 10 >= len(meant) * 8 else None


def _once(word: str) -> str:
    try:
        return word.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return ""


def disguised(head: bytes) -> bytes:
    """The lines of a short Chinese file whose two-byte letters happen to be valid UTF-8, but of letters that no name has;
    empty for any other file."""
    lines = [line for line in head.splitlines() if not line.isascii()]
    sample = b"\n".join(lines)
    text = sample.decode("utf-8", "ignore")
    if not lines or not all(letter.isascii() or ODD_LETTERS.match(letter) for letter in text):
        return b""
    return sample if max(eastern_scores(sample).values()) >= SURELY_CHINESE else b""
