"""The form fields of an upload. Other fields are ignored."""

from __future__ import annotations

from typing import Any

from django import forms

from voisoadmin.pushes.models import Push


class NewUploadForm(forms.Form):
    kind = forms.ChoiceField(choices=Push.Kind.choices)
    region = forms.CharField(max_length=2, required=False)
    offered_region = forms.CharField(max_length=2, required=False)  # as the form came; left as it was, it is no choice


class SendForm(forms.Form):
    check_no = forms.IntegerField(min_value=1)  # the check on the user's page; a newer check refuses the click


class ListForm(forms.Form):
    """The filters of a list, from its address. An invalid filter filters nothing."""

    q = forms.CharField(max_length=200, required=False)
    page = forms.IntegerField(min_value=1, max_value=100_000, required=False)

    def clean_or_empty(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data
