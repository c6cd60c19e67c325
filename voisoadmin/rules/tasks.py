from django.utils import timezone

from voisoadmin.lib.jobs import job
from voisoadmin.rules import log_retention, mailing
from voisoadmin.rules.models import Firing, Rule


@job
def mail_firing(firing_id: int) -> None:
    firing = Firing.objects.select_related("rule__owner", "campaign").filter(pk=firing_id).first()
    if firing is not None:
        mailing.mail_firing(firing)


@job
def mail_lost_right(rule_id: int) -> None:
    rule = Rule.objects.kept().filter(pk=rule_id).first()
    if rule is not None:
        mailing.mail_lost_right(rule)


@job
def sweep() -> None:
    log_retention.forget(at=timezone.now())
