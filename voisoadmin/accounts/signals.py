"""What the floors above may want to know. Receivers run in the transaction of the change."""

from django.dispatch import Signal

# Arguments: user, changed ({field: [before, after]}), by, at, client_token (or None).
user_saved = Signal()
