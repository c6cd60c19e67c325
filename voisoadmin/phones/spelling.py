"""From a cell's text to the digits it means; nothing is ever bent into another number.

Generous where it is safe (digits of every script, spaces of every kind, the usual separators, `00`, `(0)`, quotes and the
apostrophe that marks text), strict otherwise: anything else in the cell is a problem with its own code.
"""

import re
import unicodedata
from typing import NamedTuple

from voisoadmin.phones.marks import label_of, without_marks
from voisoadmin.phones.plans import MAX_DIGITS


class Spelling(NamedTuple):
    """The digits of a cell. With a `problem` there are none."""

    digits: str = ""
    plus: bool = False  # written with +
    problem: str = ""
    warning: str = ""
    rounded: bool = False  # plain digits that end in many zeros, as a spreadsheet leaves them that has rounded a number


BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
HARMLESS_AT_ENDS = "\u200e\u202a\u202c\u2066\u2068\u2069"
"""What address books leave around a number; none of it changes the order of digits."""
INVISIBLE = dict.fromkeys([0x00AD, 0x180E, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
LOOK_ALIKES = {
    **{ord(dash): "-" for dash in DASHES},
    **{ord(quote): "'" for quote in "\u2018\u2019\u201a\u201b\u02bc\u00b4`\uff07"},
    **{ord(quote): '"' for quote in "\u201c\u201d\u201e\u201f\u00ab\u00bb\uff02"},
    **{code: chr(code - 0xFEE0) for code in map(ord, "＋（）．／［］：；，＝")},
    ord("\ufe62"): "+",
    ord("\u2044"): "/",
    ord("\u2215"): "/",
    ord("\u00b7"): ".",
    ord("\u2022"): ".",
    ord("\u2024"): ".",
}

# Most cells: digits with spaces, hyphens and a bracketed area code. No dates, and no single digits after a whole number.
EASY = re.compile(
    r" *(?!\d{1,4}-\d{1,2}-\d{1,4} *\Z)(?!.*\d{7} \d{1,2} *\Z)(\+?)"
    r"((?:[0-9]{1,4} ?)?(?:\([0-9]{1,6}\)[ -]?)?[0-9]+(?:[ -][0-9]+)*) *"
)
SEPARATORS = str.maketrans("", "", " -()")
LONE_DIGITS = re.compile(r".*\d{7} \d{1,2}", re.DOTALL)

SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d*)?\s?[eE]\s?[+-]?\d+")
DATE = re.compile(
    r"(?:\d{1,2}([./-])\d{1,2}\1(?:19|20)\d\d|(?:19|20)\d\d([./-])\d{1,2}\2\d{1,2})(?:[ T]\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?Z?)?"
)
EXTENSION = re.compile(
    r"[\d)] ?[,;(-]? ?(?:#|~|\*|,,?|(?:extension|extn|ext|ex|x|durchwahl|dw|poste|anexo|interno|int|доб|wew|toestel|tst))"
    r"[.:]{0,2} ?\(?\d{1,7}\)?#?\Z",
    re.IGNORECASE,
)
LONGEST_TEXT = 1000  # characters examined; beyond them only the kind of text in the way is reported
LONGEST_CELL = 100  # characters in which to look for a number
ONE_POINT = re.compile(r"\+?(\d[\d ]*)[.,](\d+)")
POINT_ZERO_AFTER_POINTS = re.compile(r"[\d. ]+\.0")
ALLOWED = re.compile(r"[0-9+ ()\[\]./-]+")
SHAPE = re.compile(
    r"""
    [(\[]?\ ?\+?\ ?                                 # + or (+
    (?:[(\[]\ ?)?
    [0-9]+
    (?:
        (?: \ ?[-./]\ ? | \ ?[)\]]\ ?[-./]?\ ?(?:[(\[]\ ?)? | \ ?[-./]?\ ?[(\[]\ ? | \ )
        [0-9]+
    )*
    """,
    re.VERBOSE,
)
BRACKETED = re.compile(r"\([^()\[\]]*\)|\[[^()\[\]]*\]")
PARTS = re.compile(r"[,;|&\n\r]+")
NOT_DIGITS = re.compile(r"[^0-9]+")
WHOLE_NUMBER = 7  # digits: from this length on, a part of a cell may itself be a number
SHORT_NUMBER = 5
BRACKET_DIGITS = 6
MAX_WRITTEN = MAX_DIGITS + 5  # a trunk prefix, 00 and a carrier's code can come before the longest number
NOT_FILLED = frozenset({"NULL", "\\N", "N/A"})
"""What databases write for a cell without a value; nothing else: “Null” and “Na” are names."""
ROUNDED = "00000"
ROUNDED_FROM = 10  # digits; spreadsheets don't shorten shorter ones


def easy_digits(text: str) -> str:
    """The digits, with + if there is one, of typical cells: digits, perhaps with + and blanks. "" leaves it to `spell`."""
    if not text.isascii():
        return ""
    if text.isdigit():
        return text if len(text) <= MAX_DIGITS else ""
    digits = text.replace(" ", "")
    # Too short for two whole numbers; one or two digits after a blank may be an extension.
    if len(digits) < 2 * WHOLE_NUMBER and digits[1:].isdigit() and digits[0] in "+0123456789" and " " not in text[-3:]:
        return digits
    return ""


def spell(text: str) -> Spelling:
    """Return the digits a cell spells, or why it spells none."""
    if text.isdigit() and text.isascii():
        return _finish(text, False, True)
    if len(text) > LONGEST_CELL:
        return _spell_long(text.strip())
    match = EASY.fullmatch(text)
    if match:
        digits = match[2].translate(SEPARATORS)
        # Too short for two whole numbers, whatever is between the digits.
        if len(digits) < 2 * WHOLE_NUMBER:
            return _finish(digits, bool(match[1]), match[2] == digits and not match[1])
    return _spell_slowly(text)


def labelled(text: str) -> tuple[str, str]:
    """The words beside the number of a cell that is an `unknown_label`, and the cell without them."""
    return label_of(_unwrapped(_in_plain_characters(text)[0]))


def _spell_long(text: str) -> Spelling:
    """A number may be far from the edges of its cell; a longer text without blanks around it spells none."""
    if len(text) <= LONGEST_TEXT:
        return _spell_slowly(text)
    return Spelling(problem=_spell_slowly(text[:LONGEST_TEXT]).problem or "too_long")


def _spell_slowly(text: str) -> Spelling:
    bare = text.strip(HARMLESS_AT_ENDS)
    if BIDI.search(bare):
        return Spelling(problem="bidi_control")
    plain_text, warning, problem = _in_plain_characters(bare)
    if bare != text:
        warning = "characters_replaced"
    if problem:
        return Spelling(problem=problem)
    plain_text = _unwrapped(plain_text)
    if len(plain_text) <= LONGEST_CELL:
        plain_text, problem, marked = without_marks(plain_text)
        warning = warning or ("mark_removed" if marked else "")
    problem = problem or _problem_of(plain_text)
    if problem:
        return Spelling(problem=problem)
    plus = "+" in plain_text
    digits = NOT_DIGITS.sub("", plain_text)
    return _finish(digits, plus, digits == plain_text, warning)


def plain_text_of(text: str) -> str:
    """The text in plain characters, without marks around the number; "" if it has none that can be read."""
    plain, _, problem = _in_plain_characters(text)
    return "" if problem else without_marks(_unwrapped(plain)).text


def _finish(digits: str, plus: bool, plain: bool, warning: str = "") -> Spelling:
    is_plain = plain and digits[0] != "0"
    if is_plain and len(digits) > MAX_DIGITS:
        return Spelling(problem="damaged_too_many_digits")
    if len(digits) > MAX_WRITTEN:
        return Spelling(problem="too_long")
    return Spelling(digits, plus, "", warning, is_plain and len(digits) >= ROUNDED_FROM and digits.endswith(ROUNDED))


def _in_plain_characters(text: str) -> tuple[str, str, str]:
    """The text in ASCII where that changes nothing; a warning if digits or hidden characters were replaced; a problem."""
    if text.isascii():
        return _one_spaced(text), "", ""
    visible = text.translate(INVISIBLE)
    warning = "characters_replaced" if len(visible) != len(text) else ""
    plain, zeros = [], set()
    for char in visible.translate(LOOK_ALIKES):
        value = unicodedata.decimal(char, None)
        if value is not None:
            zeros.add(ord(char) - value)
            plain.append(str(value))
        elif unicodedata.category(char) == "Zs":
            plain.append(" ")
        else:
            plain.append(char)
    if len(zeros) > 1:
        return "", "", "mixed_digits"
    if zeros and zeros != {ord("0")}:
        warning = "characters_replaced"
    return _one_spaced("".join(plain)), warning, ""


def _one_spaced(text: str) -> str:
    return re.sub(r"[ \t]+", " ", text).strip()


def _unwrapped(text: str) -> str:
    """Without what spreadsheets put around a number to keep it as text: a leading ', quotes, or ="..."."""
    if text.startswith('="') and text.endswith('"'):
        text = text[1:]
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    return text.removeprefix("'").strip()


def _problem_of(text: str) -> str:
    """Why this text, in plain characters, isn't one telephone number; "" if its shape is fine."""
    if not any("0" <= char <= "9" for char in text):
        return "no_digits" if text and text not in NOT_FILLED else "phone_missing"
    if len(text) > LONGEST_CELL:
        return "letters" if any(char.isalpha() for char in text) else "too_long"
    if SCIENTIFIC.fullmatch(text):
        return "damaged_scientific"
    if text.lower().startswith("tel:"):
        return "tel_link"
    if DATE.fullmatch(text):
        return "date"
    damage = _decimal_damage(text)
    if damage:
        return damage
    if _are_two(text):
        return "two_numbers"
    if EXTENSION.search(text) or LONE_DIGITS.fullmatch(text):
        return "extension"
    if any(char.isalpha() for char in text):
        return "letters"
    # An unbalanced bracket, or one at the end, may hold anything: another number, an extension.
    if not ALLOWED.fullmatch(text) or not SHAPE.fullmatch(text) or not _brackets_are_whole(text):
        return "unexpected_character"
    return ""


def _decimal_damage(text: str) -> str:
    one = ONE_POINT.fullmatch(text)
    if one:
        whole, fraction = one.groups()
        if not fraction.strip("0") and len(fraction) <= 2:
            return "damaged_decimal"
        digits = len(whole.replace(" ", "")) - _international_digits(text)
        if digits >= WHOLE_NUMBER or (len(fraction) <= 2 and whole[0] != "0"):
            return "damaged_fraction"
    return "damaged_decimal" if POINT_ZERO_AFTER_POINTS.fullmatch(text) else ""


def _brackets_are_whole(text: str) -> bool:
    found = BRACKETED.findall(text)
    if any(not 1 <= len(NOT_DIGITS.sub("", part)) <= BRACKET_DIGITS for part in found):
        return False
    rest = BRACKETED.sub("", text)
    return not any(char in "()[]" for char in rest)


def _are_two(text: str) -> bool:
    """Whether the cell holds two numbers, or one with a second ending."""
    if text.find("+", 1) > 0 and len(NOT_DIGITS.sub("", text[: text.rindex("+")])) >= SHORT_NUMBER:
        return True
    parts = [NOT_DIGITS.sub("", part) for part in PARTS.split(text)]
    if sum(len(part) >= SHORT_NUMBER for part in parts) > 1:
        return True
    groups = [group for group in NOT_DIGITS.split(text) if group]
    total, before = sum(map(len, groups)), -_international_digits(text)
    for group in groups[:-1]:
        before += len(group)
        if before >= WHOLE_NUMBER and total - before - _international_digits(text) >= WHOLE_NUMBER:
            return True
    return _slash_after_whole_number(text)


def _international_digits(text: str) -> int:
    """How many digits at the beginning are an international prefix or country code, and so not a separate number."""
    if text.lstrip("([ ").startswith("+"):
        return 2
    return 4 if NOT_DIGITS.sub("", text[:6]).startswith("00") else 0


def _slash_after_whole_number(text: str) -> bool:
    # 030/901820 is an area code and a number; 030 901820/21 is a number and a second ending for it.
    parts = [NOT_DIGITS.sub("", part) for part in text.split("/")]
    if len(parts) < 2 or all(len(part) <= 4 for part in parts):
        return False
    return len("".join(parts[:-1])) - _international_digits(text) >= WHOLE_NUMBER
