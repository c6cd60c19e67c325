"""Which encoding a text file is in: by its byte order mark, then by strict decoding, then by what its letters look like."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace
from pathlib import Path

from voisoadmin.sheets.facts import Unreadable
from voisoadmin.sheets.protocol import Notes
from voisoadmin.sheets.text.codepages import likely_codecs
from voisoadmin.sheets.text.losses import BLOCK_BYTES, WORDS, disguised, note_losses

SAMPLE_BYTES = 64 * 1024
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 (little endian)",
    "utf-16-be": "UTF-16 (big endian)",
    "cp1252": "Windows-1252, Western Europe",
    "cp1250": "Windows-1250, Central Europe",
    "cp1251": "Windows-1251, Cyrillic",
    "cp1253": "Windows-1253, Greek",
    "cp1254": "Windows-1254, Turkish",
    "cp1255": "Windows-1255, Hebrew",
    "cp1256": "Windows-1256, Arabic",
    "cp1257": "Windows-1257, Baltic",
    "iso8859-1": "ISO 8859-1, Western Europe",
    "iso8859-2": "ISO 8859-2, Central Europe",
    "iso8859-15": "ISO 8859-15, Western Europe",
    "koi8-r": "KOI8-R, Cyrillic",
    "mac-roman": "Mac Roman",
    "cp850": "DOS 850, Western Europe",
    "cp437": "DOS 437",
    "shift_jis": "Shift JIS, Japanese",
    "gb18030": "GB 18030, Chinese",
    "big5": "Big5, Chinese",
    "euc_kr": "EUC-KR, Korean",
}
"""The encodings that a person may choose."""
ALSO_RECOGNISED = {
    "cp932": "Shift JIS, Japanese",
    "euc_jp": "EUC-JP, Japanese",
    "cp866": "DOS 866, Cyrillic",
    "cp949": "EUC-KR, Korean",
    "cp1258": "Windows-1258, Vietnamese",
    "utf-32-le": "UTF-32 (little endian)",
    "utf-32-be": "UTF-32 (big endian)",
    "iso2022_jp": "ISO-2022-JP, Japanese",
    "iso2022_kr": "ISO-2022-KR, Korean",
    "hz": "HZ, Chinese",
    "cp852": "DOS 852, Central Europe",
    "cp874": "Windows-874, Thai",
}

MIXED = "voisoadmin-mixed"
SHOWN = 30  # characters of a word
OFFERED = 3  # other encodings
SEVEN_BITS = (
    (re.compile(rb"\x1b\$\)C"), ("iso2022_kr",)),
    (re.compile(rb"\x1b(?:\$[@AB(]|&@|\([IJ])"), ("iso2022_jp", "iso2022_jp_2", "iso2022_jp_ext", "iso2022_jp_2004")),
    (re.compile(rb"~\{[\x21-\x77][\x21-\x7e]"), ("hz",)),
)
"""What announces other letters in a file of seven bits, and the codecs that may read it."""
CHINESE_IN_SEVEN_BITS = re.compile(rb"\x1b\$\)[AG]")


@dataclass(frozen=True, slots=True)
class Encoding:
    name: str  # a codec of Python, without mark
    mark: int = 0  # bytes of the mark at the beginning
    errors: str = "strict"
    others: tuple[str, ...] = ()  # codecs that may be right instead, the likeliest first
    repaired: bool = False  # characters of Windows-1252 that were taken for Latin-1 are put back


def name_of(codec: str) -> str:
    """What people call an encoding: `Windows-1252, Western Europe`."""
    try:
        known = codecs.lookup(codec).name
    except LookupError:
        return codec
    named = ENCODINGS | ALSO_RECOGNISED
    return named.get(codec) or named.get(known) or known.replace("_", " ").upper()


def _as_windows(problem: UnicodeError) -> tuple[str, int]:
    """Decode the bytes that aren't UTF-8 as Windows-1252, as the program that wrote them did."""
    if not isinstance(problem, UnicodeDecodeError):
        raise problem
    return windows_text(problem.object[problem.start : problem.end]), problem.end


