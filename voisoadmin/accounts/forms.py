from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.password_validation import validate_password

from voisoadmin.accounts.guarding import TryLater, check_password
from voisoadmin.accounts.models import User
from voisoadmin.accounts.requests import Request
from voisoadmin.accounts.validators import LONGEST_PASSWORD
from voisoadmin.lib.numbers import whole_number

NEW_PASSWORD = "At least 12 characters. Not a common password, and not just the name, the email or “VoisoAdmin”."


ROLES = "Viewers see every page and change nothing. Administrators can also manage connections and users."
ALL, CHOSEN = "all", "chosen"


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth ships no types
    """allauth's own form, with our names and design."""

    refused: TryLater | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = {"autocomplete": "username", "autocapitalize": "none", "autofocus": True, "maxlength": 150}
        self.fields["login"] = forms.CharField(label="Username", max_length=150, widget=forms.TextInput(attrs=name))
        word = forms.PasswordInput(attrs={"autocomplete": "current-password"})
        self.fields["password"] = forms.CharField(label="Password", strip=False, max_length=LONGEST_PASSWORD, widget=word)

    def clean(self) -> Any:
        try:
            return super().clean()
        except TryLater as refused:
            self.refused = refused
            raise forms.ValidationError(str(refused)) from None

    def add_prefix(self, field_name: str) -> str:
        # Password managers have learned to fill in these fields.
        return "username" if field_name == "login" else str(super().add_prefix(field_name))


class OldPasswordMixin:
    """A form that asks a signed-in user for the password, with the same limits as the sign-in."""

    refused: TryLater | None = None

    def check_old_password(self, request: Request, old: str) -> None:
        user = request.user
        if not old:
            raise forms.ValidationError("Enter your current password.", code="required")
        try:
            found = check_password(request, user.username, lambda: user if user.check_password(old) else None)
        except TryLater as refused:
            self.refused = refused
            raise forms.ValidationError(str(refused)) from None
        if found is None:
            raise forms.ValidationError("That is not your current password.", code="password_incorrect")


class OwnPasswordForm(OldPasswordMixin, PasswordChangeForm):
    error_messages = {
        "password_mismatch": "The new passwords don't match.",
    }

    def __init__(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().__init__(request.user, *args, **kwargs)
        self.request = request
        for name, label, help_text in (
            ("old_password", "Current password", ""),
            ("new_password1", "New password", NEW_PASSWORD),
            ("new_password2", "Repeat new password", ""),
        ):
            self.fields[name].label, self.fields[name].help_text = label, help_text

    def clean_old_password(self) -> str:
        old: str = self.cleaned_data["old_password"]
        self.check_old_password(self.request, old)
        return old


class CentresField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not subscriptable when it runs
    """Contact centres by their ID. An ID that fits no column is an unknown choice; the database would fail on it."""

    def clean(self, value: Any) -> Any:
        for chosen in value if isinstance(value, list | tuple) else ():
            if whole_number(str(chosen)) is None:
                raise forms.ValidationError(self.error_messages["invalid_pk_value"], params={"pk": chosen})
        return super().clean(value)


class Ticks(forms.CheckboxSelectMultiple):
    """Boxes that look like the others; a class for the widget would make its list look like one."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        option["attrs"]["class"] = "form-check-input"
        return option


class UserForm(OldPasswordMixin, forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A user as an administrator edits it. `is_superuser` and `is_staff` never come from a request."""

    all_centres = forms.TypedChoiceField(
        label="Contact centres",
        choices=[(ALL, "All, new ones too"), (CHOSEN, "Only the chosen ones")],
        coerce=lambda value: value == ALL,
        required=False,
        help_text="Administrators always see all.",
    )
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        help_text=NEW_PASSWORD,
    )

    class Meta:
        model = User
        fields = ["username", "first_name", "last_name", "email", "role", "all_centres", "centres", "is_active"]
        labels = {"username": "Username", "email": "Email", "is_active": "Can sign in", "centres": "Chosen contact centres"}
        help_texts = {"username": "", "is_active": "", "role": ROLES, "centres": ""}
        field_classes = {"centres": CentresField}
        widgets = {"centres": Ticks}

    def __init__(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.fields["all_centres"].empty_value = self.instance.all_centres  # type: ignore[attr-defined]  # not in the form
        self.initial["all_centres"] = ALL if self.instance.all_centres else CHOSEN
        self.fields["all_centres"].is_always_set = True  # type: ignore[attr-defined]  # for its label
        self.fields["centres"].required = False
        if self.instance.pk is None:
            del self.fields["is_active"]
            return
        self.fields["password"].required = False
        self.fields["password"].label = "New password"
        self.fields["password"].help_text = "Leave blank to keep the current one. A new one signs this person out."
        if self.instance.pk == request.user.pk:
            self.fields["password"].help_text = "Leave blank to keep the current one. A new one signs you out everywhere else."
            # A session left open for a minute must not be enough to take over the account.
            self.fields["old_password"] = forms.CharField(
                label="Current password",
                required=False,
                strip=False,
                max_length=LONGEST_PASSWORD,
                widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
                help_text="Needed only for a new password.",
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        sees_all = cleaned.get("all_centres") is not False or cleaned.get("role") == User.Role.ADMINISTRATOR
        if not sees_all and not cleaned.get("centres"):
            self.add_error("centres", "Choose at least one contact centre, or all of them.")
        if cleaned.get("password") and "old_password" in self.fields:
            try:
                self.check_old_password(self.request, cleaned.get("old_password", ""))
            except forms.ValidationError as problem:
                self.add_error("old_password", problem)
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # the stubs leave it out
        # The user has the typed names only now, and they must be compared with the password.
        if password := self.cleaned_data.get("password"):
            try:
                validate_password(password, self.instance)
            except forms.ValidationError as problem:
                self.add_error("password", problem)
