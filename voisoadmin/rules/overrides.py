"""What a person decides against the rules: let them start a campaign again, or keep it running past a timed pause."""

from datetime import date

from django.db import transaction

from voisoadmin.campaigns.models import Campaign
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import record_done
from voisoadmin.rules import start_holds
from voisoadmin.rules.models import Firing, KeepRunning, RuleState
from voisoadmin.rules.sentence import Then

Outcome = Firing.Outcome


@transaction.atomic
def let_rules_start(campaign: Campaign, click: Click) -> bool:
    """End the hold of its starts; False if there was none. What is true now counts as having just become true."""
    if not start_holds.free(campaign.pk, by_label=click.label, at=click.at):
        return False
    states = RuleState.objects.filter(campaign=campaign, was_true=True).select_related("rule")
    starts = [state.pk for state in states if state.rule.sentence.get("then") == Then.START]
    RuleState.objects.filter(pk__in=starts).update(was_true=None)
    record_done(Operation.Kind.LET_RULES_START, campaign.subject, click)
    return True


@transaction.atomic
def keep_running(campaign: Campaign, day: date, click: Click) -> bool:
    """Timed pauses and stops of that day don't fire, and what is owed since then is no longer; False if it was so already.

    `day`: in the zone of the rule, as `Firing.local_date`.
    """
    _, is_new = KeepRunning.objects.get_or_create(
        campaign=campaign, day=day, defaults={"by_label": click.label[:200], "at": click.at}
    )
    owed = Firing.objects.owed().filter(campaign=campaign, local_date__lte=day)
    ended = owed.update(
        outcome=Outcome.WAIVED, is_open=False, reason=f"{click.label} keeps it running."[:300], decided_at=click.at
    )
    if not is_new and not ended:
        return False
    record_done(Operation.Kind.KEEP_RUNNING, campaign.subject, click, request={"day": str(day)})
    return True
