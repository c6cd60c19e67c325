"""Who asked for something and when, what it was about, and the refusal of a click from an outdated page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from voisoadmin.accounts.models import User


class ActionRefused(Exception):
    """It can't be done; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an operation is about. It outlives the row it names, so it is stored as kind, ID and label."""

    kind: str
    pk: int
    label: str
    campaign_ref: int | None = None  # our ID of the campaign concerned, whatever the subject
    connection_ref: int | None = None  # our ID of its contact centre; None: users, who belong to none


@dataclass(frozen=True, kw_only=True, slots=True)
class Click:
    by: User | None
    by_label: str = ""  # empty: the user's name
    at: datetime

    @property
    def label(self) -> str:
        """Who clicked, as the activity shows it."""
        return self.by_label or (self.by.label if self.by is not None else "unknown user")
