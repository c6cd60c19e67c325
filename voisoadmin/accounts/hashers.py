"""Django's hashers, one at a time in a process, for every purpose: a sign-in, a new password, a command."""

import threading
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher, ScryptPasswordHasher

# Nothing else is awaited while holding it.
_one_at_a_time = threading.Lock()


class Scrypt(ScryptPasswordHasher):
    def encode(self, *args: Any, **kwargs: Any) -> str:
        with _one_at_a_time:
            return super().encode(*args, **kwargs)


class PBKDF2(PBKDF2PasswordHasher):
    def encode(self, *args: Any, **kwargs: Any) -> str:
        with _one_at_a_time:
            return super().encode(*args, **kwargs)
