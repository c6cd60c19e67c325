"""Signals for the layers above. Receivers run in the transaction of the change."""

from django.dispatch import Signal

# Sent just before a connection is removed. Arguments: connection, by, at.
connection_removed = Signal()

# Sent after a check that ended its holds. Argument: connection.
connection_answered = Signal()
