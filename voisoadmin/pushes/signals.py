"""Signals for the layers above. Receivers run in the transaction of the change."""

from django.dispatch import Signal

# Sent when an intake begins. Argument: intake, with its inbox and campaign.
intake_began = Signal()
