"""Shared by the tests of pushes."""

import itertools
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.contacts.packing import PackedRow
from voisoadmin.lib.clock import monotonic
from voisoadmin.pushes import services
from voisoadmin.pushes.audit import audit
from voisoadmin.pushes.drafts import DraftWriter
from voisoadmin.pushes.engine.loop import Engine
from voisoadmin.pushes.models import Push
from voisoadmin.pushes.resent_rows import RESENDABLE, draft_of_same_rows
from voisoadmin.sandbox import Sandbox

_next = itertools.count()


def numbers(count: int) -> list[str]:
    """Numbers that no other call returned."""
    return [str(447400000000 + next(_next)) for _ in range(count)]


def row(number: str, place: int, **fields: Any) -> PackedRow:
    return PackedRow(place, [f"+{number}", f"Person {place}"], number, fields)


class Cast:
    """A campaign of the sandbox, and pushes into it."""

    def __init__(self, sandbox: Sandbox, campaign: Campaign) -> None:
        self.sandbox, self.campaign = sandbox, campaign
        self.id = int(campaign.voiso_id)

    def draft(
        self, given: Sequence[str], *, kind: str = "add", by: User | None = None, left_out: Iterable[str] = (), **fields: Any
    ) -> Push:
        writer = DraftWriter(self.campaign, kind=kind, by=by, by_label="Ines Sousa")
        for place, number in enumerate(given, start=2):
            writer.add_ready(row(number, place, **fields))
        for place, number in enumerate(left_out, start=2 + len(given)):
            writer.add_left_out(row(number, place), "same_number_in_file")
        return writer.finish()

    def push(self, given: Sequence[str], **options: Any) -> Push:
        """A confirmed push."""
        push = self.draft(given, **options)
        assert services.confirm(push, by=push.by, by_label=push.by_label, at=timezone.now())
        return push

    def send_again(self, push: Push) -> Push:
        """A confirmed push of the rows of this one that can be sent again."""
        push.refresh_from_db()
        resend = draft_of_same_rows([push], RESENDABLE, by=None, by_label="Omar Haddad")
        rows = {"replaces": resend.records, "never_sent": resend.never_sent}
        assert services.confirm(resend.draft, by=None, by_label="Omar Haddad", at=timezone.now(), **rows)
        return resend.draft

    def drain(self, seconds: float = 120.0) -> None:
        """Run an engine until nothing is left that it may send, then check the books."""
        began = monotonic()
        Engine().run(until=began + seconds)
        assert monotonic() - began < seconds - 1, "The engine did not come to an end."
        self.check()

    def slice(self, seconds: float) -> None:
        """Run an engine for this long, whether it finishes or not."""
        Engine().run(until=monotonic() + seconds)
        self.check()

    def one_call(self) -> None:
        """Run an engine for a slice that ends while its first request is open, however fast or slow this machine is."""
        before, seconds = len(self.sandbox.requests(self.id)), 0.02
        self.sandbox.behaviour.latency = 5
        while len(self.sandbox.requests(self.id)) == before:
            assert seconds < 10, "The engine makes no call."
            self.slice(seconds)
            seconds *= 2
        self.sandbox.behaviour.latency = 0

    def check(self) -> None:
        assert audit() == []
        assert self.sandbox.max_in_flight(self.id) <= 1

    def gaps(self) -> list[float]:
        return self.sandbox.gaps(self.id)


def buckets(push: Push) -> dict[str, int]:
    push.refresh_from_db()
    found = {name: count for name, count in push.buckets().items() if count}
    assert sum(found.values()) == push.rows
    streamed = Counter(row.bucket.value for row in services.iter_rows(push))
    assert streamed == found
    return found


def reasons(push: Push) -> dict[str, int]:
    push.refresh_from_db()
    return dict(push.reasons)


class Running:
    """An engine in a thread, as another process would run it."""

    def __init__(self, seconds: float = 20.0) -> None:
        self.stop = threading.Event()
        self.looked: list[float] = []  # moments at which it asked whether to stop: as often as it looks for work
        self.problem: BaseException | None = None
        self.thread = threading.Thread(target=self._run, args=(seconds,))

    def _run(self, seconds: float) -> None:
        try:
            Engine(stop=self._stops).run(until=monotonic() + seconds)
        except BaseException as problem:
            self.problem = problem
        finally:
            connection.close()

    def _stops(self) -> bool:
        self.looked.append(monotonic())
        return self.stop.is_set()

    def __enter__(self) -> "Running":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.thread.join(120)
        assert not self.thread.is_alive()
        if self.problem:
            raise self.problem
