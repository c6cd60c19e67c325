"""The job of a bulk that changes who is on several campaigns: one after the other, at the pace of their contact centre."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from voisoadmin.assignments.claiming import claim
from voisoadmin.assignments.people_job import PeopleJob
from voisoadmin.assignments.preview import entries_from, request_and_result
from voisoadmin.campaigns.bulk.bulk_job import BulkJob
from voisoadmin.campaigns.bulk.bulk_pace import Pace, take_request
from voisoadmin.lib.clock import monotonic, scaled
from voisoadmin.operations import services
from voisoadmin.operations.models import Operation

Answer = TypeVar("Answer")
SETTLED = frozenset({"added", "removed", "already_there", "not_in_campaign", "not_found", "twice"})
LOOK_SECONDS = 0.1  # between two signs of life, while Voiso is waited for


class PeopleBulkJob(BulkJob):
    job = "voisoadmin.assignments.tasks.run_bulk"

    def work(self) -> None:
        with ThreadPoolExecutor(1, thread_name_prefix="people") as pool:
            for child in self.begun():
                if self.must_rest() or not ChildJob(child, self, pool).run():
                    return
            for child_id, _ in self.waiting():
                if self.must_rest():
                    return
                begun = self._begin(child_id, timezone.now())
                if begun is not None and not ChildJob(begun, self, pool).run():
                    return

    def close(self, child: Operation, why: str) -> None:
        PeopleJob(child).give_up(why)

    @classmethod
    def again(cls, child: Operation) -> dict[str, services.Facts]:
        """The names that weren't changed; all of them if its turn never came."""
        entries = entries_from(child.result) or entries_from({"names": child.request.get("plan")})
        left = [entry.ended("waiting") for entry in entries if entry.outcome not in SETTLED]
        facts = request_and_result(left)
        return {"request": facts["request"], "result": facts["result"]}

    @transaction.atomic
    def _begin(self, child_id: int, at: datetime) -> Operation | None:
        """Its turn has come; None if it has ended, or isn't ours."""
        child = self.give_turn(child_id, at=at)
        return child if child is not None and claim(child, at=at) else None


class ChildJob(PeopleJob):
    """One campaign of the bulk. Its requests are sent in a thread, which never touches the database."""

    def __init__(self, child: Operation, bulk: PeopleBulkJob, pool: ThreadPoolExecutor) -> None:
        super().__init__(child)
        self._bulk = bulk
        self._pool = pool
        self._every = Pace.of(self.campaign.connection).every

    @property
    def is_over_time(self) -> bool:
        return self._bulk.must_rest()

    def ask(self, request: Callable[[], Answer]) -> Answer:
        while not take_request(self.campaign.connection, at=timezone.now(), every=self._every):
            self.wait(self._every / 2)
        sent = self._pool.submit(request)
        while not sent.done():
            wait([sent], timeout=scaled(LOOK_SECONDS))
            self._bulk.must_rest()
        return sent.result()

    def wait(self, seconds: float) -> None:
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0:
            self._bulk.must_rest()
            super().wait(min(left, scaled(LOOK_SECONDS)))
