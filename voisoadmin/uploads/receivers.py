"""A day of leads gets an upload's page with its first lead."""

from __future__ import annotations

from voisoadmin.contacts import mapped
from voisoadmin.contacts.fields import ACTIVE, LABELS
from voisoadmin.contacts.mapped import By, from_column
from voisoadmin.pushes.inbound import COLUMNS
from voisoadmin.pushes.models import Intake
from voisoadmin.uploads.models import Upload


def open_page(*, intake: Intake, **_: object) -> None:
    """It has no file, and the columns of every lead."""
    fields = {name: from_column(at, By.NAME) for at, name in enumerate(COLUMNS)}
    fields[ACTIVE] = fields[ACTIVE]._replace(constant="yes")
    Upload.objects.create(
        intake=intake,
        campaign=intake.inbox.campaign,
        stage=Upload.Stage.SENT,
        by_label=intake.inbox.label,
        received_at=intake.began_at,
        file_name=str(intake)[:255],
        file_size=0,
        file_removed_at=intake.began_at,
        facts={"columns": [LABELS[name] for name in COLUMNS]},
        mapping=mapped.to_json(fields),
        choices={"resend_known": intake.inbox.resends_known},
        judgement={"country": None, "flags": [], "layout": None},
    )
