"""The fence of a lane: whoever writes an outcome proves, in the same transaction, that the lane is still its own."""

from django.db.models import Model, QuerySet

from voisoadmin.campaigns.models import Lane


class Fenced(Exception):
    """Another engine has taken the lane over, or a person was faster: nothing of this transaction may stay."""


def keep_lane(lane_id: int, epoch: int, **changes: object) -> None:
    """Take the lane's row for this transaction, which must be its first write; raise Fenced if the epoch has moved on.

    All who write to the pushes of a lane take its row first, so that they never wait for each other in a circle.
    """
    expect_one(Lane.objects.filter(pk=lane_id, epoch=epoch), **{"epoch": epoch, **changes})


def take_row(lane_id: int) -> Lane:
    """The lane's row, held until the transaction ends."""
    return Lane.objects.select_for_update().get(pk=lane_id)


def expect_one(rows: QuerySet[Model], **changes: object) -> None:
    """A compare-and-set: the one row must be as we knew it, else Fenced."""
    if rows.update(**changes) != 1:
        raise Fenced
