"""What the pages of feeds show: state, days, the last requests, and a request to try."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from voisoadmin.accounts.models import User
from voisoadmin.contacts.reasons import Bucket
from voisoadmin.contacts.wording import title_of
from voisoadmin.feeds.lead_json import MOST_LEADS
from voisoadmin.feeds.models import WRITINGS, Feed, FeedDay, FeedRequest, FeedToken, Refusal
from voisoadmin.feeds.refused_posts import TITLES, write_counts
from voisoadmin.feeds.tokens import MOST_VALID
from voisoadmin.phones.countries import countries
from voisoadmin.pushes.models import Intake

SHOWN_DAYS = 14
SHOWN_REQUESTS = 20
SHOWN_REFUSALS = 20
SHOWN_REASONS = 3
LONG_WAIT = timedelta(minutes=10)
LATELY = timedelta(days=2)  # today is among them, whatever the time zone
EXAMPLE = {"phone": "+12025550123", "name": "Farid Huang", "source": "Website"}
"""The number is of those that are reserved for films, so it calls no one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedState:
    word: str
    glyph: str
    css: str
    detail: str = ""

    @classmethod
    def of(cls, feed: Feed, *, at: datetime) -> "FeedState":
        inbox = feed.inbox
        waits = f"{inbox.waiting:,} lead{'' if inbox.waiting == 1 else 's'} waiting" if inbox.waiting else ""
        if inbox.paused_at is not None:
            return cls(word="Paused", glyph="player-pause", css="is-idle", detail=waits)
        if not [token for token in feed.tokens.all() if token.revoked_at is None]:
            return cls(word="No token", glyph="key", css="is-warn", detail=waits)
        if inbox.oldest_at is not None and at - inbox.oldest_at > LONG_WAIT:
            return cls(word="Waiting", glyph="hourglass", css="is-warn", detail=waits)
        return cls(word="On", glyph="circle-check", css="is-good", detail=waits)


OUTCOMES = {
    Bucket.ADDED: "added",
    Bucket.PENDING: "waiting",
    Bucket.UPDATED: "updated",
    Bucket.DUPLICATE: "already in campaign",
    Bucket.UNATTRIBUTED: "added or already there",
    Bucket.REJECTED: "rejected",
    Bucket.SUPPRESSED: "do-not-call",
    Bucket.NOT_SENT: "not sent",
    Bucket.NEEDS_REVIEW: "needs review",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class DayLine:
    day: FeedDay
    intakes: list[Intake]  # its parts: one, unless it brought very many leads

    @property
    def urls(self) -> list[str]:
        """The pages of its parts, which are those of uploads."""
        return [reverse("uploads:detail", args=[intake.upload.pk]) for intake in self.intakes]

    @property
    def outcomes(self) -> str:
        """What became of the accepted ones: `32 added, 3 waiting`."""
        counts = Counter[str]()
        for intake in self.intakes:
            counts.update(intake.buckets())
        return ", ".join(f"{counts[bucket]:,} {word}" for bucket, word in OUTCOMES.items() if counts[bucket])

    @property
    def reasons(self) -> str:
        """The most frequent ones."""
        most = sorted(self.day.reasons.items(), key=lambda item: (-item[1], item[0]))
        words = [f"{title_of(code)} {count:,}" for code, count in most[:SHOWN_REASONS]]
        return ", ".join([*words, "…"] if len(most) > SHOWN_REASONS else words)


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusalLine:
    refusal: Refusal

    @property
    def title(self) -> str:
        return TITLES.get(self.refusal.code, self.refusal.code)


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedLine:
    """A feed in the list."""

    feed: Feed
    state: FeedState
    today: FeedDay | None
    last: datetime | None


def lines_for(user: User, *, at: datetime) -> list[FeedLine]:
    feeds = list(Feed.objects.visible_to(user).for_pages())
    latest = FeedRequest.objects.filter(feed=models.OuterRef("pk")).order_by("-pk").values("at")[:1]
    last = dict(
        Feed.objects.filter(pk__in=[feed.pk for feed in feeds]).annotate(last=models.Subquery(latest)).values_list("pk", "last")
    )
    lately = FeedDay.objects.filter(feed__in=feeds, day__gte=(at - LATELY).date())
    days = {(day.feed_id, day.day): day for day in lately}
    return [
        FeedLine(
            feed=feed,
            state=FeedState.of(feed, at=at),
            today=days.get((feed.pk, timezone.localdate(at, feed.campaign.connection.zone))),
            last=last[feed.pk],
        )
        for feed in feeds
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedPage:
    feed: Feed
    state: FeedState
    address: str
    curl: str
    tokens: list[FeedToken]
    days: list[DayLine]
    requests: list[FeedRequest]
    refusals: list[RefusalLine]
    new_token: str = ""  # just created: shown this once

    @property
    def may_add_token(self) -> bool:
        return len(self.tokens) < MOST_VALID

    @property
    def writing(self) -> str:
        return dict(WRITINGS)[self.feed.writing]

    @property
    def country(self) -> str:
        return countries().get(self.feed.country, "")

    @property
    def limits(self) -> list[str]:
        return [
            f"{MOST_LEADS:,} leads and 1 MB a request",
            f"{settings.FEED_REQUESTS:,} requests and {settings.FEED_LEADS:,} leads a minute, by token",
            f"{settings.FEED_WAITING:,} leads that wait",
        ]


def page_of(feed: Feed, *, origin: str, at: datetime, new_token: str = "") -> FeedPage:
    """`origin`: scheme and host by which the reader reached this page."""
    address = origin + reverse("feeds:leads", args=[feed.public_id])
    return FeedPage(
        feed=feed,
        state=FeedState.of(feed, at=at),
        address=address,
        curl=curl_of(address, new_token or "$TOKEN"),
        tokens=[token for token in feed.tokens.all() if token.revoked_at is None],
        days=_days_of(feed),
        requests=list(FeedRequest.objects.filter(feed=feed).defer("answer", "places").order_by("-pk")[:SHOWN_REQUESTS]),
        refusals=_refusals_of(feed),
        new_token=new_token,
    )


def _refusals_of(feed: Feed) -> list[RefusalLine]:
    write_counts()
    return [RefusalLine(refusal=one) for one in feed.refusals.order_by("-day", "-last_at")[:SHOWN_REFUSALS]]


def _days_of(feed: Feed) -> list[DayLine]:
    days = list(FeedDay.objects.filter(feed=feed).order_by("-day")[:SHOWN_DAYS])
    intakes = Intake.objects.filter(inbox=feed.inbox_id, day__in=[day.day for day in days]).select_related("upload")
    parts = defaultdict(list)
    for intake in intakes.order_by("number"):
        parts[intake.day].append(intake)
    return [DayLine(day=day, intakes=parts[day.day]) for day in days]


def curl_of(address: str, token: str) -> str:
    """A whole command, to be pasted into a terminal."""
    body = json.dumps([EXAMPLE], ensure_ascii=False)
    return (
        f"curl {address} \\\n"
        f'  -H "Authorization: Bearer {token}" \\\n'
        '  -H "Idempotency-Key: lead-10018" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  -d '{body}'"
    )
