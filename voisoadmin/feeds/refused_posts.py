"""Posts that were refused as a whole, by day and reason: counted, with nothing of what was posted."""

from datetime import datetime

from django.utils import timezone

from voisoadmin.feeds.feed_statements import COUNT_REFUSALS
from voisoadmin.feeds.models import Feed
from voisoadmin.feeds.refusal_counts import Refused, counts
from voisoadmin.lib.lock_waits import LockedTooLong, short_waits

WAIT_SECONDS = 0.2
TITLES = {
    "wrong_shape": "Body isn't leads in JSON",
    "no_key": "No Idempotency-Key",
    "wrong_type": "Content-Type isn't JSON",
    "too_slow": "Body took more than 10 s",
    "too_large": "Body larger than 1 MB",
    "key_used": "Key used with another body",
    "in_progress": "Another request was still being written",
    "too_many_requests": "Too many requests in a minute",
    "too_many_leads": "Too many leads in a minute",
    "too_many_waiting": "Too many leads wait",
    "busy": "Too many requests at once",
    "paused": "Feed paused",
    "closed": "Contact centre removed",
    "no_room": "No room on the disk",
}


def count_refusal(public_id: str, status: int, code: str, *, at: datetime) -> None:
    """Call it outside a transaction."""
    if counts.note(Refused(public_id, status, code), at=at):
        write_counts()


def write_counts() -> None:
    """Save what is in memory, or leave it there for now if the database is busy."""
    taken = counts.take()
    if not taken:
        return
    try:
        with short_waits(WAIT_SECONDS):
            feeds = Feed.objects.filter(public_id__in={refused.public_id for refused in taken})
            by_id = {feed.public_id: feed for feed in feeds.select_related("campaign__connection")}
            for refused, count in sorted(taken.items()):
                if feed := by_id.get(refused.public_id):
                    day = timezone.localdate(count.last_at, feed.campaign.connection.zone)
                    COUNT_REFUSALS.run(feed.pk, day, refused.status, refused.code, count.times, count.last_at)
    except LockedTooLong:
        counts.give_back(taken)
