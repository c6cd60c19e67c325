from __future__ import annotations

from typing import Any

from django.db import models

from voisoadmin.campaigns.models import Lane
from voisoadmin.contacts.fields import OPTIONAL, OptionalField, Text, Whole, YesNo
from voisoadmin.pushes.models.batch import Call
from voisoadmin.pushes.models.push import Push


class SentFields(models.Model):
    """The fields of a contact as we last sent them: a column for each optional field of `contacts.fields`."""

    active: bool | None

    class Meta:
        abstract = True


def _column_of(spec: OptionalField) -> models.Field[Any, Any]:
    match spec.column:
        case Text(longest):
            return models.CharField(max_length=longest, blank=True)
        case Whole():
            return models.PositiveSmallIntegerField(null=True, blank=True)
        case YesNo():
            return models.BooleanField(null=True)


for _spec in OPTIONAL:
    SentFields.add_to_class(_spec.name, _column_of(_spec))


class Contact(SentFields):
    """A number known to be in the campaign, because an answer said so, and the fields we last sent."""

    class KnownAs(models.TextChoices):
        ADDED = "added", "Added by us"
        DUPLICATE = "duplicate", "Was there before"
        UNATTRIBUTED = "unattributed", "Added by us, or there before"
        UPDATED = "updated", "Changed by us"

    lane = models.ForeignKey(Lane, on_delete=models.CASCADE, related_name="contacts")
    number = models.BigIntegerField()  # E.164 digits: at most 15, never a leading zero
    known_as = models.CharField(max_length=12, choices=KnownAs.choices)
    first_call = models.ForeignKey(Call, null=True, on_delete=models.SET_NULL, related_name="+")
    push = models.ForeignKey(Push, null=True, on_delete=models.SET_NULL, related_name="contacts")  # the first one
    known_since = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lane", "number"], name="one_contact_per_number")]

    def __str__(self) -> str:
        return f"Contact {self.pk} of lane {self.lane_id}"
