"""The one door to a bulk of starts, pauses or stops, for people and for rules."""

import uuid
from collections.abc import Iterable

from voisoadmin.campaigns.bulk.asking import Chosen, ask_bulk
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import Facts
from voisoadmin.voiso import Change


def begin_bulk(
    change: Change,
    chosen: Iterable[tuple[int, str]],
    click: Click,
    *,
    once_key: uuid.UUID | None = None,
    left_out: int = 0,
) -> Operation:
    """Request a change of many campaigns; return the bulk. Its job is queued in the caller's transaction.

    `chosen`: our ID of each campaign, and the status that was shown (`Campaign.status_shown`; empty: decide by the state
    when its turn comes). `click`: a user, or a label such as `Rule “Daily quota”`. With the same `once_key` again, the bulk
    of the first time. `left_out`: how many more were chosen, for which it was impossible in the status shown. Raises
    ActionRefused if no campaign is left, or if they are too many.
    """
    wanted = [Chosen(campaign_id=key, shown_status=shown) for key, shown in chosen]
    request: Facts = {"left_out": left_out} if left_out else {}
    return ask_bulk(Operation.Kind(change.value), wanted, click, once_key=once_key, request=request)
