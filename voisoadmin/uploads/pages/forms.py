"""The form fields of an upload. Other fields are ignored."""

from __future__ import annotations

from django import forms

from voisoadmin.pushes.models import Push


class NewUploadForm(forms.Form):
    kind = forms.ChoiceField(choices=Push.Kind.choices)
    region = forms.CharField(max_length=2, required=False)
    offered_region = forms.CharField(max_length=2, required=False)  # as the form came; left as it was, it is no choice


class SendForm(forms.Form):
    version = forms.IntegerField(min_value=0)  # of the upload on the user's page; a newer one refuses the click


class SentRowForm(forms.Form):
    """A cell of a row that is fixed after sending."""

    column = forms.IntegerField(min_value=0, max_value=10_000)
    value = forms.CharField(required=False, strip=False)
    seen_hash = forms.CharField(max_length=16)
    version = forms.IntegerField(min_value=0)


class ResendFixedForm(forms.Form):
    rows = forms.IntegerField(min_value=1)
    version = forms.IntegerField(min_value=0)  # of the upload on the user's page


class DismissForm(forms.Form):
    """One row, or all rows with a reason as the user's page counted them."""

    row = forms.IntegerField(min_value=1, required=False)
    reason = forms.CharField(max_length=40, required=False)
    rows = forms.IntegerField(min_value=1, required=False)

    def clean(self) -> dict[str, object]:
        found = super().clean() or {}
        if found.get("row") is None and not (found.get("reason") and found.get("rows")):
            raise forms.ValidationError("Neither a row nor a reason.")
        return found


class ResendForm(forms.Form):
    what = forms.CharField(max_length=40)  # reason, outcome or rest
    rows = forms.IntegerField(min_value=1)  # as the user's page counted them


class RowForm(forms.Form):
    """A change of one row: a cell, or the whole row."""

    do = forms.ChoiceField(choices=[(one, one) for one in ("edit", "undo", "leave_out", "take_in")], required=False)
    column = forms.IntegerField(min_value=0, max_value=10_000, required=False)
    value = forms.CharField(required=False, strip=False)
    seen_hash = forms.CharField(max_length=16, required=False)  # of the row's cells on the user's page
    version = forms.IntegerField(min_value=0, required=False)  # of the upload there


class FixForm(forms.Form):
    """A repair of all rows with a reason, or taking one back."""

    key = forms.CharField(max_length=200, required=False)
    undo = forms.IntegerField(min_value=1, required=False)
    version = forms.IntegerField(min_value=0)
