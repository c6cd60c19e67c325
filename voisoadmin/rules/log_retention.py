"""How long the log of rules is kept: what was done or failed as long as the activity, the rest for some months."""

from datetime import datetime, timedelta

from voisoadmin.rules.models import Evaluation, Firing, FiringQuerySet

KEPT_FOR = timedelta(days=90)  # lines that say that nothing was done
AT_ONCE = 5_000


def forget(*, at: datetime) -> None:
    """Each minute. Not by a clock that may be ahead: what it would delete may be of yesterday."""
    if not Evaluation.objects.exclude(clock_problem="").exists():
        _remove(Firing.objects.past(at - KEPT_FOR).filter(outcome__in=Firing.NOTHING_DONE))


def remove_past(*, before: datetime) -> None:
    """With the entries of the activity that ended before then."""
    past = Firing.objects.past(before)
    while _remove(past):
        pass


def _remove(past: FiringQuerySet) -> int:
    some = list(past.order_by("due_at").values_list("pk", flat=True)[:AT_ONCE])
    return Firing.objects.filter(pk__in=some).delete()[0]
