"""Takes judged leads in: key, leads and answer in one commit, so that a repeat always gets the answer of the first time."""

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import orjson
from django.conf import settings
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from voisoadmin.contacts.verdicts import FLAGGED as FLAGGED_IN_FILE
from voisoadmin.feeds.feed_statements import COUNT_DAY, FLAGGED, KEEP, KEPT
from voisoadmin.feeds.lead_judging import Judgement, Outcome
from voisoadmin.feeds.lead_words import ALREADY_WAITING, BEING_SENT, message_of
from voisoadmin.feeds.models import FeedDay, FeedRequest, FlaggedNumber, Refusal
from voisoadmin.feeds.tokens import OpenFeed
from voisoadmin.lib.clock import deadline, monotonic
from voisoadmin.lib.lock_waits import short_waits
from voisoadmin.lib.statements import run_in_turn
from voisoadmin.pushes import inbound
from voisoadmin.pushes.inbound import LeadPlace, NewLead
from voisoadmin.pushes.post_statements import IS_SENT, WAITS

OTHER_WRITING = "other_writing"
KEPT_FOR = timedelta(days=30)  # an answer, for repeats and the status
FORGOTTEN_AT_ONCE = 1000  # in one transaction
WAIT_SECONDS = 5.0  # for a request with the same key
LEVEL = 1  # of deflate
CODES_OF_TAKEN = {WAITS: ALREADY_WAITING, IS_SENT: BEING_SENT}


class FeedPaused(Exception):
    """Nothing is accepted until a person resumes it."""


class TooManyWaiting(Exception):
    """The limit of waiting leads is reached."""


@dataclass(frozen=True, slots=True)
class Post:
    """A request to one feed."""

    feed: OpenFeed
    key: str
    body_digest: str
    began: float  # by the monotonic clock
    at: datetime

    @property
    def day(self) -> date:
        return timezone.localdate(self.at, self.feed.zone)


class KeptRequest(NamedTuple):
    """A request that was accepted, with its answer."""

    pk: int
    body_digest: str
    packed: bytes


def digest_of_body(body: bytes) -> str:
    return salted_hmac("voisoadmin.feeds.body", body, algorithm="sha256").hexdigest()


def kept_request(feed: OpenFeed, key: str) -> KeptRequest | None:
    for found in KEPT.rows(feed.pk, key):
        return KeptRequest(*found)
    return None


def accept(post: Post, judgement: Judgement) -> KeptRequest:
    """The request with its answer: this one, or the one that had the same key before.

    Raises FeedPaused, TooManyWaiting and LockedTooLong; then nothing has changed.
    """
    try:
        return _accept(post, judgement)
    except (IntegrityError, FeedPaused, TooManyWaiting):
        # A request with this key may have come while this one was judged; waiting for the inbox was waiting for its commit.
        earlier = kept_request(post.feed, post.key)
        if earlier is None:
            raise
        return earlier


def _accept(post: Post, judgement: Judgement) -> KeptRequest:
    day, numbers = post.day, judgement.numbers
    with short_waits(deadline(WAIT_SECONDS, at_least=1.0)):
        flagged = (FLAGGED, (post.feed.pk, day, [int(number) for number in numbers]))
        inbox, [flags] = inbound.opened_inbox(post.feed.inbox_id, day=day, then=[flagged])
        if inbox.is_paused:
            raise FeedPaused
        taken = inbound.taken(inbox, numbers) if numbers else {}
        if judgement.flagged:
            _flag(post.feed, day, judgement.flagged)
        not_now = {number: CODES_OF_TAKEN.get(code, code) for number, code in taken.items()}
        not_now |= {str(number): FLAGGED_IN_FILE for (number,) in flags}
        final = judgement.without(not_now)
        rows = [lead.row for lead in final.leads if lead.row is not None]
        if inbox.waiting + len(rows) > settings.FEED_WAITING:
            raise TooManyWaiting
        leads = [NewLead(row.number, row.fields, row.cells) for row in rows]
        places = inbound.accept(inbox, leads, at=post.at)
        reasons = final.reasons()
        if otherwise := reasons[OTHER_WRITING]:
            inbound.note_otherwise(inbox.pk, otherwise, day=day)
        if reasons:
            _count_reasons(post.feed, day, reasons)
        return _keep(post, day, final, places)


