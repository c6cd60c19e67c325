"""Saving a rule, turning it on and off, removing it. Each is written into the activity.

A new rule, and one whose sentence or campaigns change, only says what it would do until a person turns it on. Where nothing
but the time zone changes, that holds for its starts: the pauses of a rule that is on continue in the new zone.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.operations.clicks import ActionRefused, Click, Subject
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import record_done
from voisoadmin.rules.models import Firing, Rule, RuleState
from voisoadmin.rules.sentence import NotASentence, Sentence
from voisoadmin.rules.sentence_check import from_json
from voisoadmin.rules.sentence_json import understood
from voisoadmin.rules.sentence_words import as_text


def subject_of(rule: Rule) -> Subject:
    """Of one contact centre if all its campaigns are: others' users don't see it in the activity then."""
    centres = set(rule.campaigns.values_list("connection_id", flat=True)[:2])
    return Subject(Operation.Subject.RULE, rule.pk, rule.name, connection_ref=centres.pop() if len(centres) == 1 else None)


@transaction.atomic
def save_rule(
    rule: Rule | None,
    *,
    name: str,
    sentence: Sentence,
    campaigns: Sequence[Campaign],
    every_named: str = "",
    sends_mail: bool = False,
    by: User,
    at: datetime,
) -> Rule:
    """Save a rule that was checked. The user who saves it becomes its owner: the starts need that user's rights."""
    if rule is None:
        saved = Rule(mode=Rule.Mode.DRY_RUN, looked_since=at)
    else:
        saved = Rule.objects.select_for_update().get(pk=rule.pk)
        before = set(saved.campaigns.values_list("pk", flat=True))
        _back_to_dry_run(saved, sentence, {campaign.pk for campaign in campaigns} != before, at=at)
    saved.name, saved.sentence, saved.every_named = name, sentence.as_json(), every_named
    saved.sends_mail, saved.owner, saved.owner_label = sends_mail, by, by.label
    saved.right_lost_at, saved.changed_at, saved.problem = None, at, ""
    saved.save()
    RuleState.objects.filter(rule=saved).exclude(campaign__in=[campaign.pk for campaign in campaigns]).delete()
    kept = set(RuleState.objects.filter(rule=saved).values_list("campaign", flat=True))
    added = [campaign.pk for campaign in campaigns if campaign.pk not in kept]
    edges = _last_edges(saved, added)
    RuleState.objects.bulk_create(RuleState(rule=saved, campaign_id=pk, edge=edges.get(pk, 0)) for pk in added)
    text = as_text(sentence, f"{len(campaigns):,} campaign{'' if len(campaigns) == 1 else 's'}")
    request: dict[str, object] = {"rule": text, "mode": saved.get_mode_display()}
    record_done(Operation.Kind.SAVE_RULE, subject_of(saved), Click(by=by, at=at), request=request)
    return saved


def _last_edges(rule: Rule, campaigns: Collection[int]) -> dict[int, int]:
    """Of campaigns that the rule had before: a number that was used would fire nothing."""
    of_conditions = Firing.objects.filter(rule=rule, campaign__in=campaigns, is_timed=False).order_by()
    last = of_conditions.values("campaign").annotate(last=Max("pk")).values("last")
    return {firing.campaign_id: firing.edge for firing in of_conditions.filter(pk__in=last)}


def _back_to_dry_run(rule: Rule, sentence: Sentence, has_other_campaigns: bool, *, at: datetime) -> None:
    try:
        before = understood(rule.sentence)
    except NotASentence:
        before = None
    if sentence == before and not has_other_campaigns:
        return
    rule.version += 1
    rule.looked_since = at
    # What the conditions were before says nothing about the new ones.
    RuleState.objects.filter(rule=rule).update(was_true=None, holds_since={}, span=None)
    if rule.mode != Rule.Mode.ON:
        return
    if before is not None and replace(before, zone=sentence.zone) == sentence and not has_other_campaigns:
        rule.starts_are_dry = sentence.starts
    else:
        rule.mode, rule.starts_are_dry = Rule.Mode.DRY_RUN, False


@transaction.atomic
def set_mode(rule: Rule, mode: Rule.Mode, *, by: User, at: datetime) -> Rule:
    """Turn a rule on (with its starts), off, or into dry run. Raises ActionRefused."""
    current = Rule.objects.select_for_update().get(pk=rule.pk)
    if mode == Rule.Mode.ON:
        _check_before_on(current, by)
    if (current.mode, current.starts_are_dry) == (mode, False):
        return current
    current.mode, current.starts_are_dry = mode, False
    current.looked_since = current.changed_at = at
    current.problem = ""
    current.save(update_fields=["mode", "starts_are_dry", "looked_since", "changed_at", "problem"])
    # Conditions that hold already when it is turned on make it act.
    RuleState.objects.filter(rule=current).update(was_true=None, holds_since={}, span=None)
    record_done(
        Operation.Kind.SWITCH_RULE, subject_of(current), Click(by=by, at=at), request={"mode": current.get_mode_display()}
    )
    return current


def _check_before_on(rule: Rule, by: User) -> None:
    try:
        from_json(rule.sentence)
    except NotASentence as refused:
        raise ActionRefused(f"{refused} Edit the rule, then turn it on.") from None
    campaigns = rule.campaigns.all()
    if not campaigns.exists():
        raise ActionRefused("This rule has no campaign. Add one, then turn it on.")
    if campaigns.exclude(pk__in=Campaign.objects.visible_to(by).values("pk")).exists():
        raise ActionRefused("This rule has campaigns that you may not control. Remove them, then turn it on.")


@transaction.atomic
def remove_rule(rule: Rule, *, by: User, at: datetime) -> None:
    """Its log stays."""
    current = Rule.objects.select_for_update().get(pk=rule.pk)
    if current.removed_at is not None:
        return
    current.removed_at, current.mode = at, Rule.Mode.OFF
    current.save(update_fields=["removed_at", "mode"])
    record_done(Operation.Kind.REMOVE_RULE, subject_of(current), Click(by=by, at=at))
