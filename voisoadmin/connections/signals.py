"""What the floors above may want to know. Receivers run in the transaction of the change."""

from django.dispatch import Signal

# It is about to be. Arguments: connection, by, at.
connection_removed = Signal()
