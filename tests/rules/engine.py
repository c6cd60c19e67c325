"""Drives the evaluation of rules under a clock that a test moves: nothing sleeps."""

from datetime import datetime, timedelta

from django.utils import timezone

from tests.support.queue import run_jobs
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.polling import sync
from voisoadmin.lib import clock as lib_clock
from voisoadmin.rules.evaluating import Evaluator, Report
from voisoadmin.rules.models import Firing, Rule, RuleState

EVERY = 15  # seconds
LIST_EVERY = 60
HOURS = {"weekdays": [0, 1, 2, 3, 4, 5, 6], "from": "06:00", "to": "22:00"}


def sentence(*parts, then="start", join="any", zone="Europe/Berlin", hours=HOURS, **more) -> dict:
    return {join: list(parts), "while": [], "then": then, "at_most_once": "day", "hours": hours, "zone": zone} | more


def times(*lines, weekdays=range(7)) -> dict:
    """`times(("09:00", "start"), ("17:00", "pause"))`"""
    return {"kind": "times", "lines": [{"weekdays": list(weekdays), "at": at, "then": then} for at, then in lines]}


def make_rule(owner, *campaigns: Campaign, mode=Rule.Mode.ON, name="Working day", sends_mail=False, **words) -> Rule:
    now = timezone.now()
    rule = Rule.objects.create(
        name=name,
        sentence=words["sentence"],
        mode=mode,
        owner=owner,
        owner_label=owner.label,
        sends_mail=sends_mail,
        looked_since=now,
        changed_at=now,
    )
    RuleState.objects.bulk_create(RuleState(rule=rule, campaign=campaign) for campaign in campaigns)
    return rule


class Engine:
    """The worker of a test: evaluates every 15 s, reads the list of campaigns each minute, and runs the queue's jobs."""

    def __init__(self, clock, monkeypatch) -> None:
        self.clock = clock
        self.seconds = 1000.0  # monotonic
        self.evaluator = Evaluator()
        self.answers = True  # whether the list of campaigns is read
        self.works = True  # whether the queue's jobs run
        self.is_up = True  # whether rules are evaluated
        self.reports: list[Report] = []
        monkeypatch.setattr(lib_clock, "monotonic", lambda: self.seconds)

    def restart(self) -> None:
        self.evaluator = Evaluator()

    def jump(self, **by) -> None:
        """Set the wall clock; the monotonic one isn't changed."""
        self.clock.shift(timedelta(**by))

    def pass_time(self, *, step: int = EVERY, **by) -> None:
        self.until(timezone.now() + timedelta(**by), step=step)

    def around(self, moment: datetime, *, minutes: float = 1.0) -> None:
        """Skip to shortly before, and evaluate until that many minutes after."""
        self.skip_to(moment - timedelta(seconds=20))
        self.until(moment + timedelta(minutes=minutes))

    def until(self, moment: datetime, *, step: int = EVERY) -> None:
        last = timezone.now()
        while timezone.now() < moment:
            by = min(timedelta(seconds=step), moment - timezone.now())
            self.clock.shift(by)
            self.seconds += by.total_seconds()
            now = timezone.now()
            if self.answers and int(last.timestamp()) // LIST_EVERY != int(now.timestamp()) // LIST_EVERY:
                self.read_lists()
            last = now
            if self.is_up:
                self.evaluate()
            if self.works:
                self.run_jobs()

    def run_jobs(self) -> None:
        """The pace of a bulk is kept by the wall clock, so this one moves meanwhile."""
        now = timezone.now()
        self.clock.move_to(now, tick=True)
        run_jobs()
        self.clock.move_to(now, tick=False)

    def skip_to(self, moment: datetime) -> None:
        """Let time pass in which nothing is evaluated because nothing would be due; then read the lists again."""
        by = moment - timezone.now()
        assert by >= timedelta(), moment
        self.clock.shift(by)
        self.seconds += by.total_seconds()
        if self.answers:
            self.read_lists()

    def evaluate(self) -> Report:
        self.reports.append(self.evaluator.evaluate())
        return self.reports[-1]

    def read_lists(self) -> None:
        for connection in {campaign.connection for campaign in Campaign.objects.select_related("connection")}:
            sync(connection, at=timezone.now())


def log(rule: Rule | None = None) -> list[tuple[str, str]]:
    """What became of each occurrence, the earliest first."""
    firings = Firing.objects.all() if rule is None else rule.firings.all()
    return [(firing.occurrence, firing.outcome) for firing in firings.order_by("due_at", "pk")]
