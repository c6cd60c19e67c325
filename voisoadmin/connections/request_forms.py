"""What a contact centre accepts only in another form than the documented one.

A push tries the other form, and it is remembered here once Voiso has accepted it, until an administrator forgets it.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction

from voisoadmin.accounts.models import User
from voisoadmin.connections.models import Connection
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import record_done
from voisoadmin.voiso import FORMS, Field, Form, Generation


class RequestPart(models.TextChoices):
    """A part of our requests that has two possible forms."""

    METHOD = "method", "Updating contacts"
    PRIORITY = "priority", "Priority"
    ACTIVE = "active", "Active"


COLUMNS = {RequestPart.METHOD: "update_method", RequestPart.PRIORITY: "priority_form", RequestPart.ACTIVE: "active_form"}
METHODS = {Generation.LEGACY: ("PUT", "PATCH"), Generation.V4: ("PATCH", "PUT")}
IN_WORDS: dict[str, str] = {Form.INTEGER: "a number", Form.TEXT: "text", Form.BOOLEAN: "true or false"}


@dataclass(frozen=True, slots=True)
class Remembered:
    """A part whose form differs from the documented one."""

    part: RequestPart
    sentence: str


def both_forms(connection: Connection, part: RequestPart) -> tuple[str, str]:
    """The documented form of a part, then the other one."""
    generation = Generation(connection.generation)
    return METHODS[generation] if part == RequestPart.METHOD else FORMS[generation][Field(part)]


def forms_of(connection: Connection) -> dict[str, str]:
    """The form of each part in the next request: the remembered or the documented one."""
    return {part.value: getattr(connection, COLUMNS[part]) or str(both_forms(connection, part)[0]) for part in RequestPart}


def remembered(connection: Connection) -> list[Remembered]:
    """The parts that are sent otherwise than documented, for a person."""
    stored = {part: getattr(connection, COLUMNS[part]) for part in RequestPart}
    return [
        Remembered(part, _sentence(part, form))
        for part, form in stored.items()
        if form and form != both_forms(connection, part)[0]
    ]


def _sentence(part: RequestPart, form: str) -> str:
    if part == RequestPart.METHOD:
        return f"Contacts are updated with {form}."
    return f"{part.label} is sent as {IN_WORDS[form]}."


def remember(connection: Connection, forms: dict[str, str]) -> None:
    """Voiso accepted a request with these forms. `connection`: as it was when the request was made."""
    if forms:
        # Its address or API version may have changed since.
        same = Connection.objects.filter(
            pk=connection.pk, base_url=connection.base_url, generation=connection.generation, removed_at=None
        )
        same.update(**{COLUMNS[RequestPart(part)]: form for part, form in forms.items()})


def forget_form(connection: Connection, part: RequestPart, *, by: User, at: datetime) -> bool:
    """The next push sends the documented form again. False if nothing was remembered."""
    column = COLUMNS[part]
    with transaction.atomic():
        row = Connection.objects.select_for_update().get(pk=connection.pk)
        known = next((found for found in remembered(row) if found.part == part), None)
        if known is None:
            return False
        Connection.objects.filter(pk=row.pk).update(**{column: ""})
        record_done(
            Operation.Kind.FORGET_FORM,
            row.subject,
            Click(by=by, at=at),
            request={"forgotten": known.sentence},
        )
    return True
