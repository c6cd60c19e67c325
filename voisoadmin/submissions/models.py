from django.conf import settings
from django.db import models


class Submission(models.Model):
    """One form that took effect: its token is used up for one content, one user and one address."""

    token = models.UUIDField(primary_key=True, editable=False)
    path = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    content = models.CharField(max_length=64)  # a keyed hash: what was typed may be a password or an API key
    answer = models.JSONField(default=dict)
    sent_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.path} at {self.sent_at}"
