"""Whose right the starts of a rule need: its owner must be able to control each of its campaigns."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from voisoadmin.accounts.models import User
from voisoadmin.rules.mailing import queue_mail_of_lost_right
from voisoadmin.rules.models import Rule, RuleState
from voisoadmin.rules.stored_facts import StoredFacts


def note_lost(rules: Mapping[int, Rule], states: Sequence[RuleState], facts: StoredFacts, *, at: datetime, dry: bool) -> None:
    """Hold the starts of rules whose owner may no longer control one of their campaigns. `dry`: nothing is stored."""
    centres = _centres_of(rule.owner for rule in rules.values())
    lost = {
        state.rule_id
        for state in states
        if not _may_control(rules[state.rule_id].owner, facts.connection_of(state.campaign_id), centres)
    }
    for rule in rules.values():
        is_lost = rule.pk in lost
        if is_lost != (rule.right_lost_at is not None):
            rule.right_lost_at = at if is_lost else None
            if not dry:
                _store(rule)


@transaction.atomic
def _store(rule: Rule) -> None:
    Rule.objects.filter(pk=rule.pk).update(right_lost_at=rule.right_lost_at)
    if rule.right_lost_at is not None:
        queue_mail_of_lost_right(rule)


def _centres_of(owners: Iterable[User | None]) -> dict[int, set[int]]:
    """By user, of those who don't see all."""
    limited = {owner.pk for owner in owners if owner is not None and not owner.sees_all_centres}
    centres: dict[int, set[int]] = defaultdict(set)
    if limited:
        for user, centre in User.centres.through.objects.filter(user__in=limited).values_list("user_id", "connection_id"):
            centres[user].add(centre)
    return centres


def _may_control(owner: User | None, connection: int, centres: Mapping[int, set[int]]) -> bool:
    if owner is None or not owner.may_change:
        return False
    return owner.sees_all_centres or connection in centres[owner.pk]
