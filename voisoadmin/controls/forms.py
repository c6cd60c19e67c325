from django import forms

from voisoadmin.voiso import Change


class ChangeForm(forms.Form):
    """What the buttons post. `shown_status`: what the page said when they were shown."""

    change = forms.TypedChoiceField(choices=[(change.value, change.value) for change in Change], coerce=Change)
    client_token = forms.UUIDField()
    shown_status = forms.CharField(max_length=60, required=False)
    next = forms.CharField(max_length=2000, required=False)
