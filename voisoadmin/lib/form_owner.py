"""Whose page a form is on, signed: a form that arrives after its session ended still says who typed into it."""

from django.core import signing

OWNER = "typed_by"  # the hidden field ({% typed_by user %})
SALT = "voisoadmin.form_owner"
LASTS_SECONDS = 24 * 60 * 60  # longer than any session


def owner_mark(user_id: int) -> str:
    return signing.dumps(user_id, salt=SALT)


def owner_of(mark: str) -> int | None:
    """The user's ID; None if we didn't sign it, or too long ago."""
    try:
        owner: int = signing.loads(mark, salt=SALT, max_age=LASTS_SECONDS)
    except signing.BadSignature:
        return None
    return owner
