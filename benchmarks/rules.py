"""What the evaluation of rules costs, and 60 days of a working day under a clock that is moved on.

    python benchmarks/rules.py                # 1,000 rules over 500 campaigns: an evaluation, and clicks beside it
    python benchmarks/rules.py --days 60      # also 60 days of a rule that starts and pauses, with restarts and downtimes

The sandbox answers in this process. Prints JSON, a line for each case; exit 1 if a promise isn't kept.
"""

import argparse
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
BEGIN = datetime(2026, 3, 2, 7, 50, tzinfo=UTC)
RULES, CAMPAIGNS, TRUE = 1000, 500, 100
MOST_SECONDS, MOST_QUERIES = 1.0, 20
CLICKS = 100
SEED = 13
WRONG = ("late_starts", "owed", "dialling_at_the_end")  # at the end of all days, an evening


def set_up(folder: str) -> None:
    os.environ |= {
        "VOISOADMIN_DATA_DIR": folder,
        "VOISOADMIN_HTTPS": "false",
        "VOISOADMIN_TIME_SCALE": "0.0001",
        "VOISOADMIN_LOG_LEVEL": "CRITICAL",
        "DJANGO_SETTINGS_MODULE": "voisoadmin.settings",
    }
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.VOISO_TRANSPORT = "tests.support.sandbox.transport_to_sandbox"
    call_command("migrate", verbosity=0)


def cost(clock: Any) -> dict[str, object]:
    """One evaluation of many rules, none of which has anything to do, and one in which a tenth becomes true."""
    from django.db import connection as database
    from django.test.utils import CaptureQueriesContext

    from tests.rules.many import make_many_rules
    from tests.support.sandbox import ADDRESS, connect, open_contact_centre
    from voisoadmin.accounts.models import User
    from voisoadmin.rules.evaluating import Evaluator
    from voisoadmin.rules.models import Rule, RuleState

    owner = User.objects.create_user("ines", password=None)
    centre = connect(open_contact_centre(ADDRESS), name="Many")
    make_many_rules(owner, centre, rules=RULES, campaigns=CAMPAIGNS)
    evaluator = Evaluator()
    evaluator.evaluate()
    found: dict[str, object] = {"rules": RULES, "campaigns": CAMPAIGNS}
    for name in ("nothing", "a tenth becomes true"):
        clock.shift(15)
        if name != "nothing":
            # In dry run, so that it is the evaluation that is measured, and not the requests.
            Rule.objects.update(mode=Rule.Mode.DRY_RUN)
            quota = {"kind": "waiting_contacts", "fewer_than": 10}
            for rule in Rule.objects.order_by("pk")[:TRUE]:
                Rule.objects.filter(pk=rule.pk).update(
                    sentence=rule.sentence | {"any": [quota], "then": "pause"}, version=rule.version + 1
                )
            RuleState.objects.update(was_true=False)
        began = time.process_time()
        with CaptureQueriesContext(database) as queries:
            report = evaluator.evaluate()
        found[name] = {
            "cpu_seconds": round(time.process_time() - began, 3),
            "queries": len(queries),
            "firings": len(report.firings),
        }
    return found


def beside(clock: Any) -> dict[str, object]:
    """Clicks, and what a request of a push writes, alone and beside a process that evaluates without a pause, in which a tenth
    becomes true each time: some fifty times as often as in a worker."""
    from voisoadmin.campaigns.models import Campaign

    campaigns = list(Campaign.objects.select_related("connection", "lane").order_by("-pk")[: 2 * CLICKS])
    alone = _milliseconds(campaigns[:CLICKS])
    child = _evaluate_without_a_pause(clock)
    try:
        at_once = _milliseconds(campaigns[CLICKS:])
    finally:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)
    return {"alone": alone, "beside": at_once}


def _evaluate_without_a_pause(clock: Any) -> int:
    """The ID of the process that does it."""
    from django.db import connection as database

    from voisoadmin.rules.evaluating import Evaluator
    from voisoadmin.rules.models import Evaluation, RuleState

    database.close()  # no connection is shared with the child
    before = Evaluation.last().at
    database.close()
    child = os.fork()
    if child == 0:
        evaluator = Evaluator()
        while True:
            clock.shift(15)
            RuleState.objects.update(was_true=False, fired_at=None)
            evaluator.evaluate()
    while Evaluation.last().at == before:
        time.sleep(0.05)
    return child