def forget(*, at: datetime) -> None:
    """Delete answers that no one repeats any more, counts as old as these, and flags of days that have passed everywhere."""
    Refusal.objects.filter(day__lt=(at - KEPT_FOR).date()).delete()
    FlaggedNumber.objects.filter(day__lt=(at - timedelta(days=2)).date()).delete()
    old = FeedRequest.objects.filter(at__lt=at - KEPT_FOR).order_by("at").values_list("pk", flat=True)
    while keys := list(old[:FORGOTTEN_AT_ONCE]):
        FeedRequest.objects.filter(pk__in=keys).delete()


def _flag(feed: OpenFeed, day: date, numbers: Sequence[str]) -> None:
    """Send none of these numbers that wait, and accept none that comes later this day."""
    inbound.suppress(feed.inbox_id, numbers)
    flags = [FlaggedNumber(feed_id=feed.pk, day=day, number=int(number)) for number in numbers]
    FlaggedNumber.objects.bulk_create(flags, ignore_conflicts=True)


def _count_reasons(feed: OpenFeed, day: date, reasons: Counter[str]) -> None:
    """The feed's inbox is locked, so no one else counts."""
    of_day = FeedDay.objects.get_or_create(feed_id=feed.pk, day=day)[0]
    of_day.reasons = Counter(of_day.reasons) + reasons
    of_day.save(update_fields=["reasons"])


def _keep(post: Post, day: date, final: Judgement, places: Sequence[LeadPlace]) -> KeptRequest:
    """Store the answer, and count it."""
    of_leads = final.counts()
    counts = tuple(of_leads[outcome] for outcome in (Outcome.ACCEPTED, Outcome.DUPLICATE, Outcome.REFUSED))
    packed = zlib.compress(orjson.dumps(_answer(final, of_leads[Outcome.ACCEPTED])), LEVEL)
    where = orjson.dumps(ranges_of(places)).decode()
    took = round((monotonic() - post.began) * 1000)
    kept = (post.feed.pk, post.key, post.body_digest, packed, where, post.at, took, *counts)
    _, [(pk,)] = run_in_turn((COUNT_DAY, (post.feed.pk, day, *counts)), (KEEP, kept))
    return KeptRequest(pk, post.body_digest, packed)


def _answer(final: Judgement, accepted: int) -> dict[str, Any]:
    leads = []
    for at, lead in enumerate(final.leads):
        line: dict[str, Any] = {
            "index": at,
            "outcome": lead.outcome.value,
            "code": lead.code,
            "message": message_of(lead.code),
        }
        if lead.warnings:
            line["warnings"] = list(dict.fromkeys(lead.warnings))
        leads.append(line)
    answer: dict[str, Any] = {"accepted": accepted, "leads": leads}
    if final.ignored:
        answer["ignored_fields"] = final.ignored
    return answer


def answer_of(request: KeptRequest, public_id: str) -> bytes:
    """The whole answer as JSON: what was kept, and where its leads can be followed."""
    status = orjson.dumps({"status": reverse("feeds:status", args=[public_id, request.pk])})
    return zlib.decompress(request.packed)[:-1] + b"," + status[1:]


def kept_answer(request: FeedRequest) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(zlib.decompress(request.answer))
    return found


def ranges_of(places: Sequence[LeadPlace]) -> list[list[int]]:
    """As few numbers as say where the rows are: [[intake, first row, rows], ...]."""
    found: list[list[int]] = []
    for intake_id, row in places:
        if found and found[-1][0] == intake_id and found[-1][1] + found[-1][2] == row:
            found[-1][2] += 1
        else:
            found.append([intake_id, row, 1])
    return found


def places_of(request: FeedRequest) -> list[LeadPlace]:
    return [LeadPlace(intake, first + at) for intake, first, rows in request.places for at in range(rows)]
