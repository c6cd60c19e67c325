"""Judges a reply: pure functions from status and bytes to data, or to the error that says what may be done next.

The order is that of push-model.md: a 2xx by its content, then known texts, then the status. Anything unlisted is
uncertain.
"""

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

from voisoadmin.voiso.errors import (
    Busy,
    CampaignGone,
    Forbidden,
    KeyRefused,
    MethodNotAllowed,
    NameRequired,
    NoReply,
    NotLive,
    RateLimited,
    Redirected,
    Refused,
    TooLarge,
    VoisoError,
)
from voisoadmin.voiso.redaction import redact
from voisoadmin.voiso.wire import Key, Reply

WORDS_LENGTH = 300
EXCERPT_LENGTH = 200
MAX_DEPTH = 40

# Voiso's documented sentences, and similar ones that it doesn't document ("still processed").
INVALID_KEY = re.compile(r"invalid (user )?api[ _]key", re.IGNORECASE)
GONE = re.compile(r"campaign (was )?not found", re.IGNORECASE)
NOT_LIVE = re.compile(
    r"\b(should|must|has to|needs to) (be|have) (an? |the |of type |set to )*live\b|\bnot (an? |the |of type |set to )*live\b"
    r"|\bnon-?live\b|\bonly\b[^.;]{0,40}\blive\b",
    re.IGNORECASE,
)
OVER_1000 = re.compile(r"maximum limit of \d+ contacts|(too many|more than \d+) (contacts|leads)", re.IGNORECASE)
FIELD_MISSING = re.compile(r"required contact field missing", re.IGNORECASE)
BUSY = re.compile(
    r"(still|being|currently|already) (being )?(process|import)|(import|request|processing) (is )?(still )?in progress"
    r"|previous (request|import|call)|is processing",
    re.IGNORECASE,
)


class Asked(Enum):
    """The kind of request: a few statuses mean different things."""

    READ = "read"  # a list of the contact centre
    CAMPAIGN = "campaign"  # one campaign
    CONTACTS = "contacts"
    CHANGE = "change"  # start, pause, stop, people


def judge(reply: Reply, asked: Asked, *, key: Key, now: datetime | None = None) -> object:
    """The JSON value of a successful answer (None for a 204); otherwise raise the matching VoisoError."""
    if 200 <= reply.status < 300:
        return _content(reply, key)
    if 300 <= reply.status < 400:
        raise Redirected(
            "Voiso's address answered with a redirect, which is not followed. Check the cluster id.", http_status=reply.status
        )
    words = words_of(_parsed_or_none(reply.body), key)
    if 400 <= reply.status < 500:
        if reply.status == 429 and (reply.retry_after or not BUSY.search(words)):
            wait = retry_after_seconds(reply.retry_after, reply.date, now or datetime.now(UTC))
            raise RateLimited("Voiso asked us to wait.", retry_after=wait, http_status=429, words=words)
        raise listed(words, reply.status) or _by_status(reply, words, asked, key)
    raise NoReply(
        f"Voiso answered with a fault of its own (HTTP {reply.status}).",
        http_status=reply.status,
        words=words,
        excerpt=excerpt(reply.body, key),
    )


def listed(words: str, status: int) -> VoisoError | None:
    """The error for a known text, whatever its status."""
    if INVALID_KEY.search(words):
        return KeyRefused("Voiso does not accept the API key.", http_status=status, words=words)
    if GONE.search(words):
        return CampaignGone("Voiso does not know this campaign.", http_status=status, words=words)
    if NOT_LIVE.search(words):
        return NotLive("The campaign is not Live, so it takes no contacts.", http_status=status, words=words)
    if OVER_1000.search(words):
        return TooLarge("Voiso found the call too large.", http_status=status, words=words)
    if FIELD_MISSING.search(words):
        return NameRequired("Voiso wants a field that was not sent.", http_status=status, words=words)
    if BUSY.search(words):
        return Busy("Voiso is still working on the previous call for this campaign.", http_status=status, words=words)
    return None


def _by_status(reply: Reply, words: str, asked: Asked, key: Key) -> VoisoError:
    status = reply.status
    match status:
        case 401:
            return KeyRefused("Voiso does not accept the API key.", http_status=status, words=words)
        case 403:
            return Forbidden("The API key lacks the right for this.", http_status=status, words=words)
        case 404 if asked is Asked.READ:
            return Refused("There is nothing of the kind at this address.", http_status=status, words=words)
        case 404:
            return CampaignGone("Voiso does not know this campaign.", http_status=status, words=words)
        case 405 | 406:
            return MethodNotAllowed("Voiso does not take this call in this form.", http_status=status, words=words)
        case 409 if asked is Asked.CONTACTS:
            return Busy("The campaign's state conflicts with the call for now.", http_status=status, words=words)
        case 413:
            return TooLarge("Voiso found the call too large.", http_status=status, words=words)
        case 400 | 409 | 422 | 424:
            return Refused("Voiso refused this.", http_status=status, words=words)
    return NoReply(
        f"Voiso answered in a way that is not documented (HTTP {status}).",
        http_status=status,
        words=words,
        excerpt=excerpt(reply.body, key),
    )