def windows_text(data: bytes) -> str:
    # Five bytes have no letter in Windows-1252; they become the control characters they are in Latin-1.
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in data)


codecs.register_error(MIXED, _as_windows)


def find_encoding(path: Path, chosen: str, notes: Notes) -> Encoding:
    """Find an encoding in which the whole file can be read without loss. Raises Unreadable."""
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    mark = next(((_repeated(mark, head), name) for mark, name in MARKS if head.startswith(mark)), None)
    if chosen:
        return _chosen(path, chosen, mark)
    if mark:
        found = Encoding(mark[1], len(mark[0]))
        if _fails_at(path, found) is None:
            return found
        if found.name != "utf-8":
            raise Unreadable(
                f"The file says it is {name_of(found.name)}, but it is damaged and can't be read completely. Save it again."
            )
    elif (wide := _wide_without_mark(head)) and _fails_at(path, Encoding(wide)) is None:
        return Encoding(wide)
    elif seven := _in_seven_bits(path, head, notes):
        return seven
    plain = Encoding("utf-8", len(mark[0]) if mark else 0)
    fails_at = _fails_at(path, plain)
    if fails_at is None and not mark and (sample := disguised(head)):
        return _guessed(path, sample, plain, notes)
    repaired = note_losses(path, notes, line_at=_line_at)
    if fails_at is None:
        return replace(plain, repaired=repaired)
    return _not_utf8(path, plain, fails_at, notes)


def _in_seven_bits(path: Path, head: bytes, notes: Notes) -> Encoding | None:
    """An encoding of emails, in which escape characters announce letters of two bytes. Raises Unreadable."""
    if CHINESE_IN_SEVEN_BITS.search(head):
        raise Unreadable("The file is in ISO-2022-CN, which can't be read. Save it as UTF-8 and upload it again.", "encoding")
    for announced, names in SEVEN_BITS:
        fitting = (name for name in names if announced.search(head) and _fails_at(path, Encoding(name)) is None)
        if (name := next(fitting, "")) and not head.decode(name, "ignore").isascii():
            notes.add(f"Encoding: {name_of(name)}.")
            return Encoding(name, others=("utf-8",))
    return None


def _repeated(mark: bytes, head: bytes) -> bytes:
    """The byte order mark as often as it is repeated: each program that passes a file on may have added one."""
    marks = mark
    while head.startswith(mark, len(marks)):
        marks += mark
    return marks


def _chosen(path: Path, chosen: str, mark: tuple[bytes, str] | None) -> Encoding:
    try:
        name = codecs.lookup(chosen).name
        "".encode(name)
    except (LookupError, UnicodeError):
        raise Unreadable(f"There is no text encoding “{chosen}”.") from None
    if mark and (name in ("utf-16", "utf-32") or name == "utf-8-sig"):
        name = mark[1]
    name = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(name, name)
    encoding = Encoding(name, len(mark[0]) if mark and mark[1] == name else 0)
    if (at := _fails_at(path, encoding)) is not None:
        raise Unreadable(
            f"The file is not {name_of(name)}: reading fails from line {_line_at(path, at):,} on. Choose another encoding."
        )
    return encoding