def _milliseconds(campaigns: list[Any]) -> dict[str, float]:
    from django.db import transaction
    from django.db.models import F
    from django.utils import timezone

    from voisoadmin.campaigns.counted import count, quarter_of
    from voisoadmin.campaigns.models import Lane
    from voisoadmin.controls.services import request_change
    from voisoadmin.voiso import Change

    clicks, writes = [], []
    for campaign in campaigns:
        began = time.perf_counter()
        request_change(campaign, Change.PAUSE, by=None, by_label="Benchmark", at=timezone.now())
        clicks.append(time.perf_counter() - began)
        began = time.perf_counter()
        with transaction.atomic():
            Lane.objects.filter(pk=campaign.lane_id).update(contacts_accepted=F("contacts_accepted") + 1000)
            count(campaign.lane_id, quarter_of(timezone.now()), {"added": 1000})
        writes.append(time.perf_counter() - began)
        time.sleep(0.02)
    return {
        "click_median": round(1000 * statistics.median(clicks), 1),
        "click_worst": round(1000 * max(clicks), 1),
        "write_median": round(1000 * statistics.median(writes), 1),
        "write_worst": round(1000 * max(writes), 1),
    }


def days(clock: Any, count: int) -> dict[str, object]:
    """A rule that starts at 09:00 and pauses at 17:00, with restarts and downtimes by chance, in a zone whose clocks change."""
    from django.utils import timezone

    from tests.rules.engine import Engine, make_rule, sentence, times
    from tests.support.sandbox import connect, mirror, open_contact_centre
    from voisoadmin.accounts.models import User
    from voisoadmin.rules.models import Firing
    from voisoadmin.rules.occurrences import occurrences
    from voisoadmin.rules.sentence_check import from_json
    from voisoadmin.sandbox import Fault

    chance = random.Random(SEED)
    sandbox = open_contact_centre("https://cc-days01.voiso.com")
    connection = connect(sandbox, address="https://cc-days01.voiso.com", name="Days")
    campaign = mirror(sandbox, connection, sandbox.add_campaign("Every day", numbers=["447415000001"]))
    sandbox.campaign(campaign.voiso_id).become("paused")
    campaign.status = "paused"
    campaign.save(update_fields=["status"])
    owner = User.objects.create_user("omar", password=None)
    words = sentence(times(("09:00", "start"), ("17:00", "pause"), weekdays=range(5)))
    rule = make_rule(owner, campaign, name="Every day", sentence=words)
    engine = Engine(clock, _Patch())
    engine.read_lists()
    engine.evaluate()
    begin = timezone.now()
    sentence_of_all = from_json(words)
    # Up to a midnight there: a moment of UTC comes later in its day when its clocks have changed.
    end = (begin + timedelta(days=count)).astimezone(sentence_of_all.timezone).replace(hour=0, minute=0)
    for due in occurrences(sentence_of_all, after=begin, until=end):
        # Mostly in time; sometimes nothing ran for up to four hours, or Voiso can't be reached for some minutes.
        late = timedelta(minutes=chance.uniform(0, 240) if chance.random() < 0.3 else 0.1)
        if chance.random() < 0.2:
            sandbox.fault(Fault.UNREACHABLE, on="operations", times=chance.randrange(40))
        if chance.random() < 0.3:
            engine.restart()
        engine.skip_to(max(due.moment + late, timezone.now()))
        engine.pass_time(minutes=chance.choice((0.5, 5, 12)), step=30)
        sandbox.heal()
    engine.pass_time(minutes=6, step=30)
    outcomes: dict[str, int] = {}
    for firing in rule.firings.all():
        name = f"{firing.change} {firing.outcome}"
        outcomes[name] = outcomes.get(name, 0) + 1
    starts = [firing for firing in rule.firings.filter(change="start") if firing.outcome == "fired"]
    window = timedelta(minutes=10)
    return {
        "days": count,
        "outcomes": outcomes,
        "starts_fired": len(starts),
        "starts_asked": len(sandbox.requests(campaign.voiso_id, "start")),
        "late_starts": sum(not timedelta() <= one.tried_at - one.due_at < window for one in starts),
        "owed": Firing.objects.owed().count(),
        "dialling_at_the_end": sandbox.campaign(campaign.voiso_id).status == "active",
    }


class _Patch:
    """As the fixture of the same name, for the process's life."""

    def setattr(self, target: object, name: str, value: object) -> None:
        setattr(target, name, value)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=0)
    asked = parser.parse_args()
    with ExitStack() as stack:
        set_up(stack.enter_context(tempfile.TemporaryDirectory()))
        clock = stack.enter_context(time_machine.travel(BEGIN, tick=False))
        found = cost(clock)
        print(json.dumps(found), flush=True)  # noqa: T201
        kept = all(
            one["cpu_seconds"] < MOST_SECONDS and one["queries"] <= MOST_QUERIES
            for one in found.values()
            if isinstance(one, dict)
        )
        print(json.dumps(beside(clock)), flush=True)  # noqa: T201
        if asked.days:
            from voisoadmin.rules.models import Rule

            Rule.objects.all().delete()
            over = days(clock, asked.days)
            print(json.dumps(over), flush=True)  # noqa: T201
            kept &= over["starts_asked"] == over["starts_fired"] and not any(over[name] for name in WRONG)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
