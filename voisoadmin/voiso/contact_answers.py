"""Judges the answer to a request with contacts: what it proves about the numbers sent (docs/sending.md).

A refusal proves only refusals, and only if it names every number; an answer that says both yes and no proves nothing.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from voisoadmin.voiso.answers import Asked, judge, names_something, parsed_or_none, unreadable
from voisoadmin.voiso.errors import (
    CampaignEnded,
    CampaignGone,
    KeyRefused,
    NamedNothing,
    NameRequired,
    NoReply,
    NotActed,
    NotLive,
    RateLimited,
    Refused,
    Stopped,
    TooLarge,
    VoisoError,
)
from voisoadmin.voiso.http.wire import Reply
from voisoadmin.voiso.keys import Key
from voisoadmin.voiso.named import ACCEPTING, Named, claims_acceptance, named_in, repeats_request
from voisoadmin.voiso.payloads import ContactsAnswer
from voisoadmin.voiso.shapes import UnusableShape
from voisoadmin.voiso.texts import listed
from voisoadmin.voiso.words import clean, excerpt, words_of

REASON_LENGTH = 200
# `contacts` are the processed numbers: any other status may only mean that they were received.
DONE = (200, 201)
# Words that count whatever is listed beside them: another request, or a person, must come first.
_WHATEVER_IS_LISTED = (KeyRefused, CampaignGone, NotLive, CampaignEnded, NameRequired, TooLarge, RateLimited)
_FAILED = frozenset({"error", "failed", "failure", "fail", "rejected", "refused", "denied", "invalid"})


def judge_contacts(
    reply: Reply, sent: Collection[str], *, update: bool, method: str, key: Key, now: datetime | None = None
) -> ContactsAnswer:
    """What an answer says about the numbers that were `sent`, or the VoisoError that it means."""
    refusal: VoisoError
    try:
        data = judge(reply, Asked.CONTACTS, key=key, now=now)
    except (NotActed, Refused, Stopped) as problem:
        refusal = problem
    else:
        return _accepted(data, reply, sent, update=update, method=method, key=key)
    lists = _proven_refusals(refusal, reply, sent, key)
    if lists is None:
        raise refusal
    return ContactsAnswer(
        duplicates=tuple(lists.lists["duplicates"]),
        rejected=tuple(lists.lists["rejected"]),
        http_status=reply.status,
        method=method,
        refusal=True,
        reasons=_cleaned(lists.reasons, key),
        words=refusal.words,
    )


def _proven_refusals(refusal: VoisoError, reply: Reply, sent: Collection[str], key: Key) -> Named | None:
    """The lists of a refusal, if they can be believed. Raises NoReply if it may not be a refusal."""
    if isinstance(refusal, KeyRefused):
        return None  # the key is checked before the contacts
    data = parsed_or_none(reply.body)
    if claims_acceptance(data, sent) or repeats_request(reply.body, data, sent):
        raise _contradictory(reply, refusal.words, key)
    if isinstance(refusal, _WHATEVER_IS_LISTED):
        return None
    try:
        lists = named_in(data, sent)
    except UnusableShape:
        lists = None
    if lists is not None and lists.refuses_exactly(sent):
        return lists
    if reply.status < 300 and names_something(data):
        # "Not successful" about a part only: it says nothing about the other rows.
        raise unreadable(reply.status, reply.body, key, words=refusal.words)
    return None


def _contradictory(reply: Reply, words: str, key: Key) -> NoReply:
    return NoReply(
        "Voiso refused this, and its answer names numbers as if it had accepted them. It may have added some.",
        http_status=reply.status,
        words=words,
        excerpt=excerpt(reply.body, key),
    )


def _accepted(data: object, reply: Reply, sent: Collection[str], *, update: bool, method: str, key: Key) -> ContactsAnswer:
    """The lists of a positive answer. A list that is absent, null or made of positions names no number."""
    words = words_of(data, key)
    try:
        found = named_in(data, sent)
    except UnusableShape:
        raise unreadable(reply.status, reply.body, key, words=words) from None
    if (_says_failed(data) or (found is not None and found.error)) and not _names_refusals_alone(found):
        raise listed(words, reply.status, contacts=True) or unreadable(reply.status, reply.body, key, words=words)
    if found is None:
        raise NamedNothing(
            "Voiso's answer names no number, so it proves nothing about any row.",
            http_status=reply.status,
            words=words,
            excerpt=excerpt(reply.body, key),
        )
    lists = {name: list(dict.fromkeys(numbers)) for name, numbers in found.lists.items()}
    processed = lists["processed"] if reply.status in DONE else []
    accepted = tuple(dict.fromkeys([*lists["updated" if update else "created"], *processed]))
    return ContactsAnswer(
        created=tuple(lists["created"]) if update else accepted,
        updated=accepted if update else tuple(lists["updated"]),
        duplicates=tuple(lists["duplicates"]),
        rejected=tuple(lists["rejected"]),
        http_status=reply.status,
        method=method,
        reasons=_cleaned(found.reasons, key),
        words=words,
    )


def _names_refusals_alone(found: Named | None) -> bool:
    return found is not None and found.any_of("duplicates", "rejected") and not found.any_of(*ACCEPTING)


def _says_failed(data: object) -> bool:
    """Whether a 2xx calls itself a failure in another way than by `success`, which is judged earlier."""
    if not isinstance(data, dict):
        return False
    if data.get("ok") is False or data.get("error"):
        return True
    for name in ("status", "code", "result"):
        said = data.get(name)
        if isinstance(said, str) and said.strip().lower() in _FAILED:
            return True
        if isinstance(said, int) and 400 <= said < 600:
            return True
    return False


def _cleaned(reasons: Mapping[str, str], key: Key) -> dict[str, str]:
    """Voiso's reasons in the form we keep. Many numbers share one, which is cleaned only once."""
    texts = {text: clean(text, key)[:REASON_LENGTH] for text in set(reasons.values())}
    return {number: texts[text] for number, text in reasons.items() if texts[text]}
