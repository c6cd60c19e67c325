from typing import Any

from django import forms

from voisoadmin.lib.zones import zone_named


class ZoneField(forms.CharField):
    """The name of a time zone, typed or chosen of the list that `{% time_zones %}` puts on the page."""

    widget = forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off", "spellcheck": "false"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=60, **kwargs)

    def clean(self, value: object) -> str:
        try:
            return zone_named(super().clean(value))
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from None
