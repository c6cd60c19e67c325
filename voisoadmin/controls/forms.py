from django import forms

from voisoadmin.voiso import Change


class ChangeForm(forms.Form):
    """The fields that the buttons post. `shown_status`: the status on the page when they were rendered."""

    change = forms.TypedChoiceField(choices=[(change.value, change.value) for change in Change], coerce=Change)
    shown_status = forms.CharField(max_length=60, required=False)
    next = forms.CharField(max_length=2000, required=False)
