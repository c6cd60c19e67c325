"""Who asked for something, when, and with which click; and the refusal of a click from an outdated page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from voisoadmin.accounts.models import User
from voisoadmin.operations.models import Operation
from voisoadmin.uploads.models import Upload

TOO_LATE = "This upload was re-checked, sent or discarded meanwhile. Its current state is shown below."


class ActionRefused(Exception):
    """It can't be done; the message says why and what to do."""


class About(TypedDict):
    subject_kind: str
    subject_id: int
    subject_label: str
    campaign_ref: int
    by: User | None
    by_label: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Click:
    by: User | None
    by_label: str
    at: datetime

    def about(self, upload: Upload) -> About:
        """The fields of an Operation for its subject and user."""
        return About(
            subject_kind=Operation.Subject.UPLOAD,
            subject_id=upload.pk,
            subject_label=f"{upload.file_name} to {upload.campaign}",
            campaign_ref=upload.campaign_id,
            by=self.by,
            by_label=self.by_label,
            at=self.at,
        )