def _content(reply: Reply, key: Key) -> object:
    if reply.status == 204 and not reply.body.strip():
        return None
    try:
        data = strict_json(reply.body)
    except ValueError:
        data = UNREADABLE
    if data is UNREADABLE:
        raise unreadable(reply.status, reply.body, key)
    if isinstance(data, dict) and _says_no(data):
        words = words_of(data, key)
        if _names_something(data):
            # It says no and still names what it did: don't believe any of it.
            raise unreadable(reply.status, reply.body, key)
        raise listed(words, reply.status) or Refused("Voiso refused this.", http_status=reply.status, words=words)
    if isinstance(data, dict) and data.get("success") is not True and data.keys() & ERRORS and data.keys() <= ERRORS | ASIDE:
        words = words_of(data, key)
        raise listed(words, reply.status) or unreadable(reply.status, reply.body, key, words=words)
    return data


ERRORS = {"error", "errors"}
ASIDE = {"message", "detail", "code", "status", "id", "success"}


def _names_something(value: object) -> bool:
    if isinstance(value, dict):
        return any(_names_something(item) for name, item in value.items() if name not in ERRORS)
    return isinstance(value, list) and bool(value)


def _says_no(data: dict[str, object]) -> bool:
    verdict = data.get("success")
    return verdict is False or verdict == 0 or (isinstance(verdict, str) and verdict.strip().lower() in ("false", "0", "no"))


UNREADABLE = object()


def unreadable(status: int, body: bytes, key: Key, *, words: str = "") -> NoReply:
    """The error for a 2xx with unusable content: Voiso may have acted."""
    return NoReply("Voiso's answer could not be read.", http_status=status, words=words, excerpt=excerpt(body, key))


def strict_json(body: bytes) -> object:
    """The value of a JSON text. Raises ValueError wherever a lenient reader would have to guess."""
    try:
        value = json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_without_repetition,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def _without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key occurs twice")
    return value


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("a number is out of range")
    return value


def _parsed_or_none(body: bytes) -> object:
    try:
        return strict_json(body)
    except ValueError:
        return None  # an error page: its status is enough, and its words aren't the API's


def words_of(data: object, key: Key) -> str:
    """Voiso's own sentence in a refusal, on one line, without keys and numbers; empty if there is none."""
    if not isinstance(data, dict):
        return ""
    found = [
        part for name in ("error", "errors", "message", "detail", "error_description") for part in _sentences(data.get(name))
    ]
    return _clean("; ".join(dict.fromkeys(found)), key)[:WORDS_LENGTH]


def _sentences(value: object, label: str = "", depth: int = 0) -> list[str]:
    if depth > 4:
        return []
    if isinstance(value, str) and value.strip():
        return [f"{label}: {value.strip()}" if label else value.strip()]
    if isinstance(value, list):
        return [part for item in value for part in _sentences(item, label, depth + 1)]
    if isinstance(value, dict):
        return [
            part
            for name, item in value.items()
            for part in _sentences(item, "" if name in PLAIN_LABELS else str(name), depth + 1)
        ]
    return []


PLAIN_LABELS = ("base", "message", "error", "errors", "detail")


def excerpt(body: bytes, key: Key) -> str:
    """The beginning of an answer we couldn't read: enough to recognise it, without contacts and keys."""
    text = body.decode("utf-8", "replace")
    if text.lstrip()[:1] in ("{", "["):
        # Only the field names: the values may be contacts.
        text = re.sub(r'"(?:[^"\\]|\\.)*(?:"|$)(\s*:)?', lambda match: match[0] if match[1] else '"…"', text[:100_000])
    return _clean(text, key)[:EXCERPT_LENGTH]


def _clean(text: str, key: Key) -> str:
    text = redact(text, *key.spellings())[:2000]
    text = re.sub(r"[^\s@<>\"']+@[^\s@<>\"']+", "[e-mail]", text)
    # A telephone number keeps its last three digits, so that a person can recognise the row.
    text = re.sub(r"\+?\d[\d \-().]{4,}\d", lambda match: _last_three(match[0]), text)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _last_three(number: str) -> str:
    digits = re.sub(r"\D", "", number)
    return f"…{digits[-3:]}" if len(digits) >= 7 else number


def retry_after_seconds(value: str, date: str, now: datetime) -> float | None:
    """The seconds a Retry-After header asks for, unclamped; None if we can't read it.

    A date is compared with the server's own clock, if the answer has it, so that a wrong clock on either side does no
    harm.
    """
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,18}(\.[0-9]{1,6})?", value, re.ASCII):
        return float(value)
    until = _date(value)
    if until is None:
        return None
    return max(0.0, (until - (_date(date) or now)).total_seconds())


def _date(text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
