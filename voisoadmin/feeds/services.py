"""Feeds: making and changing them, their tokens, pause and resume. Every change is in the activity."""

from django.db import IntegrityError, transaction

from voisoadmin.campaigns.models import Campaign
from voisoadmin.feeds.models import WRITINGS, Feed, FeedToken
from voisoadmin.feeds.tokens import MOST_VALID, digest_of, new_token
from voisoadmin.lib.secrets import Secret
from voisoadmin.operations.clicks import ActionRefused, Click
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import record_done
from voisoadmin.phones.countries import countries
from voisoadmin.phones.writing import Writing, has_fixed_length
from voisoadmin.pushes import inbound
from voisoadmin.pushes.models import Inbox

KNOWN_NUMBERS = {False: "Left out", True: "Sent again"}


def create_feed(
    campaign: Campaign, *, name: str, writing: str, country: str = "", resends_known: bool = False, click: Click
) -> Feed:
    """A feed without a token. Raises ActionRefused."""
    country = _checked_country(writing, country)
    try:
        with transaction.atomic():
            inbox = Inbox.objects.create(campaign=campaign, lane_id=campaign.lane_id, label=name, resends_known=resends_known)
            feed = Feed.objects.create(
                campaign=campaign,
                inbox=inbox,
                name=name,
                writing=writing,
                country=country,
                created_at=click.at,
                created_by=click.by,
                created_by_label=click.label,
            )
            _record(Operation.Kind.SAVE_FEED, feed, click, **_facts(feed, resends_known))
    except IntegrityError:
        raise _name_taken(campaign, name) from None
    return feed


def change_feed(feed: Feed, *, name: str, writing: str, country: str, resends_known: bool, click: Click) -> None:
    """For leads that come from now on. Raises ActionRefused."""
    country = _checked_country(writing, country)
    try:
        with transaction.atomic():
            inbox = inbound.locked_inbox(feed.inbox_id)
            inbox.label, inbox.resends_known = name, resends_known
            inbox.save(update_fields=["label", "resends_known"])
            feed.name, feed.writing, feed.country = name, writing, country
            feed.save(update_fields=["name", "writing", "country"])
            _record(Operation.Kind.SAVE_FEED, feed, click, **_facts(feed, resends_known))
    except IntegrityError:
        raise _name_taken(feed.campaign, name) from None


def _name_taken(campaign: Campaign, name: str) -> ActionRefused:
    return ActionRefused(f"Another feed of {campaign} is already named {name}.")


def _checked_country(writing: str, country: str) -> str:
    """Only national numbers have a country, and only one whose numbers can be recognised by their length."""
    if writing != Writing.NATIONAL:
        return ""
    if not country:
        raise ActionRefused("Choose the country of the national numbers.")
    if not has_fixed_length(country):
        name = countries().get(country, country)
        raise ActionRefused(f"Numbers of {name} have many lengths, so they can't be recognised without + and country code.")
    return country


def _facts(feed: Feed, resends_known: bool) -> dict[str, str]:
    return {
        "writing": dict(WRITINGS)[Writing(feed.writing).value],
        "country": countries().get(feed.country, ""),
        "known_numbers": KNOWN_NUMBERS[resends_known],
    }


@transaction.atomic
def pause_feed(feed: Feed, click: Click) -> bool:
    """Accept nothing, and send nothing of what waits. False if it was paused already."""
    if not inbound.pause(feed.inbox_id, at=click.at):
        return False
    _record(Operation.Kind.PAUSE_FEED, feed, click)
    return True


@transaction.atomic
def resume_feed(feed: Feed, click: Click) -> bool:
    if not inbound.resume(feed.inbox_id):
        return False
    _record(Operation.Kind.RESUME_FEED, feed, click)
    return True


@transaction.atomic
def cancel_waiting(feed: Feed, *, waiting: int, click: Click) -> int:
    """Send none of the leads that wait, as far as the user saw them; return how many. Raises ActionRefused."""
    rows = inbound.cancel_waiting(feed.inbox_id, at=click.at, most=waiting)
    if not rows:
        raise ActionRefused("No lead waits any more. Nothing was changed.")
    record_done(Operation.Kind.CANCEL_SENDING, feed.subject, click, result={"rows_not_sent": rows})
    return rows


@transaction.atomic
def create_token(feed: Feed, click: Click) -> Secret:
    """Its text, which is stored nowhere. Raises ActionRefused if as many are valid as may be."""
    Feed.objects.select_for_update(of=("self",)).get(pk=feed.pk)
    if feed.tokens.filter(revoked_at=None).count() >= MOST_VALID:
        raise ActionRefused(f"{MOST_VALID} tokens are valid. Revoke the one that is no longer used first.")
    text = new_token()
    token = FeedToken.objects.create(
        feed=feed, digest=digest_of(text), last_four=text[-4:], created_at=click.at, created_by_label=click.label
    )
    _record(Operation.Kind.NEW_TOKEN, feed, click, token=f"ends in {token.last_four}")
    return text


@transaction.atomic
def revoke_token(token: FeedToken, click: Click) -> bool:
    """From now on it opens nothing, not even answers that were given before. False if it was revoked already."""
    revoked = FeedToken.objects.filter(pk=token.pk, revoked_at=None).update(
        revoked_at=click.at, revoked_by_label=click.label[:200]
    )
    if revoked:
        _record(Operation.Kind.REVOKE_TOKEN, token.feed, click, token=f"ends in {token.last_four}")
    return bool(revoked)


def _record(kind: str, feed: Feed, click: Click, **facts: object) -> None:
    record_done(kind, feed.subject, click, request=facts)
