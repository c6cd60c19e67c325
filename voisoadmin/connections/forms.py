from django import forms
from django.conf import settings
from django.http import QueryDict

from voisoadmin.connections.models import Connection
from voisoadmin.lib.zone_field import ZoneField
from voisoadmin.voiso import Generation, check_key, cluster_of, normalise_base_url

GENERATIONS = [
    (Generation.V4, "Current (v4): a key with scopes, created in Voiso under Administration, API keys"),
    (Generation.LEGACY, "Legacy: the contact centre's key from your account manager, or a user's key"),
]
SCOPES = "Required scopes: campaigns.read, campaigns.manage and users.read."


class ConnectionForm(forms.Form):
    """A contact centre as an administrator edits it. The key can be entered but is never shown."""

    name = forms.CharField(max_length=80, help_text="What you call it, for example the city.")
    address = forms.CharField(
        label="Cluster ID",
        max_length=200,
        strip=False,
        help_text="The first part of your Voiso address: cc-ams03 in cc-ams03.voiso.com.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}),
    )
    time_zone = ZoneField()
    generation = forms.ChoiceField(
        label="API version",
        choices=GENERATIONS,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
        initial=Generation.V4,
    )
    key = forms.CharField(
        label="API key",
        required=False,
        max_length=500,
        # Never rendered with a value, and no browser should offer to save it as a password.
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )

    user_key = forms.CharField(
        label="User's key",
        required=False,
        max_length=500,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )
    forget_user_key = forms.BooleanField(label="Remove the stored user's key", required=False)

    def __init__(self, data: QueryDict | None = None, *, connection: Connection | None = None) -> None:
        stored = {}
        if connection is not None:
            address = cluster_of(connection.base_url) or connection.base_url
            stored = {
                "name": connection.name,
                "address": address,
                "generation": connection.generation,
                "time_zone": connection.time_zone,
            }
        super().__init__(data, initial=stored)
        self.connection = connection
        self.fields[
            "time_zone"
        ].help_text = (
            f"Where it works, for example Europe/Berlin: “today” on pages is its day. Left blank: {settings.TIME_ZONE}."
        )
        key = self.fields["key"]
        if connection is None:
            key.required = True
            key.help_text = f"{SCOPES} It is stored encrypted and never shown again."
        else:
            key.label = "New API key"
            ending = f" that ends in {connection.key_last4}" if connection.key_last4 else ""
            key.help_text = f"Leave blank to keep the key{ending}. A different cluster ID needs its own key. {SCOPES}"

        user_key = self.fields["user_key"]
        user_key.help_text = "Only for the legacy API, and optional: the key of a user, to read users and teams."
        if connection is not None and connection.user_key:
            ending = f" that ends in {connection.user_key_last4}" if connection.user_key_last4 else ""
            user_key.help_text += f" Leave blank to keep the key{ending}."
        else:
            del self.fields["forget_user_key"]

    def clean_address(self) -> str:
        try:
            return normalise_base_url(self.cleaned_data["address"])
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from None

    def clean_key(self) -> str:
        return self._checked("key")

    def clean_user_key(self) -> str:
        return self._checked("user_key")

    @property
    def wanted_user_key(self) -> str | None:
        """The key entered; an empty text to remove the stored one, None to keep it."""
        if self.cleaned_data.get("forget_user_key"):
            return ""
        return self.cleaned_data["user_key"] or None

    def _checked(self, name: str) -> str:
        key: str = self.cleaned_data[name]
        try:
            return check_key(key) if key else ""
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from None
