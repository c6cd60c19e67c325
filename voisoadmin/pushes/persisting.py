"""Writing down what a call brought, while the database may be away."""

import time
from datetime import timedelta

from django.db import InterfaceError, InternalError, OperationalError, connection
from django.utils import timezone

from voisoadmin.lib.clock import deadline, monotonic, scaled
from voisoadmin.pushes.calls import Ticket
from voisoadmin.pushes.ledger import Outcome, record_answer
from voisoadmin.pushes.pacing import Rest
from voisoadmin.pushes.problems import record_problem
from voisoadmin.pushes.sender import Result
from voisoadmin.voiso.errors import NotSent, VoisoError
from voisoadmin.voiso.payloads import ContactsAnswer

DATABASE_DOWN = (OperationalError, InterfaceError, InternalError)  # the last: it only reads, as after a failover
WRITE_SECONDS = 60.0  # an outcome is tried to be written; then the call stays open, and is settled later


def persist(ticket: Ticket, result: Result) -> Rest:
    """Write the outcome down; return how long the lane rests. Raises Fenced, or DATABASE_DOWN if it is away for long.

    The time counts from the answer on: many answers that wait for the same database must not wait one after the other.
    """
    give_up_at = result.finished + deadline(WRITE_SECONDS)
    # What is reckoned from it must not begin later than the lane's rest does.
    answered_at = timezone.now() - timedelta(seconds=monotonic() - result.finished)
    outcome = Outcome(answered_at, round((result.finished - result.began) * 1000))
    while True:
        try:
            if isinstance(result.found, ContactsAnswer):
                return record_answer(ticket, result.found, outcome)
            if isinstance(result.found, VoisoError):
                return record_problem(ticket, result.found, outcome)
            return record_problem(ticket, NotSent(f"Nothing was sent: {result.found}"), outcome)
        except DATABASE_DOWN:
            connection.close()
            if monotonic() >= give_up_at:
                raise
            time.sleep(max(0.02, scaled(0.5)))
