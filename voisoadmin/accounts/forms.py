from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.password_validation import validate_password

from voisoadmin.accounts.models import User
from voisoadmin.accounts.validators import LONGEST_PASSWORD

WRONG_OLD_PASSWORD = "That is not your present password."
NEW_PASSWORD = "At least 12 characters. Not a common password, and more than the name, email or VoisoAdmin."


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth ships no types
    """allauth's own, with the names and the looks of ours."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = {"autocomplete": "username", "autocapitalize": "none", "autofocus": True, "maxlength": 150}
        self.fields["login"] = forms.CharField(label="User name", max_length=150, widget=forms.TextInput(attrs=name))
        word = forms.PasswordInput(attrs={"autocomplete": "current-password"})
        self.fields["password"] = forms.CharField(label="Password", strip=False, max_length=LONGEST_PASSWORD, widget=word)

    def add_prefix(self, field_name: str) -> str:
        # What password managers have learnt to fill in.
        return "username" if field_name == "login" else str(super().add_prefix(field_name))


class OwnPasswordForm(PasswordChangeForm):
    error_messages = {
        "password_incorrect": WRONG_OLD_PASSWORD,
        "password_mismatch": "The two new passwords differ.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label, help_text in (
            ("old_password", "Present password", ""),
            ("new_password1", "New password", NEW_PASSWORD),
            ("new_password2", "New password, once more", ""),
        ):
            self.fields[name].label, self.fields[name].help_text = label, help_text


class UserForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A user as an administrator edits it. `is_superuser` and `is_staff` never come from a request."""

    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        help_text=NEW_PASSWORD,
    )

    class Meta:
        model = User
        fields = ["username", "first_name", "last_name", "email", "role", "is_active"]
        labels = {"username": "User name", "email": "E-mail", "is_active": "May sign in"}
        help_texts = {"username": "", "is_active": "", "role": "Administrators also manage connections and users."}

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            del self.fields["is_active"]
            return
        self.fields["password"].required = False
        self.fields["password"].label = "New password"
        self.fields["password"].help_text = "Empty: the present one stays. A new one ends every session of this person."
        if self.instance.pk == by.pk:
            # A signed-in browser that was left alone must not be enough to take the account over.
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
        is_own = "old_password" in self.fields
        if is_own and cleaned.get("password") and not self.instance.check_password(cleaned.get("old_password") or ""):
            self.add_error("old_password", WRONG_OLD_PASSWORD)
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # the stubs leave it out
        # Only now the account has the names that were typed beside the password.
        if password := self.cleaned_data.get("password"):
            try:
                validate_password(password, self.instance)
            except forms.ValidationError as problem:
                self.add_error("password", problem)
