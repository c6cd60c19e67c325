"""Voiso's own words from an answer, for a person: without keys, and without the contacts they may repeat."""

import re

from voisoadmin.voiso.http.redaction import redact
from voisoadmin.voiso.keys import Key

WORDS_LENGTH = 300
EXCERPT_LENGTH = 200
MOST_VALUES = 100_000  # characters of JSON from which values are removed
# A text ends with its quote, or where the answer was cut off: it always matches, so no part is tried twice.
JSON_TEXT = re.compile(r'"(?:[^"\\]|\\(?s:.|\Z))*+(?:"|\Z)(\s*:)?')
LOOKED_AT = 8_000  # characters of an answer in which to look for a sentence for a person


def words_of(data: object, key: Key) -> str:
    """Voiso's own sentence in an answer, on one line, without keys and numbers; empty if there is none."""
    if not isinstance(data, dict):
        return ""
    found = [
        part for name in ("error", "errors", "message", "detail", "error_description") for part in sentences(data.get(name))
    ]
    return clean("; ".join(dict.fromkeys(found)), key)[:WORDS_LENGTH]


def sentences(value: object, label: str = "", depth: int = 0) -> list[str]:
    """The texts in a value, each after its name there."""
    if depth > 4:
        return []
    if isinstance(value, str) and value.strip():
        return [f"{label}: {value.strip()}" if label else value.strip()]
    if isinstance(value, list):
        return [part for item in value for part in sentences(item, label, depth + 1)]
    if isinstance(value, dict):
        return [
            part
            for name, item in value.items()
            for part in sentences(item, "" if name in PLAIN_LABELS else str(name), depth + 1)
        ]
    return []


PLAIN_LABELS = ("base", "message", "error", "errors", "detail")


def excerpt(body: bytes, key: Key) -> str:
    """The beginning of an answer we couldn't read: enough to recognise it, without contacts and keys."""
    text = body.decode("utf-8", "replace")
    if text.lstrip()[:1] in ("{", "["):
        # Only the field names: the values may be contacts.
        text = JSON_TEXT.sub(lambda match: match[0] if match[1] else '"…"', text[:MOST_VALUES])
    return clean(text, key)[:EXCERPT_LENGTH]


def clean(text: str, key: Key) -> str:
    """A text from Voiso on one line, without keys, email addresses and whole telephone numbers."""
    spellings = key.spellings()
    cleaned = redact(text[:LOOKED_AT], *spellings)
    if len(text) > LOOKED_AT:
        cleaned = cleaned[: -max(map(len, spellings))]  # a cut text may end with the beginning of a key
    text = cleaned[:2000]
    text = re.sub(r"[^\s@<>\"']+@[^\s@<>\"']+", "[e-mail]", text)
    # A telephone number keeps its last three digits, so that a person can recognise the row.
    text = re.sub(r"\+?\d[\d \-().]{4,}\d", lambda match: _last_three(match[0]), text)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _last_three(number: str) -> str:
    digits = re.sub(r"\D", "", number)
    return f"…{digits[-3:]}" if len(digits) >= 7 else number
