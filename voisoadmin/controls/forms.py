from django import forms

from voisoadmin.voiso import Change


class ChangeForm(forms.Form):
    """The fields that the buttons post. `shown_status`: the status on the page when they were rendered."""

    change = forms.TypedChoiceField(choices=[(change.value, change.value) for change in Change], coerce=Change)
    shown_status = forms.CharField(max_length=60, required=False)
    next = forms.CharField(max_length=2000, required=False)


class ManyForm(forms.Form):
    """The fields of a change of many campaigns, besides which ones."""

    change = forms.TypedChoiceField(choices=[(change.value, change.value) for change in Change], coerce=Change)
    sure = forms.BooleanField(required=False)  # the question about a stop was answered
    typed = forms.CharField(max_length=20, required=False)  # how many, as a person typed it
