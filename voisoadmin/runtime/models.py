from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models

SWEEP_EVERY = timedelta(minutes=1)


class LastSweep(models.Model):
    """When the jobs of each minute were last queued: the one row that all workers of this database share."""

    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Last sweep at {self.at}"

    @classmethod
    def is_due(cls, *, at: datetime) -> bool:
        return not cls._recent(at).exists()

    @classmethod
    def take_turn(cls, *, at: datetime) -> bool:
        """Make the caller the one worker that queues this minute's jobs; False if another one just did."""
        last, is_first = cls.objects.get_or_create(pk=1, defaults={"at": at})
        if is_first or cls._recent(at).exists():
            return is_first
        # One UPDATE decides: of two workers, only the first finds the old time.
        return cls.objects.filter(pk=1, at=last.at).update(at=at) == 1

    @classmethod
    def _recent(cls, at: datetime) -> models.QuerySet[LastSweep]:
        # A time more than a minute ahead was written by a wrong clock.
        return cls.objects.filter(at__gt=at - SWEEP_EVERY, at__lt=at + SWEEP_EVERY)
