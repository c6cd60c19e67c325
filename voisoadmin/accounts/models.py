from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Somebody who signs in. Every signed-in user sees all campaigns; connections and users are for administrators."""

    class Role(models.TextChoices):
        SUPERVISOR = "supervisor", "Supervisor"
        ADMINISTRATOR = "administrator", "Administrator"

    role = models.CharField(max_length=20, choices=Role.choices, default=Role.SUPERVISOR)

    @property
    def is_administrator(self) -> bool:
        return self.is_active and (self.is_superuser or self.role == self.Role.ADMINISTRATOR)

    @property
    def label(self) -> str:
        """The name that pages and the audit trail show."""
        return self.get_full_name() or self.get_username()
