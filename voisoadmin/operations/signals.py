"""Signals for the layers above."""

from django.dispatch import Signal

# Sent in the transaction that deletes entries of the activity. Argument: before (when they had ended).
activity_removed = Signal()
