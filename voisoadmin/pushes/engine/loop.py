"""The engine that drains lanes: any process may run it, and the lock of a lane admits one.

One thread owns the database and the due times; a few threads send the requests. A resting lane needs neither.
"""

import heapq
import logging
import time
from collections.abc import Callable

from django.db import connection
from django.utils import timezone

from voisoadmin.connections.families import note_failure
from voisoadmin.connections.models import Family
from voisoadmin.lib.clock import monotonic, scaled
from voisoadmin.lib.stopping import stop_requested
from voisoadmin.pushes import pacing
from voisoadmin.pushes.engine.calls import Waiting, open_call, stop_lane, take_lane
from voisoadmin.pushes.engine.holds import HoldWatch
from voisoadmin.pushes.engine.locks import Lost, open_locks
from voisoadmin.pushes.engine.next_batch import lanes_to_drain
from voisoadmin.pushes.engine.owned_lane import OwnedLane
from voisoadmin.pushes.engine.persist import DATABASE_DOWN, persist
from voisoadmin.pushes.engine.sender import MAX_CALLS, Sender, SendResult
from voisoadmin.pushes.engine.trials import Trials
from voisoadmin.pushes.lanes import Fenced, Ticket
from voisoadmin.pushes.pacing import Rest
from voisoadmin.voiso.errors import NoReply, NotConnected, Redirected, VoisoError

logger = logging.getLogger(__name__)
LOOK_SECONDS = 0.5  # for lanes with new work
CONTENDED_SECONDS = 0.05  # for a lane that its earlier owner is about to release
HAND_OVER_SECONDS = 10.0  # after this long it is clear that its owner keeps it
PREPARE_SECONDS = 0.04  # a call is committed this long before the lane's rest ends, so recording it costs no time then
LET_BE_SECONDS = 5.0  # a lane that rests beyond the slice, or is held; a person may end that early
SILENT_SECONDS = 60.0  # after a failed read, at least this long until the next one


