"""No result of a task is stored. django-q2 keeps results as unsigned pickles and loads those of a task that it repeats, so
that a row written to its table by anybody would run code in the worker.
"""

from django.dispatch import receiver
from django_q.signals import pre_execute


@receiver(pre_execute)
def keep_no_result(*, task: dict[str, object], **_: object) -> None:
    # At its execution and not when it is queued, so that it holds for a task that was queued with other options, too.
    task["cached"] = True  # in the cache of the queue, which keeps nothing
