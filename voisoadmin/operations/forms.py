from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from voisoadmin.accounts.models import User
from voisoadmin.operations.models import Operation, OperationQuerySet

DAYS = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2200, 1, 1))]  # every time zone can count these


class FilterForm(forms.Form):
    """The filters of the activity. An invalid filter filters nothing."""

    q = forms.CharField(required=False, max_length=200)
    kind = forms.ChoiceField(required=False, choices=[("", "All actions"), *Operation.Kind.choices])
    outcome = forms.ChoiceField(required=False, choices=[("", "All outcomes"), *Operation.Status.choices])
    person = forms.CharField(required=False, max_length=200)
    campaign = forms.CharField(required=False, max_length=200)
    since = forms.DateField(required=False, validators=DAYS)
    until = forms.DateField(required=False, validators=DAYS)  # with this day
    before = forms.IntegerField(required=False, min_value=1)  # the last operation on the previous page

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not user.is_administrator:
            kinds = [(code, label) for code, label in Operation.Kind.choices if code not in Operation.FOR_ADMINISTRATORS]
            self.fields["kind"].choices = [("", "All actions"), *kinds]  # type: ignore[attr-defined]

    def narrow(self, operations: OperationQuerySet) -> OperationQuerySet:
        self.is_valid()
        wanted = self.cleaned_data
        return operations.narrowed(
            kind=wanted.get("kind", ""),
            outcome=wanted.get("outcome", ""),
            person=wanted.get("person", ""),
            campaign=wanted.get("campaign", ""),
            since=_midnight(wanted.get("since")),
            before=_midnight(wanted.get("until"), later=1),
            text=wanted.get("q", ""),
        )

    @property
    def looks_into_bulks(self) -> bool:
        """Whether the campaigns of a bulk are listed, too: they are what is searched for."""
        self.is_valid()
        return any(self.cleaned_data.get(name) for name in ("campaign", "outcome", "q"))

    @property
    def narrows(self) -> bool:
        return any(value for name, value in self.cleaned_data.items() if name != "before")


def _midnight(day: date | None, *, later: int = 0) -> datetime | None:
    """When the day begins in the time zone of the pages, or that many days `later`."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=later), time())) if day else None
