"""Signals for the layers above."""

from django.dispatch import Signal

# Sent after the status of all agents of a contact centre was read. Argument: connection.
presence_read = Signal()
