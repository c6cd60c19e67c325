"""The queue's part in tests: delivers queued jobs in this process, and can lose, repeat and shuffle them."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.module_loading import import_string
from django_q.models import OrmQ

Task = tuple[str, tuple[Any, ...]]


def take_jobs() -> list[Task]:
    """Take everything that is queued and due from the queue table."""
    tasks = []
    for row in OrmQ.objects.order_by("pk"):
        task = row.task
        tasks.append((str(task["func"]), tuple(task["args"])))
        row.delete()
    return tasks


def run_jobs(*, rounds: int = 50, disturb: Callable[[list[Task]], Sequence[Task]] = list) -> int:
    """Run queued jobs, and those that they queue, until none is left; return how many ran.

    `disturb` gets each round's jobs and returns those to run: dropped, doubled, shuffled.
    """
    ran = 0
    for _ in range(rounds):
        tasks = disturb(take_jobs())
        if not tasks:
            return ran
        for name, args in tasks:
            import_string(name)(*args)
            ran += 1
    raise AssertionError(f"Jobs kept enqueueing jobs for {rounds} rounds.")
