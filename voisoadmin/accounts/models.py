from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.utils.crypto import salted_hmac

from voisoadmin.accounts.usernames import UsernameField, fold


class VoisoUserManager(UserManager["User"]):
    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **extra_fields: Any
    ) -> User:
        """`manage.py createsuperuser` creates an administrator."""
        return super().create_superuser(username, email, password, **{"role": User.Role.ADMINISTRATOR, **extra_fields})

    def administrators(self) -> models.QuerySet[User]:
        """Active ones, as in `User.is_administrator`."""
        return self.filter(models.Q(is_superuser=True) | models.Q(role=User.Role.ADMINISTRATOR), is_active=True)


class User(AbstractUser):
    """A person who signs in. What the user sees is decided by the contact centres, what the user may do by the role;
    connections and users are for administrators."""

    class Role(models.TextChoices):
        VIEWER = "viewer", "Viewer"
        SUPERVISOR = "supervisor", "Supervisor"
        ADMINISTRATOR = "administrator", "Administrator"

    objects: ClassVar[VoisoUserManager] = VoisoUserManager()

    username = UsernameField(
        max_length=150,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": "This username is taken."},
    )
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.SUPERVISOR)
    # Administrators see every contact centre, whatever these two say.
    all_centres = models.BooleanField(default=True)
    centres = models.ManyToManyField(
        "connections.Connection", blank=True, related_name="+", limit_choices_to={"removed_at": None}
    )
    deactivations = models.PositiveIntegerField(default=0, editable=False)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.is_active:
            self.deactivations += 1
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "deactivations"}
        super().save(*args, **kwargs)

    def get_session_auth_hash(self) -> str:
        return self._of_this_activation(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        yield from map(self._of_this_activation, super().get_session_auth_fallback_hash())

    def _of_this_activation(self, session_hash: str) -> str:
        """Sessions from before a deactivation stay useless, also once the user may sign in again."""
        if not self.deactivations:
            return session_hash
        return salted_hmac("voisoadmin.accounts.User", f"{session_hash} {self.deactivations}", algorithm="sha256").hexdigest()

    @classmethod
    def normalize_username(cls, username: str) -> str:
        return fold(username)

    @property
    def is_administrator(self) -> bool:
        return self.is_active and (self.is_superuser or self.role == self.Role.ADMINISTRATOR)

    @property
    def may_change(self) -> bool:
        """A viewer sees the pages and changes nothing."""
        return self.is_active and (self.is_administrator or self.role != self.Role.VIEWER)

    @property
    def sees_all_centres(self) -> bool:
        return self.is_active and (self.is_administrator or self.all_centres)

    @property
    def sight(self) -> Hashable:
        """What `visible_centres` follows from, for queries that are kept (lib/kept_queries.py)."""
        return self.sees_all_centres or (self.pk, self.is_active)

    def visible_centres(self, reference: str) -> models.Q:
        """Rows whose contact centre this user may see; `reference` is the lookup that leads to its ID."""
        if self.sees_all_centres:
            return models.Q()
        if not self.is_active:
            return models.Q(pk__in=[])
        return models.Q(**{f"{reference}__in": User.centres.through.objects.filter(user=self).values("connection")})

    @property
    def label(self) -> str:
        """The name shown on pages and in the audit trail."""
        return self.get_full_name() or self.get_username()


class SignInFailure(models.Model):
    """A wrong password, kept as long as it counts (`limits`)."""

    account = models.CharField(max_length=30)  # from `limits.account_key`: never the typed name
    address = models.CharField(max_length=45, blank=True)  # for IPv6 the network
    browser = models.CharField(max_length=32, blank=True)  # ID of a browser known to the user
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["account", "at"], name="failure_of_account"),
            models.Index(fields=["address", "at"], name="failure_of_address"),
            models.Index(fields=["at"], name="failure_age"),
        ]

    def __str__(self) -> str:
        return f"{self.account} from {self.address or 'an unknown address'}"
