"""What only a server knows that answers all requests in one process."""

from threading import Event

answers_all_requests = Event()
"""Set: what was read for one request may be kept for others, because every change by a person is seen here."""
