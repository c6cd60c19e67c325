"""Passwords that Django's own validators accept and a guesser tries first: the product's name, the user's name, one key
held down."""

import unicodedata
from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError

PRODUCT_WORDS = ("voisoadmin", "voiso", "dialer", "dialler", "password", "administrator", "supervisor")
SHORTEST_WORD = 3  # a person called Al may have a password that contains "al"
BEYOND_NAMES = 8
DIFFERENT = 5
LONGEST_PASSWORD = 1000


class MoreThanNamesValidator:
    """A password must contain enough besides the product's and the user's names, and not only one character."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        if len(password) > LONGEST_PASSWORD:
            raise ValidationError(f"Use at most {LONGEST_PASSWORD} characters.", code="password_too_long")
        rest = _plain(password)
        if len(set(rest)) < DIFFERENT:
            raise ValidationError(
                f"The password repeats itself. Use at least {DIFFERENT} different characters.", code="password_repeats"
            )
        for word in sorted({*PRODUCT_WORDS, *_words_of(user)}, key=len, reverse=True):
            rest = rest.replace(word, "")
        if len("".join(rest.split())) < BEYOND_NAMES:
            raise ValidationError(
                "The password is mostly a name or a word that is easy to guess here. Add more to it.", code="password_is_a_name"
            )

    def get_help_text(self) -> str:
        return "More than the names of the person and of VoisoAdmin."


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _words_of(user: AbstractBaseUser | None) -> Iterable[str]:
    for field in ("username", "first_name", "last_name", "email"):
        whole = _plain(str(getattr(user, field, "") or ""))
        parts = "".join(character if character.isalnum() else " " for character in whole).split()
        yield from (word for word in [whole, *parts] if len(word) >= SHORTEST_WORD)
