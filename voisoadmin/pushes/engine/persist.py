"""Recording the result of a call while the database may be down."""

import time
from datetime import timedelta

from django.db import InterfaceError, InternalError, OperationalError, connection
from django.utils import timezone

from voisoadmin.lib.clock import deadline, monotonic, scaled
from voisoadmin.pushes.engine.sender import SendResult
from voisoadmin.pushes.lanes import Ticket
from voisoadmin.pushes.outcomes.error_handling import record_problem
from voisoadmin.pushes.outcomes.record import CallEnd, record_answer
from voisoadmin.pushes.pacing import Rest
from voisoadmin.voiso.errors import NotSent, VoisoError
from voisoadmin.voiso.payloads import ContactsAnswer

DATABASE_DOWN = (OperationalError, InterfaceError, InternalError)  # the last: the database is read-only, as after a failover
WRITE_SECONDS = 60.0  # how long to retry recording an outcome; then the call stays open, and is settled later


def persist(ticket: Ticket, result: SendResult) -> Rest:
    """Record the outcome; return how long the lane rests. Raises Fenced, or DATABASE_DOWN if it is down for long.

    The time counts from the answer: many answers that wait for the same database must not wait one after the other.
    """
    give_up_at = result.finished + deadline(WRITE_SECONDS)
    # Times derived from it must not begin later than the lane's rest.
    answered_at = timezone.now() - timedelta(seconds=monotonic() - result.finished)
    end = CallEnd(answered_at, round((result.finished - result.began) * 1000))
    while True:
        try:
            if isinstance(result.found, ContactsAnswer):
                return record_answer(ticket, result.found, end)
            if isinstance(result.found, VoisoError):
                return record_problem(ticket, result.found, end)
            return record_problem(ticket, NotSent(f"Nothing was sent: {result.found}"), end)
        except DATABASE_DOWN:
            connection.close()
            if monotonic() >= give_up_at:
                raise
            time.sleep(max(0.02, scaled(0.5)))
