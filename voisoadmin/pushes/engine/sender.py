"""The threads that send requests to Voiso. They never touch the database: the engine's thread records their results."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from voisoadmin.connections.models import Connection
from voisoadmin.connections.opening import client_for
from voisoadmin.connections.request_forms import RequestPart
from voisoadmin.lib.clock import monotonic
from voisoadmin.pushes.engine.locks import LaneLocks, Lost
from voisoadmin.pushes.lanes import Ticket
from voisoadmin.pushes.models import Push
from voisoadmin.voiso.errors import NoReply, VoisoError
from voisoadmin.voiso.payloads import ContactsAnswer
from voisoadmin.voiso.sent_forms import Form, SentForms

logger = logging.getLogger(__name__)
MAX_CALLS = 24  # concurrent requests; resting lanes need no thread
_FAULT_OF_OURS = "VoisoAdmin had an internal error with this request; see its log. Voiso may have processed it."


@dataclass(frozen=True, slots=True)
class SendResult:
    """The result of a call (`ticket`) or of a read that checked a silent connection (`ticket` is None).

    `found`: an answer, an error of Voiso, or the end of this process.
    """

    lane_id: int
    ticket: Ticket | None
    connection: Connection
    found: ContactsAnswer | BaseException | None
    began: float  # monotonic
    finished: float  # monotonic: the answer was fully read


class Sender:
    """A few threads, and the queue of their results."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(MAX_CALLS, thread_name_prefix="lane")
        self._results: SimpleQueue[SendResult] = SimpleQueue()

    def send(self, ticket: Ticket, locks: LaneLocks, *, not_before: float) -> None:
        """`not_before`: monotonic; the thread waits out the remaining rest of the lane."""
        self._pool.submit(self._send, ticket, locks, not_before)

    def probe(self, lane_id: int, connection: Connection) -> None:
        self._pool.submit(self._probe, lane_id, connection)

    def next_result(self, seconds: float) -> SendResult | None:
        """The next result; waits at most this long."""
        try:
            return self._results.get(timeout=seconds) if seconds > 0 else self._results.get_nowait()
        except Empty:
            return None

    def close(self) -> None:
        """Wait for the open calls: they end within their deadline."""
        self._pool.shutdown(wait=True)

    def _send(self, ticket: Ticket, locks: LaneLocks, not_before: float) -> None:
        while (left := not_before - monotonic()) > 0:
            time.sleep(left)
        began = monotonic()
        found = _found(lambda: _call(ticket, locks))
        self._results.put(SendResult(ticket.lane_id, ticket, ticket.connection, found, began, monotonic()))

    def _probe(self, lane_id: int, connection: Connection) -> None:
        began = monotonic()
        found = _found(lambda: _read(connection))
        self._results.put(SendResult(lane_id, None, connection, found, began, monotonic()))


def _call(ticket: Ticket, locks: LaneLocks) -> ContactsAnswer:
    with client_for(ticket.connection) as client:
        # The very last step before the bytes are sent.
        locks.check()
        spelling = SentForms(priority=Form(ticket.forms[RequestPart.PRIORITY]), active=Form(ticket.forms[RequestPart.ACTIVE]))
        if ticket.kind == Push.Kind.UPDATE:
            method = ticket.forms[RequestPart.METHOD]
            return client.update_contacts(ticket.voiso_id, ticket.contacts, method=method, spelling=spelling)
        return client.add_contacts(ticket.voiso_id, ticket.contacts, spelling=spelling)


def _read(connection: Connection) -> None:
    with client_for(connection) as client:
        client.probe()


def _found(ask: Callable[[], ContactsAnswer | None]) -> ContactsAnswer | BaseException | None:
    """The result of a request as a value: a thread has no caller to raise to."""
    try:
        return ask()
    except (VoisoError, Lost) as problem:
        return problem
    except Exception:
        logger.exception("Unexpected error in a request")
        return NoReply(_FAULT_OF_OURS)
    except BaseException as end:
        return end
