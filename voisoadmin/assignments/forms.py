from django import forms


class PeopleForm(forms.Form):
    """A pasted list, and what to do with it. `swap`: a name and its replacement, separated by a tab."""

    names = forms.CharField(max_length=500_000, required=False, strip=False)
    do = forms.ChoiceField(choices=[("add", "add"), ("remove", "remove")])
    step = forms.ChoiceField(choices=[("preview", "preview"), ("apply", "apply")], required=False)
    members = forms.CharField(max_length=40, required=False)  # `preview.fingerprint` of the preview
    swap = forms.CharField(max_length=1000, required=False, strip=False)
