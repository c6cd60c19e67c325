"""Pushes, faults, deaths and users' clicks in any order: the invariants hold after each of them (docs/sending.md)."""

import contextlib
import itertools
import os
import random
import threading
import time

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from tests.pushes.deadly import Death, Fate
from tests.pushes.oracle import false_reports, lost_rows
from tests.pushes.support import Cast, numbers
from tests.support.sandbox import connect, mirror, open_contact_centre
from voisoadmin.connections.holding import release
from voisoadmin.lib.clock import monotonic
from voisoadmin.pushes import services
from voisoadmin.pushes.audit import audit
from voisoadmin.pushes.engine.loop import Engine
from voisoadmin.pushes.models import Push
from voisoadmin.sandbox import Fault
from voisoadmin.sandbox.answer_forms import FORMS

EXAMPLES = int(os.environ.get("VOISOADMIN_TEST_EXAMPLES", "25"))
_names = itertools.count()

FAULTS: list[tuple[str, dict[str, object]]] = [
    ("answer_lost", {"how": "reset"}),
    ("answer_lost", {"how": "502"}),
    ("answer_lost", {"how": "timeout"}),
    ("answer_lost", {"how": "closed"}),
    ("slow_drip", {}),
    ("reset_before", {}),
    ("unreachable", {}),
    ("html_502", {}),
    ("html_502", {"acted": True}),
    ("server_error", {"status": 503}),
    ("server_error", {"status": 500, "acted": True}),
    ("rate_limited", {"retry_after": "2"}),
    ("rate_limited", {"retry_after": None}),
    ("busy", {"shape": "unknown"}),
    ("busy", {"shape": "400"}),
    ("busy", {"shape": "409"}),
    ("busy", {"shape": "422"}),
    ("busy", {"shape": "429"}),
    ("rate_limited", {"retry_after": "Wed, 21 Oct 2015 07:28:00 GMT"}),
    ("truncated_json", {}),
    ("odd_json", {"body": "[]"}),
    ("odd_json", {"body": "{}", "status": 405}),
    ("odd_json", {"body": '{"error": "Too large"}', "status": 413, "acted": False}),
    ("odd_json", {"body": '{"leads_import": {"created": ["447999999999"]}}'}),
    ("redirect", {"location": "https://elsewhere.example/"}),
    ("not_live", {}),
    ("key_revoked", {}),
    ("campaign_gone", {}),
    ("partial_answer", {"missing": 2}),
    ("partial_answer", {"missing": 2, "created": False}),
    *(("other_form", {"form": form}) for form in sorted(FORMS)),
    ("echo", {}),
    ("echo", {"status": 409, "bare": True}),
    ("echo", {"status": 400, "acted": True}),
    ("odd_json", {"body": "<html>Access denied</html>", "status": 403, "acted": False}),
    ("poison", {"numbers": None, "status": 409, "text": "Campaign is locked", "times": 2}),
    ("poison", {"numbers": None, "status": 422, "text": "Campaign is completed", "times": 1}),
]


