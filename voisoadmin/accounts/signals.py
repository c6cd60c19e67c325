"""Signals for the layers above. Receivers run in the transaction of the change."""

from django.dispatch import Signal

# Arguments: user, changed ({field: [before, after]}), by, at.
user_saved = Signal()

# Arguments: user, address (as in `sign_in_failed`), at.
signed_in = Signal()

# Arguments: user (None: no user has the name, which is never passed on), address (as counted; "" if unknown), at.
sign_in_failed = Signal()
