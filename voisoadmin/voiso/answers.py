"""Judges a reply: pure functions from status and bytes to data, or to the error that says what may be done next.

The order is that of docs/sending.md: a 2xx by its content, then known texts, then the status. Anything unlisted is
uncertain.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

from voisoadmin.voiso.errors import (
    CampaignGone,
    Forbidden,
    KeyRefused,
    MethodNotAllowed,
    NoReply,
    RateLimited,
    Redirected,
    Refused,
    TooLarge,
    VoisoError,
    WrongType,
)
from voisoadmin.voiso.http.wire import Reply
from voisoadmin.voiso.keys import Key
from voisoadmin.voiso.texts import BUSY, listed
from voisoadmin.voiso.type_refusals import types_named
from voisoadmin.voiso.words import excerpt, words_of

MAX_DEPTH = 40


class Asked(Enum):
    """The kind of request: a few statuses mean different things."""

    READ = "read"  # a list of the contact centre
    CAMPAIGN = "campaign"  # one campaign
    CONTACTS = "contacts"
    CHANGE = "change"  # start, pause, stop, people
    REMOVAL = "removal"  # removing an agent from a campaign: an answer needn't contain anything


def judge(
    reply: Reply, asked: Asked, *, key: Key, now: datetime | None = None, content: Callable[[], object] | None = None
) -> object:
    """The JSON value of a successful answer (None for one without content); otherwise raise the matching VoisoError.

    `content`: returns what a reader made of a 2xx that it took piece by piece. `contact_answers` reads what a refusal of
    contacts says about individual numbers.
    """
    if 200 <= reply.status < 300:
        return _agreed(content() if content else _content(reply, asked, key), reply, asked, key)
    if 300 <= reply.status < 400:
        raise Redirected(
            "Voiso's address redirects elsewhere, which is not followed. Check the cluster ID.", http_status=reply.status
        )
    data = parsed_or_none(reply.body)
    words = words_of(data, key)
    if 400 <= reply.status < 500:
        if reply.status == 429 and (reply.retry_after or not BUSY.search(words)):
            wait = retry_after_seconds(reply.retry_after, reply.date, now or datetime.now(UTC))
            raise RateLimited("Voiso asked us to wait.", retry_after=wait, http_status=429, words=words)
        if reply.status == 403 and data is None:
            raise NoReply(
                "A page that isn't Voiso's API refused this (HTTP 403). It may come from a proxy or firewall.",
                http_status=403,
                excerpt=excerpt(reply.body, key),
            )
        raise listed(words, reply.status, contacts=asked is Asked.CONTACTS) or _by_status(reply, data, words, asked, key)
    raise NoReply(
        f"Voiso had an internal error (HTTP {reply.status}).",
        http_status=reply.status,
        words=words,
        excerpt=excerpt(reply.body, key),
    )


def _by_status(reply: Reply, data: object, words: str, asked: Asked, key: Key) -> VoisoError:
    status = reply.status
    match status:
        case 401:
            return KeyRefused("Voiso doesn't accept the API key.", http_status=status, words=words)
        case 403:
            return Forbidden("The API key has no permission for this.", http_status=status, words=words)
        case 404 if asked is Asked.READ:
            return Refused("Voiso has no such function at this address.", http_status=status, words=words)
        case 404:
            return CampaignGone("Voiso doesn't know this campaign.", http_status=status, words=words)
        case 405 | 406:
            return MethodNotAllowed("Voiso doesn't accept this kind of request.", http_status=status, words=words)
        case 413:
            return TooLarge("Voiso says the request is too large.", http_status=status, words=words)
        case 400 | 409 | 422 | 424:
            return _refused(data, status, words, asked)
    return NoReply(
        f"Voiso gave an undocumented answer (HTTP {status}).",
        http_status=status,
        words=words,
        excerpt=excerpt(reply.body, key),
    )


def _refused(data: object, status: int, words: str, asked: Asked) -> Refused:
    types = types_named(data) if asked is Asked.CONTACTS else {}
    if types:
        return WrongType("Voiso refused the type of a value.", types=types, http_status=status, words=words)
    return Refused("Voiso refused this.", http_status=status, words=words)


def _content(reply: Reply, asked: Asked, key: Key) -> object:
    if (reply.status == 204 or asked in (Asked.CONTACTS, Asked.REMOVAL)) and not reply.body.strip():
        return None
    try:
        return strict_json(reply.body)
    except ValueError:
        pass
    raise unreadable(reply.status, reply.body, key)


def _agreed(data: object, reply: Reply, asked: Asked, key: Key) -> object:
    """The value, unless it says no despite a success status."""
    contacts = asked is Asked.CONTACTS
    if isinstance(data, dict) and _says_no(data):
        words = words_of(data, key)
        if not contacts and names_something(data):
            # It says no and still names what it did: don't believe any of it.
            raise unreadable(reply.status, reply.body, key)
        problem = listed(words, reply.status, contacts=contacts)
        raise problem or _refused(data, reply.status, words, asked)
    if isinstance(data, dict) and data.get("success") is not True and _is_only_an_error(data):
        words = words_of(data, key)
        raise listed(words, reply.status, contacts=contacts) or unreadable(reply.status, reply.body, key, words=words)
    return data


ERRORS = {"error", "errors"}
ASIDE = {"message", "detail", "code", "status", "id", "success"}


def _is_only_an_error(data: dict[str, object]) -> bool:
    return any(data.get(name) for name in ERRORS) and data.keys() <= ERRORS | ASIDE


def names_something(value: object, depth: int = 0) -> bool:
    """Whether any list except the errors contains something."""
    if depth > MAX_DEPTH:
        return True
    if isinstance(value, dict):
        return any(names_something(item, depth + 1) for name, item in value.items() if name not in ERRORS)
    return isinstance(value, list) and bool(value)


def _says_no(data: dict[str, object]) -> bool:
    verdict = data.get("success")
    return verdict is False or verdict == 0 or (isinstance(verdict, str) and verdict.strip().lower() in ("false", "0", "no"))


def unreadable(status: int, body: bytes, key: Key, *, words: str = "") -> NoReply:
    """The error for a 2xx with unusable content: Voiso may have acted."""
    return NoReply("Couldn't read Voiso's answer.", http_status=status, words=words, excerpt=excerpt(body, key))


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


def parsed_or_none(body: bytes) -> object:
    try:
        return strict_json(body)
    except ValueError:
        return None  # an error page: its status is enough, and its words aren't the API's


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
