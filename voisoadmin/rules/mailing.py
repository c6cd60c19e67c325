"""Emails about what a rule did or couldn't do, to its owner; about lost rights, to administrators. Only where mail is set up.

A firing remembers the outcome that an email was sent for, so that each is sent once.
"""

from django.conf import settings
from django.core.mail import send_mail

from voisoadmin.accounts.models import User
from voisoadmin.lib.jobs import enqueue
from voisoadmin.rules.models import Firing, Rule

Outcome = Firing.Outcome
JOB = "voisoadmin.rules.tasks.mail_firing"
RIGHT_JOB = "voisoadmin.rules.tasks.mail_lost_right"
WORTH_AN_EMAIL = frozenset(
    {Outcome.NOTIFIED, Outcome.MISSED, Outcome.OWED, Outcome.OVERTAKEN, Outcome.REFUSED, Outcome.UNCONFIRMED, Outcome.HELD}
)


def is_set_up() -> bool:
    return bool(settings.EMAIL_HOST)


def queue_mail(firing: Firing, rule: Rule) -> None:
    """In the transaction that gives the firing its outcome. The firing is stored."""
    is_news = firing.outcome in WORTH_AN_EMAIL and firing.mailed_for != firing.outcome
    if is_news and rule.sends_mail and not firing.is_dry and is_set_up():
        enqueue(JOB, firing.pk)


def queue_mail_of_lost_right(rule: Rule) -> None:
    if is_set_up():
        enqueue(RIGHT_JOB, rule.pk)


def mail_firing(firing: Firing) -> None:
    rule, to = firing.rule, firing.rule.owner.email if firing.rule.owner is not None else ""
    # One UPDATE decides: a repeated job sends nothing.
    unsent = Firing.objects.filter(pk=firing.pk, outcome=firing.outcome).exclude(mailed_for=firing.outcome)
    if not to or unsent.update(mailed_for=firing.outcome) != 1:
        return
    subject = f"{rule.name}: {firing.get_outcome_display().lower()}, {firing.campaign}"
    text = f"{firing.get_change_display()} {firing.campaign}: {firing.get_outcome_display().lower()}.\n\n{firing.reason}\n"
    send_mail(one_line(subject), text, None, [to])


def mail_lost_right(rule: Rule) -> None:
    to = [user.email for user in User.objects.administrators() if user.email]
    text = f"{rule.owner_label} may no longer control all campaigns of the rule. Its starts are held, its pauses stay.\n"
    for address in to:
        send_mail(one_line(f"{rule.name}: starts held"), text, None, [address])


def one_line(text: str) -> str:
    """Names come from people and from Voiso: a line break would begin another header."""
    return " ".join(text.split())[:200]
