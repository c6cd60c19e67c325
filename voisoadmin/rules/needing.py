"""Has the status of agents read for as long as a rule that is on, or in dry run, decides by it."""

from collections.abc import Collection
from datetime import datetime, timedelta

from voisoadmin.campaigns.models import PresenceNeed
from voisoadmin.campaigns.presence.needs import need
from voisoadmin.connections.models import Connection
from voisoadmin.rules.occurrences import why_no_start
from voisoadmin.rules.sentence import Agents, Sentence, Then
from voisoadmin.rules.stored_facts import StoredFacts, Wanted

NAME = "rules"
LASTS = timedelta(minutes=2)  # several evaluations


def renew(facts: StoredFacts, wanted: Collection[Wanted], *, at: datetime) -> None:
    needed = {facts.connection_of(campaign) for sentence, campaign in wanted if decides_soon(sentence, at)}
    if not needed:
        return
    soon = PresenceNeed.objects.filter(connection__in=needed, name=NAME, until__range=(at + LASTS / 2, at + LASTS))
    for connection in Connection.objects.filter(pk__in=needed - set(soon.values_list("connection_id", flat=True))):
        need(connection, at=at, name=NAME, lasts=LASTS)


def decides_soon(sentence: Sentence, at: datetime) -> bool:
    """Whether the status of agents may decide now, or must already be known to have lasted when its hours begin."""
    lasting = [one.minutes for one in sentence.conditions if isinstance(one, Agents)]
    if not lasting:
        return False
    if sentence.then != Then.START:
        return True
    ahead = timedelta(minutes=max(lasting) + 2)
    return not why_no_start(sentence, at) or not why_no_start(sentence, at + ahead)
