"""Usernames that differ only in case, or in how Unicode encodes them, are one: stored and looked up in one spelling."""

import unicodedata
from typing import Any

from django.db import models


def fold(username: str) -> str:
    """The one spelling of a username: `MAL` and `Mal` are `mal`."""
    # Folding can produce text that a second normalization changes (Unicode, canonical caseless matching).
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", username).casefold())


class UsernameField(models.CharField):  # type: ignore[type-arg]  # not subscriptable when it runs
    """Folds every value written or looked up, so that no path can create a second user with one name."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return fold(text) if isinstance(text, str) else text

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return fold(text) if isinstance(text, str) else text

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        folded = self.to_python(getattr(model_instance, self.attname))
        setattr(model_instance, self.attname, folded)
        return folded
