"""Stores no result of a task. django-q2 keeps results as unsigned pickles and loads those of a repeated task, so anyone
who can write to its table could run code in the worker."""

from django.dispatch import receiver
from django_q.signals import pre_execute


@receiver(pre_execute)
def keep_no_result(*, task: dict[str, object], **_: object) -> None:
    # At execution and not when queuing, so that it also covers tasks that were queued with other options.
    task["cached"] = True  # in the queue's cache, which keeps nothing