def _wide_without_mark(head: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: in Latin text every other byte is NUL, or three of four."""
    sample = head[: len(head) // 4 * 4]
    if sample and not any(sample[3::4]) and not any(sample[2::4]) and any(sample[0::4]):
        return "utf-32-le"
    if sample and not any(sample[0::4]) and not any(sample[1::4]) and any(sample[3::4]):
        return "utf-32-be"
    sample = head[: len(head) // 2 * 2]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd * 10 >= half * 3 and even * 10 <= odd:
        return "utf-16-le"
    if even * 10 >= half * 3 and odd * 10 <= even:
        return "utf-16-be"
    return None


def _fails_at(path: Path, encoding: Encoding) -> int | None:
    """The first byte that isn't valid in this encoding; None if all are."""
    decoder = codecs.getincrementaldecoder(encoding.name)("strict")
    with path.open("rb") as file:
        at = file.seek(encoding.mark)
        pending = 0
        while True:
            block = file.read(BLOCK_BYTES)
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as problem:
                return max(at - pending + problem.start, 0)
            if not block:
                return None
            at += len(block)
            pending = len(decoder.getstate()[0])


def _line_at(path: Path, at: int) -> int:
    with path.open("rb") as file:
        lines, left = 1, at
        while left > 0 and (block := file.read(min(left, BLOCK_BYTES))):
            lines += block.count(b"\n") or block.count(b"\r")
            left -= len(block)
    return lines


def _not_utf8(path: Path, plain: Encoding, fails_at: int, notes: Notes) -> Encoding:
    sample = _foreign_sample(path, fails_at)
    good, bad = _utf8_letters(sample)
    if plain.mark or good > bad:
        return _mixed(path, plain, fails_at, notes)
    return _guessed(path, sample, plain, notes)


def _guessed(path: Path, sample: bytes, plain: Encoding, notes: Notes) -> Encoding:
    likely, sure = likely_codecs(sample)
    fitting = [name for name in likely if _fails_at(path, Encoding(name)) is None]
    if not fitting:
        notes.add("No encoding fits the whole file; read as Windows-1252. Check the names.")
        return Encoding("cp1252", 0, MIXED)
    best, *others = fitting
    # ISO 8859 has most letters where Windows has them: it is no other reading.
    different = [name for name in others if _reads_as(sample, name) != _reads_as(sample, best)][:OFFERED]
    different.sort(key=lambda name: name != "cp1252")  # what other programs show
    if best != "cp1252" or not sure:
        notes.add(_says_guessed(best, different, sample))
    return Encoding(best, others=tuple(different))


def _reads_as(sample: bytes, codec: str) -> str:
    return sample.decode(codec, "replace")


def _says_guessed(best: str, others: list[str], sample: bytes) -> str:
    """With the first word that another encoding reads otherwise: a person sees at once which one is right."""
    guessed = f"Encoding guessed: {name_of(best)}."
    for other in others:
        pairs = zip(WORDS.findall(_reads_as(sample, best)), WORDS.findall(_reads_as(sample, other)), strict=False)
        for one, two in pairs:
            if one != two and one.isprintable() and two.isprintable() and len(one) <= SHOWN:
                return f"{guessed} It reads “{one}”; {name_of(other)} would read “{two}”."
    return f"{guessed} If names look wrong, choose another."


def _mixed(path: Path, plain: Encoding, fails_at: int, notes: Notes) -> Encoding:
    line = _line_at(path, fails_at)
    notes.add(f"The file is UTF-8 with other bytes mixed in, first on line {line:,}, read as Windows-1252. Check the names.")
    return Encoding("utf-8", plain.mark, MIXED)


def _foreign_sample(path: Path, fails_at: int) -> bytes:
    """Lines with letters beyond ASCII: only they show the encoding."""
    with path.open("rb") as file:
        head = file.read(BLOCK_BYTES)
        file.seek(max(fails_at - 4096, 0))
        around = file.read(BLOCK_BYTES)
    lines = [line for line in (head + b"\n" + around).splitlines() if not line.isascii()]
    return b"\n".join(lines)[:SAMPLE_BYTES]


def _utf8_letters(sample: bytes) -> tuple[int, int]:
    """Counts letters beyond ASCII that are valid UTF-8, and bytes that aren't."""
    good = bad = 0
    text = sample.decode("utf-8", "surrogateescape")
    for letter in text:
        if "\udc80" <= letter <= "\udcff":
            bad += 1
        elif letter > "\x7f":
            good += 1
    return good, bad
