"""Fencing: every outcome write proves in its transaction that the writer still owns the lane."""

from django.db.models import Model, QuerySet

from voisoadmin.campaigns.models import Lane


class Fenced(Exception):
    """Another engine has taken over the lane, or a user was faster: this transaction must be rolled back."""


def keep_lane(lane_id: int, epoch: int, **changes: object) -> None:
    """Lock the lane's row, as the first write of this transaction; raise Fenced if the epoch has changed.

    Every writer to the pushes of a lane locks its row first, so that they never deadlock.
    """
    expect_one(Lane.objects.filter(pk=lane_id, epoch=epoch), **{"epoch": epoch, **changes})


def take_row(lane_id: int) -> Lane:
    """The lane's row, locked until the transaction ends."""
    return Lane.objects.select_for_update().get(pk=lane_id)


def expect_one(rows: QuerySet[Model], **changes: object) -> None:
    """A compare-and-set: exactly one row must match what we knew, else Fenced."""
    if rows.update(**changes) != 1:
        raise Fenced
