"""A column that is encrypted at rest."""

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from voisoadmin.lib.secrets import Secret


def _fernet() -> MultiFernet:
    return _fernet_of(*map(str, settings.ENCRYPTION_KEYS))


@lru_cache(maxsize=2)  # to make it takes longer than to decrypt with it
def _fernet_of(*keys: str) -> MultiFernet:
    # The first key encrypts, all of them decrypt: put a new key in front and keep the old one until everything is re-saved.
    return MultiFernet([Fernet(key) for key in keys])


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that is stored encrypted with the first of ENCRYPTION_KEYS. An empty text stays empty.

    Raises ImproperlyConfigured on reading a value that none of the keys decrypts; the message never contains the text.
    """

    def get_prep_value(self, value: Any) -> Any:
        # After a key is removed, its old encryption key must no longer be needed.
        return value if value in (None, "") else _fernet().encrypt(str(value).encode()).decode("ascii")

    def from_db_value(self, value: Any, expression: object, connection: object) -> Any:
        if value in (None, ""):
            return value
        try:
            return Secret(_fernet().decrypt(value.encode("ascii")).decode())
        except InvalidToken:
            raise ImproperlyConfigured(
                "A stored API key was encrypted with another key. Add the old key to VOISOADMIN_ENCRYPTION_KEYS."
            ) from None

    def get_lookup(self, lookup_name: str) -> Any:
        # Each encryption differs, so a comparison could never be true.
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None