class Lane(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        Fate.next = ""
        self.chance = random.Random(0)

    @initialize(generation=st.sampled_from(["v4", "legacy"]), there=st.integers(0, 8), size=st.integers(1, 30))
    def open(self, generation: str, there: int, size: int) -> None:
        address = f"https://cc-machine{next(_names)}.voiso.com"
        sandbox = open_contact_centre(address)
        self.connection = connect(sandbox, generation=generation, address=address, name=address)
        self.cast = Cast(sandbox, mirror(sandbox, self.connection, sandbox.add_campaign("Spring")))
        self.pool = [*numbers(40), "12345"]  # Voiso calls the last one invalid
        sandbox.add_leads(self.cast.id, self.pool[:there])
        self.pushes = [self.cast.push(self.pool[:size])]

    @rule(data=st.data(), kind=st.sampled_from(["add", "add", "add", "update"]))
    def push(self, data: st.DataObject, kind: str) -> None:
        chosen = data.draw(st.lists(st.sampled_from(self.pool), min_size=1, max_size=30, unique=True))
        self.pushes.append(self.cast.push(chosen, kind=kind))

    @rule(fault=st.sampled_from(FAULTS), times=st.integers(1, 3), after=st.integers(0, 1), size=st.integers(1, 20))
    def push_into_a_fault(self, fault: tuple[str, dict[str, object]], times: int, after: int, size: int) -> None:
        name, options = fault
        self.cast.sandbox.fault(name, **{"times": times, "after": after, **options})
        self.pushes.append(self.cast.push(self.pool[-size:]))
        Engine().run(until=monotonic() + 0.4)

    @rule(data=st.data())
    def poison(self, data: st.DataObject) -> None:
        self.cast.sandbox.fault("poison", numbers=[data.draw(st.sampled_from(self.pool))])

    @rule(form=st.sampled_from(["documented", *sorted(FORMS)]))
    def answer_in_another_form(self, form: str) -> None:
        self.cast.sandbox.behaviour.answer_form = form

    @rule(seconds=st.floats(0.03, 0.6))
    def run(self, seconds: float) -> None:
        Engine().run(until=monotonic() + seconds)

    @rule(fate=st.sampled_from(["before", "after"]), seconds=st.floats(0.1, 0.5), size=st.integers(1, 40))
    def die(self, fate: str, seconds: float, size: int) -> None:
        Fate.next = fate
        self.pushes.append(self.cast.push(self.pool[:size]))
        with contextlib.suppress(Death):
            Engine().run(until=monotonic() + seconds)
        Fate.next = ""

    @rule(seconds=st.floats(0.05, 0.3), count=st.integers(2, 3))
    def run_several(self, seconds: float, count: int) -> None:
        _together(*[lambda: Engine().run(until=monotonic() + seconds)] * count)

    @rule(seconds=st.floats(0.05, 0.3))
    def freeze_the_owner_while_another_runs(self, seconds: float) -> None:
        Fate.frozen.clear()
        Fate.thaw.clear()
        Fate.next = "freeze"

        def other() -> None:
            if Fate.frozen.wait(0.2):
                Engine().run(until=monotonic() + seconds)
            Fate.thaw.set()
            Fate.next = ""

        _together(lambda: Engine().run(until=monotonic() + 0.3), other)

    @precondition(lambda self: self.pushes)
    @rule(data=st.data(), action=st.sampled_from(["pause_push", "resume_push", "resume_push", "cancel_push"]))
    def click(self, data: st.DataObject, action: str) -> None:
        push = data.draw(st.sampled_from(self.pushes))
        getattr(services, action)(push, at=timezone.now())

    @precondition(lambda self: self.pushes)
    @rule(data=st.data(), lost=st.booleans(), size=st.integers(1, 8))
    def send_again(self, data: st.DataObject, lost: bool, size: int) -> None:
        if lost:
            self.cast.sandbox.fault("answer_lost", times=1)
            self.pushes.append(self.cast.push(self.pool[-size:]))
            Engine().run(until=monotonic() + 0.1)
            services.cancel_push(self.pushes[-1], at=timezone.now())
        push = self.pushes[-1] if lost else data.draw(st.sampled_from(self.pushes))
        self.pushes.append(self.cast.send_again(push))

    @precondition(lambda self: self.pushes)
    @rule(data=st.data(), action=st.sampled_from(["pause_push", "cancel_push"]), wait=st.floats(0, 0.1))
    def click_in_mid_flight(self, data: st.DataObject, action: str, wait: float) -> None:
        push = data.draw(st.sampled_from(self.pushes))
        self.cast.sandbox.behaviour.latency = 3

        def clicking() -> None:
            time.sleep(wait)
            getattr(services, action)(push, at=timezone.now())

        _together(lambda: Engine().run(until=monotonic() + 0.15), clicking)
        self.cast.sandbox.behaviour.latency = 0

    @rule()
    def heal(self) -> None:
        sandbox, campaign = self.cast.sandbox, self.cast.campaign
        sandbox.heal()
        sandbox.behaviour.answer_form = "documented"
        for key in (sandbox.V4_KEY, sandbox.LEGACY_KEY):
            sandbox.restore_key(key)
        sandbox.campaign(self.cast.id).gone = False
        sandbox.campaign(self.cast.id).live = True
        self.connection.refresh_from_db()
        release(self.connection, timezone.now())
        services.release_lane(campaign.lane, by=None, by_label="Omar", at=timezone.now())

    @invariant()
    def books_are_right(self) -> None:
        if not hasattr(self, "cast"):
            return
        cast, lane = self.cast, self.cast.campaign.lane_id
        assert audit(Push.objects.filter(lane=lane)) == []
        assert cast.sandbox.max_in_flight(cast.id) <= 1
        assert min(cast.gaps(), default=1.0) >= 0.020
        assert false_reports(cast.sandbox, cast.id, lane) == []

    def teardown(self) -> None:
        """An end can be reached from every state, and nothing is lost."""
        if not hasattr(self, "cast"):
            return
        Fate.next = ""
        for _ in range(12):
            self.heal()
            for push in self.pushes:
                services.resume_push(push, at=timezone.now())
            Engine().run(until_empty_lane=self.cast.campaign.lane_id)
            if not Push.objects.running().filter(lane=self.cast.campaign.lane_id).exists():
                break
        self.books_are_right()
        assert not Push.objects.running().filter(lane=self.cast.campaign.lane_id).exists()
        assert lost_rows(self.cast.sandbox, self.cast.id, self.cast.campaign.lane_id) == []


def _together(*actions) -> None:
    problems: list[BaseException] = []

    def run(action) -> None:
        try:
            action()
        except BaseException as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    if problems:
        raise problems[0]


def test_the_machine_knows_every_fault_of_the_sandbox():
    assert {name for name, _ in FAULTS} == {str(fault) for fault in Fault}


@pytest.mark.slow
@pytest.mark.usefixtures("sandbox")
def test_the_books_are_right_after_every_event(transactional_db, settings):
    settings.VOISO_TRANSPORT = "tests.pushes.deadly.deadly_transport"
    run_state_machine_as_test(Lane, settings=PROFILE)


PROFILE = settings(
    max_examples=EXAMPLES,
    stateful_step_count=10,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
