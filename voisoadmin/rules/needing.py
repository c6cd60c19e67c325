"""Has the status of agents read for as long as a rule that is on, or in dry run, decides by it, and who is assigned to the
campaigns of these rules."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import F

from voisoadmin.assignments.roster import ask_for_people
from voisoadmin.campaigns.models import Campaign, PresenceNeed
from voisoadmin.campaigns.presence.needs import need
from voisoadmin.connections.models import Connection
from voisoadmin.rules.occurrences import why_no_start
from voisoadmin.rules.sentence import ASSIGNED, Agents, Sentence, Then
from voisoadmin.rules.stored_facts import StoredFacts, Wanted

NAME = "rules"
LASTS = timedelta(minutes=2)  # several evaluations
LISTS_AT_ONCE = 5  # of one evaluation


def renew(facts: StoredFacts, wanted: Collection[Wanted], *, at: datetime) -> None:
    soon_decided = [(sentence, campaign) for sentence, campaign in wanted if decides_soon(sentence, at)]
    needed = {facts.connection_of(campaign) for _, campaign in soon_decided}
    if not needed:
        return
    _ask_for_assigned({campaign for sentence, campaign in soon_decided if _counts_assigned(sentence)} & facts.unlisted, at)
    soon = PresenceNeed.objects.filter(connection__in=needed, name=NAME, until__range=(at + LASTS / 2, at + LASTS))
    for connection in Connection.objects.filter(pk__in=needed - set(soon.values_list("connection_id", flat=True))):
        need(connection, at=at, name=NAME, lasts=LASTS)


def _counts_assigned(sentence: Sentence) -> bool:
    return any(isinstance(one, Agents) and one.of == ASSIGNED for one in sentence.conditions)


def _ask_for_assigned(campaigns: Collection[int], at: datetime) -> None:
    """By the queue, as an open page of the campaign does. A list that fails comes after the others."""
    if campaigns:
        in_turn = Campaign.objects.filter(pk__in=campaigns).order_by(F("people_list__began_at").asc(nulls_first=True), "pk")
        for campaign in in_turn[:LISTS_AT_ONCE]:
            ask_for_people(campaign, at=at)


def decides_soon(sentence: Sentence, at: datetime) -> bool:
    """Whether the status of agents may decide now, or must already be known to have lasted when its hours begin."""
    lasting = [one.minutes for one in sentence.conditions if isinstance(one, Agents)]
    if not lasting:
        return False
    if sentence.then != Then.START:
        return True
    ahead = timedelta(minutes=max(lasting) + 2)
    return not why_no_start(sentence, at) or not why_no_start(sentence, at + ahead)