class Engine:
    """One run is one slice of work. Calls are made only while the lane's lock is held, and each is recorded before it is
    sent."""

    def __init__(self, *, stop: Callable[[], bool] = stop_requested, handover: Callable[[], None] | None = None) -> None:
        """`handover`: called once, when the slice claims nothing more and its successor may start."""
        self._stop = stop
        self._handover = handover
        self._locks = open_locks()
        self._sender = Sender()
        self._watch = HoldWatch()
        self._lanes: dict[int, OwnedLane] = {}
        self._due: list[tuple[float, int]] = []
        self._let_be: dict[int, float] = {}
        self._trials = Trials()
        self._result: SendResult | None = None  # received, not yet recorded
        self._look_at = 0.0
        self._contended_since: float | None = None
        self._lost = self._closing = self._interrupted = False

    def run(self, *, until: float | None = None, until_empty_lane: int | None = None) -> None:
        """Drain all free lanes until a moment of the monotonic clock, or one lane until it has nothing that may be sent.

        Ends early when there is nothing to do, and soon, leaving nothing in doubt, when a stop is requested.
        """
        self._until, self._only = until, until_empty_lane
        # A safety wait may extend the slice; each successor would restart it, for ever.
        self._hard_end = None if until is None else until + pacing.after_lost_owner()
        try:
            while self._goes_on():
                pass
        finally:
            # However we exit, keep the lane until its request has finished.
            self._sender.close()
            self._locks.close()

    def _goes_on(self) -> bool:
        try:
            return self._step()
        except KeyboardInterrupt:
            self._interrupted = True
        except Lost as problem:
            logger.warning("%s", problem)
            self._lost = True
        except DATABASE_DOWN as problem:
            logger.warning("The database isn't answering (%s)", type(problem).__name__)
            connection.close()
            if self._until is None and not self._lanes:
                raise
            time.sleep(max(0.02, scaled(0.5)))
        return True

    def _step(self) -> bool:
        self._record_result()
        now = monotonic()
        self._close_if_time(now)
        wanted = True
        if not self._closing and now >= self._look_at:
            wanted = self._look(now)
        while not self._lost and self._due and self._due[0][0] <= now + PREPARE_SECONDS and self._in_flight() < MAX_CALLS:
            self._begin(self._lanes[heapq.heappop(self._due)[1]], now)
        if not self._lanes and (self._closing or not wanted or self._lost):
            return False
        self._result = self._sender.next_result(self._seconds_to_wait())
        return True

    def _in_flight(self) -> int:
        return sum(lane.in_flight for lane in self._lanes.values())

    def _seconds_to_wait(self) -> float:
        moments = [] if self._closing else [self._look_at]
        if self._due and not self._lost and self._in_flight() < MAX_CALLS:
            moments.append(self._due[0][0] - PREPARE_SECONDS)
        if self._until is not None and not self._closing:
            moments.append(max(self._until, monotonic() + 0.02))
        now = monotonic()
        return max(0.0, min([0.25, *(moment - now for moment in moments)]))

    # Claiming and releasing lanes

    def _close_if_time(self, now: float) -> None:
        """Decide whether the slice is over. Lanes in a safety wait extend it, because a new process would restart the
        wait."""
        if self._closing:
            return
        stop = self._stop() or self._interrupted or self._lost
        over = self._until is not None and now >= self._until
        if over and not stop and self._hard_end is not None and now < self._hard_end:
            over = not any(lane.owed > pacing.pace() and lane.rested > now for lane in self._lanes.values())
        if not (stop or over):
            return
        self._closing = True
        soon = now if stop else now + pacing.pace()
        for lane in list(self._lanes.values()):
            if (not lane.in_flight and lane.due > soon) or (stop and not lane.in_flight):
                self._let_go(lane)
        if not stop and self._handover is not None:
            self._handover()

    def _look(self, now: float) -> bool:
        """Take free lanes with something to send; return whether there is anything left that we may send."""
        at = timezone.now()
        waits = lanes_to_drain(at=at, watch=self._watch)
        if self._only is not None:
            waits = {lane_id: seconds for lane_id, seconds in waits.items() if lane_id == self._only}
        for lane in list(self._lanes.values()):
            if lane.lane_id not in waits and not lane.in_flight and lane.due > now + pacing.pace():
                self._let_go(lane)  # paused, cancelled or held meanwhile: don't wait out its long rest
        contended = False
        for lane_id, seconds in waits.items():
            beyond = self._until is not None and now + seconds > max(self._until, now)
            if lane_id in self._lanes or beyond or self._let_be.get(lane_id, 0.0) > now:
                continue
            if self._locks.take(lane_id):
                self._take(lane_id)
            else:
                contended = True
        self._look_at = now + self._seconds_to_next_look(now, contended=contended)
        return bool(waits)

    def _seconds_to_next_look(self, now: float, *, contended: bool) -> float:
        if not contended:
            self._contended_since = None
        elif self._contended_since is None:
            self._contended_since = now
        handed_over = self._contended_since is not None and now - self._contended_since < scaled(HAND_OVER_SECONDS)
        return max(CONTENDED_SECONDS, scaled(CONTENDED_SECONDS if handed_over else LOOK_SECONDS))

    def _take(self, lane_id: int) -> None:
        since = monotonic()
        try:
            epoch, rest = take_lane(lane_id, at=timezone.now())
        except BaseException:
            self._locks.release(lane_id)
            raise
        lane = self._lanes[lane_id] = OwnedLane(lane_id, epoch, since, 0.0, since)
        self._rest(lane, since, rest)

    def _rest(self, lane: OwnedLane, since: float, rest: Rest) -> None:
        lane.since, lane.owed = since, rest.safety
        self._wait(lane, since + rest.total)

    def _wait(self, lane: OwnedLane, due: float) -> None:
        """Keep the lane until it is due, unless that is beyond this slice."""
        lane.put_off(due)
        end = self._hard_end if lane.due <= lane.rested else self._until
        if self._closing or (end is not None and lane.due > max(end, monotonic()) + pacing.pace()):
            self._let_be[lane.lane_id] = min(lane.due, monotonic() + scaled(LET_BE_SECONDS))
            self._let_go(lane)
        else:
            heapq.heappush(self._due, (lane.due, lane.lane_id))

    def _stop_lane(self, lane: OwnedLane) -> None:
        """After an internal error: a person must look, and the answers of the other lanes must not be lost because of it."""
        logger.exception("Internal error; lane %s is blocked until a person resumes it", lane.lane_id)
        try:
            stop_lane(lane.lane_id, lane.epoch, at=timezone.now())
        except Fenced:
            logger.info("Another engine now owns lane %s", lane.lane_id)
        finally:
            self._let_go(lane)

    def _let_go(self, lane: OwnedLane) -> None:
        del self._lanes[lane.lane_id]
        self._due = [entry for entry in self._due if entry[1] != lane.lane_id]
        heapq.heapify(self._due)
        self._trials.end(lane.lane_id)
        self._locks.release(lane.lane_id)

    # Calls

    def _begin(self, lane: OwnedLane, now: float) -> None:
        try:
            step = open_call(
                lane.lane_id,
                lane.epoch,
                at=timezone.now(),
                watch=self._watch,
                after_small=lane.after_small,
                rested=max(monotonic(), lane.due) - lane.since,
                owed=lane.owed,
                asked=self._trials.answered_for(lane.lane_id),
            )
        except Fenced:
            self._let_go(lane)
        except (*DATABASE_DOWN, KeyboardInterrupt):
            # We don't know whether the call was saved; the lane's next owner checks.
            self._let_go(lane)
            raise
        except Exception:
            self._stop_lane(lane)
        else:
            if isinstance(step, Ticket):
                lane.in_flight = True
                self._sender.send(step, self._locks, not_before=lane.due)
            else:
                self._hold_back(lane, step, now)

    def _hold_back(self, lane: OwnedLane, step: Waiting, now: float) -> None:
        if step.probe is not None and self._trials.begin(step.probe.pk, lane.lane_id):
            lane.in_flight = True
            self._sender.probe(lane.lane_id, step.probe)
            return
        self._trials.end(lane.lane_id)
        least = PREPARE_SECONDS + 0.01  # else it would be prepared again at once, and no result would be processed
        if step.probe is not None:
            self._wait(lane, now + max(pacing.pace(), least))  # another lane is asking that connection; wait for its result
        elif step.seconds is None:
            self._let_go(lane)
        else:
            self._wait(lane, now + max(min(step.seconds, scaled(LET_BE_SECONDS)), least))

    # Outcomes

    def _record_result(self) -> None:
        """Record a received result; keep it until that succeeds."""
        result = self._result
        if result is None:
            return
        lane = self._lanes.get(result.lane_id)
        if isinstance(result.found, BaseException) and not isinstance(result.found, Exception):
            raise result.found
        if lane is not None:
            self._record(lane, result)
        self._result = None

    def _record(self, lane: OwnedLane, result: SendResult) -> None:
        lane.in_flight = False
        if result.ticket is None:
            self._record_probe(lane, result)
            return
        try:
            rest = persist(result.ticket, result)
        except Fenced:
            self._let_go(lane)
            return
        except DATABASE_DOWN:
            logger.exception("Couldn't save an outcome; its request stays open and is settled later")
            self._let_go(lane)
            return
        except Exception:
            # The call stays open, and will be settled as one without a clear answer.
            self._stop_lane(lane)
            return
        self._trials.end(lane.lane_id)
        lane.after_small = result.ticket.small and not lane.after_small
        self._rest(lane, result.finished, rest)
        if isinstance(result.found, Lost):
            self._result = None  # recorded; don't record it again
            raise result.found

    def _record_probe(self, lane: OwnedLane, result: SendResult) -> None:
        if isinstance(result.found, NoReply | NotConnected) and not isinstance(result.found, Redirected):
            note_failure(result.connection, result.found, timezone.now())
            self._trials.end(lane.lane_id)
            if result.connection.held_until is not None:
                # If the earlier hold still lasts according to the database (the clock was put back), it does.
                self._watch.prolong(result.connection.held_until, scaled(SILENT_SECONDS))
        else:
            if isinstance(result.found, VoisoError):
                # It answers. What it says of the list proves nothing about contacts: the trial batch shows that.
                note_failure(result.connection, result.found, timezone.now(), family=Family.LIST)
            self._trials.note_answer(result.connection.pk)
        self._wait(lane, monotonic())
