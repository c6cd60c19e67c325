"""Who may sign in, and in which role. An installation always keeps an active administrator."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from voisoadmin.accounts.models import User
from voisoadmin.accounts.signals import user_saved


class UserRefused(Exception):
    """The message is for the administrator."""


COMPARED = ("username", "first_name", "last_name", "email", "role", "all_centres", "is_active")


@transaction.atomic
def save_user(user: User, *, by: User, at: datetime, password: str = "", centres: Iterable[Any] | None = None) -> None:
    """Save a new or changed user, and send what changed (`user_saved`). Raises UserRefused.

    A new password ends the user's sessions. `centres`: the contact centres that the user sees unless it is all of them;
    None leaves them as they are.
    """
    before: dict[str, object] = {}
    if user.pk is not None:
        # All of them are locked, so that two administrators who demote each other at the same moment are handled one by
        # one.
        administrators = list(User.objects.administrators().select_for_update().order_by("pk").values_list("pk", flat=True))
        stored = User.objects.select_for_update().get(pk=user.pk)
        user.deactivations = stored.deactivations
        before = {name: getattr(stored, name) for name in COMPARED}
        stays = user.is_active and user.role == User.Role.ADMINISTRATOR
        if stored.is_administrator and not stays:
            if administrators == [user.pk]:
                raise UserRefused(f"{stored.label} is the last active administrator. Make another user an administrator first.")
            if user.pk == by.pk:
                raise UserRefused("You can't remove your own administrator rights. Another administrator can.")
        # A demoted superuser must not remain an administrator through `is_superuser`.
        user.is_superuser = stored.is_superuser and user.role == User.Role.ADMINISTRATOR
    if password:
        user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        # Another administrator was faster with the same name.
        raise UserRefused("This username is taken.") from None
    changed: dict[str, object] = {
        name: [before.get(name), getattr(user, name)] for name in COMPARED if before.get(name) != getattr(user, name)
    }
    if centres is not None and (change := _choose_centres(user, [] if user.all_centres else centres)):
        changed["centres"] = change
    if password:
        changed["password"] = "set"
    if changed:
        user_saved.send(sender=User, user=user, changed=changed, by=by, at=at)


def _choose_centres(user: User, centres: Iterable[Any]) -> list[str] | None:
    """The names before and after; None if they are the same."""
    before = _named(user)
    user.centres.set(centres)
    after = _named(user)
    return None if before == after else [before, after]


def _named(user: User) -> str:
    return ", ".join(sorted(str(centre) for centre in user.centres.all()))


@transaction.atomic
def change_own_password(user: User, password: str, *, at: datetime) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
    user_saved.send(sender=User, user=user, changed={"password": "changed by the user"}, by=user, at=at)
