"""Jobs of the queue. Losing, repeating or reordering them changes nothing but latency."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from voisoadmin.lib.clock import monotonic
from voisoadmin.lib.jobs import enqueue, job
from voisoadmin.lib.stopping import stop_requested
from voisoadmin.pushes import search_blocks
from voisoadmin.pushes.engine.holds import HoldWatch
from voisoadmin.pushes.engine.locks import DrainSlot
from voisoadmin.pushes.engine.loop import Engine
from voisoadmin.pushes.engine.next_batch import lanes_to_drain
from voisoadmin.pushes.services import drain_soon


@job
def drain_lanes() -> None:
    """Drain all free lanes for one slice, and queue a successor if work is left.

    One such job at a time on a host: others end at once, because the running one looks for new work until its end, and
    once more after giving up its slot.
    """
    if stop_requested():
        return
    slot = DrainSlot()
    if not slot.take():
        return
    handed_over = False

    def hand_over() -> None:
        nonlocal handed_over
        slot.release()
        if not stop_requested() and lanes_to_drain(at=timezone.now(), watch=HoldWatch()):
            drain_soon()
            handed_over = True

    try:
        Engine(handover=hand_over).run(until=monotonic() + settings.SLICE_SECONDS)
    finally:
        slot.release()
    if not handed_over:
        hand_over()


@job
def fill_search() -> None:
    """Put the rows to fix into the blocks in which they are searched."""
    search_blocks.fill(at=timezone.now(), seconds=settings.SLICE_SECONDS)


@job
def sweep() -> None:
    """Every minute: queue a drain for lanes with something to send, because their last job may have died or been lost, and
    the search of rows to fix."""
    at = timezone.now()
    with transaction.atomic():
        if lanes_to_drain(at=at, watch=HoldWatch()):
            drain_soon()
    if search_blocks.is_due(at=at):
        enqueue("voisoadmin.pushes.tasks.fill_search")
