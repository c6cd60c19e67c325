from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.password_validation import validate_password

from voisoadmin.accounts.models import User


class SignInForm(AuthenticationForm):
    # One sentence for a wrong name, a wrong password and a closed account, so that it never reveals which names exist.
    error_messages = {
        "invalid_login": "That user name and password do not belong together.",
        "inactive": "That user name and password do not belong together.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "User name"


NEW_PASSWORD = "At least 10 characters; no common password, and nothing like the name or the e-mail."


class OwnPasswordForm(PasswordChangeForm):
    error_messages = {
        "password_incorrect": "That is not your present password.",
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
        error_messages = {"username": {"unique": "Somebody has this user name already."}}
        help_texts = {"username": "", "is_active": "", "role": "Administrators also manage connections and users."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            del self.fields["is_active"]
        else:
            self.fields["password"].required = False
            self.fields["password"].label = "New password"
            self.fields["password"].help_text = "Empty: the present one stays. A new one ends every session of this person."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("password"):
            try:
                validate_password(cleaned["password"], self.instance)
            except forms.ValidationError as problem:
                self.add_error("password", problem)
        return cleaned
