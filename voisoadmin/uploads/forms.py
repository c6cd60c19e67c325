"""What a person may send us about an upload. Fields that are not named here are not read."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from voisoadmin.pushes.models import Push


class TokenForm(forms.Form):
    """Every button that changes something: its token makes a double click one effect."""

    client_token = forms.UUIDField()


class NewUploadForm(forms.Form):
    client_token = forms.UUIDField()
    kind = forms.ChoiceField(choices=Push.Kind.choices)
    region = forms.CharField(max_length=2, required=False)

    def token(self) -> uuid.UUID:
        token: uuid.UUID = self.cleaned_data["client_token"]
        return token


class SendForm(TokenForm):
    check_no = forms.IntegerField(min_value=1)  # what the person saw; a newer check refuses the click


class ListForm(forms.Form):
    """The filters of a list, from its address. What is not understood filters nothing."""

    q = forms.CharField(max_length=200, required=False)
    page = forms.IntegerField(min_value=1, max_value=100_000, required=False)

    def clean_or_empty(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data
