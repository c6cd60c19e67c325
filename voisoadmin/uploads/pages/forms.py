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


class ResendForm(forms.Form):
    what = forms.CharField(max_length=40)  # reason, outcome or rest
    rows = forms.IntegerField(min_value=1)  # as the user's page counted them
