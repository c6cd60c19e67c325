"""Posts, repeats, new tokens, clicks, deaths and lost answers in any order: every lead counts once, nothing said is false."""

import contextlib
import itertools
import os

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.feeds.support import a_source, click
from tests.pushes.deadly import Death, Fate
from tests.pushes.leads import NOON, inbox_of, post
from tests.pushes.oracle import false_reports, lost_rows
from tests.pushes.support import Cast, numbers
from tests.pushes.test_state_machine import FAULTS
from tests.support.sandbox import connect, mirror, open_contact_centre
from voisoadmin.connections.holding import release
from voisoadmin.feeds.services import create_token, revoke_token
from voisoadmin.lib.clock import monotonic
from voisoadmin.pushes import inbound, services
from voisoadmin.pushes.audit import audit
from voisoadmin.pushes.audit_intakes import intake_breaches
from voisoadmin.pushes.engine.loop import Engine
from voisoadmin.pushes.models import Inbox, Intake, Push
from voisoadmin.pushes.resent_rows import RESENDABLE, draft_of_same_rows

EXAMPLES = int(os.environ.get("VOISOADMIN_TEST_EXAMPLES", "6"))
_names = itertools.count()


class Feeds(RuleBasedStateMachine):
    @initialize(there=st.integers(0, 6), again=st.booleans())
    def open(self, there: int, again: bool) -> None:
        Fate.next = ""
        address = f"https://cc-feeds{next(_names)}.voiso.com"
        sandbox = open_contact_centre(address)
        self.connection = connect(sandbox, generation="v4", address=address, name=address)
        self.cast = Cast(sandbox, mirror(sandbox, self.connection, sandbox.add_campaign("Spring")))
        self.lane_id = self.cast.campaign.lane_id
        self.pool = [*numbers(25), "12345"]  # Voiso calls the last one invalid
        sandbox.add_leads(self.cast.id, self.pool[:there])
        self.source = a_source(self.cast.campaign, name="Website form")
        self.inboxes = [self.source.feed.inbox, inbox_of(self.cast.campaign, resends_known=again)]
        self.accepted = 0
        self.answers: dict[str, tuple[list[str], bytes]] = {}  # of each key: the numbers, and the first answer

    @rule(data=st.data())
    def post_one_by_one(self, data: st.DataObject) -> None:
        chosen = data.draw(st.lists(st.sampled_from(self.pool), min_size=1, max_size=12, unique=True))
        self.accepted += len(post(self.inboxes[1], chosen))

    @rule(data=st.data(), size=st.integers(1, 12))
    def post_through_the_door(self, data: st.DataObject, size: int) -> None:
        chosen = data.draw(st.lists(st.sampled_from(self.pool), min_size=1, max_size=size))
        key = f"key-{len(self.answers)}"
        answer = self._post(key, chosen)
        assert answer.status_code in {202, 503}  # it may be paused
        if answer.status_code == 202:
            self.answers[key] = chosen, answer.content
            self.accepted += answer.json()["accepted"]

    @rule(which=st.integers(0, 20))
    def repeat_a_post(self, which: int) -> None:
        if not self.answers:
            return
        key = sorted(self.answers)[which % len(self.answers)]
        numbers, first = self.answers[key]
        again = self._post(key, numbers)
        assert (again.status_code, again.content) == (202, first)

    @rule()
    def rotate_the_token(self) -> None:
        (old,) = self.source.feed.tokens.filter(revoked_at=None)
        self.source = self.source._replace(token=create_token(self.source.feed, click()))
        revoke_token(old, click())

    def _post(self, key: str, numbers: list[str]):
        return self.source.post([{"phone": f"+{number}"} for number in numbers], key=key)

    @rule(data=st.data())
    def poison(self, data: st.DataObject) -> None:
        self.cast.sandbox.fault("poison", numbers=[data.draw(st.sampled_from(self.pool))])

    @rule(fault=st.sampled_from(FAULTS), times=st.integers(1, 3), size=st.integers(1, 12))
    def post_into_a_fault(self, fault: tuple[str, dict[str, object]], times: int, size: int) -> None:
        name, options = fault
        self.cast.sandbox.fault(name, **{"times": times, **options})
        self.accepted += len(post(self.inboxes[0], self.pool[-size:]))
        Engine().run(until=monotonic() + 0.3)

    @rule(seconds=st.floats(0.03, 0.4))
    def run(self, seconds: float) -> None:
        Engine().run(until=monotonic() + seconds)

    @rule(fate=st.sampled_from(["before", "after"]), size=st.integers(1, 26))
    def die(self, fate: str, size: int) -> None:
        Fate.next = fate
        self.accepted += len(post(self.inboxes[0], self.pool[:size]))
        with contextlib.suppress(Death):
            Engine().run(until=monotonic() + 0.2)
        Fate.next = ""

    @rule(inbox=st.integers(0, 1), action=st.sampled_from(["pause", "resume", "cancel"]))
    def click(self, inbox: int, action: str) -> None:
        own = self.inboxes[inbox].pk
        if action == "pause":
            inbound.pause(own, at=NOON)
        elif action == "resume":
            inbound.resume(own)
        else:
            inbound.cancel_waiting(own, at=timezone.now())

    @rule()
    def cancel_what_is_being_sent(self) -> None:
        for push in Push.objects.running().filter(lane=self.lane_id):
            services.cancel_push(push, at=timezone.now())

    @rule()
    def send_again(self) -> None:
        for intake in Intake.objects.filter(inbox__lane=self.lane_id):
            own = list(Push.objects.filter(intake=intake).exclude(confirmed_at=None).order_by("pk"))
            if own:
                again = draft_of_same_rows(own, RESENDABLE, by=None, by_label="Omar")
                rows = {"replaces": again.records, "never_sent": again.never_sent}
                assert services.confirm(again.draft, by=None, by_label="Omar", at=timezone.now(), **rows)

    @rule()
    def heal(self) -> None:
        sandbox = self.cast.sandbox
        sandbox.heal()
        for key in (sandbox.V4_KEY, sandbox.LEGACY_KEY):
            sandbox.restore_key(key)
        sandbox.campaign(self.cast.id).gone = False
        sandbox.campaign(self.cast.id).live = True
        self.connection.refresh_from_db()
        release(self.connection, timezone.now())
        services.release_lane(self.cast.campaign.lane, by=None, by_label="Omar", at=timezone.now())

    @invariant()
    def books_are_right(self) -> None:
        if not hasattr(self, "cast"):
            return
        assert audit(Push.objects.filter(lane=self.lane_id)) == []
        assert list(intake_breaches(self.lane_id)) == []
        assert sum(Intake.objects.filter(inbox__lane=self.lane_id).values_list("accepted", flat=True)) == self.accepted
        assert self.cast.sandbox.max_in_flight(self.cast.id) <= 1
        assert false_reports(self.cast.sandbox, self.cast.id, self.lane_id) == []

    def teardown(self) -> None:
        """An end can be reached from every state, and nothing is lost."""
        if not hasattr(self, "cast"):
            return
        Fate.next = ""
        for _ in range(12):
            self.heal()
            for inbox in self.inboxes:
                inbound.resume(inbox.pk)
            for push in Push.objects.running().filter(lane=self.lane_id):
                services.resume_push(push, at=timezone.now())
            Engine().run(until_empty_lane=self.lane_id)
            if not self._open():
                break
        assert not self._open()
        self.books_are_right()
        assert lost_rows(self.cast.sandbox, self.cast.id, self.lane_id) == []

    def _open(self) -> bool:
        waiting = Inbox.objects.filter(lane=self.lane_id, waiting__gt=0)
        return waiting.exists() or Push.objects.running().filter(lane=self.lane_id).exists()


@pytest.mark.slow
@pytest.mark.usefixtures("sandbox")
def test_every_lead_is_counted_once_after_every_event(transactional_db, settings):
    settings.VOISO_TRANSPORT = "tests.pushes.deadly.deadly_transport"
    run_state_machine_as_test(Feeds, settings=PROFILE)


PROFILE = settings(
    max_examples=EXAMPLES,
    stateful_step_count=10,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
