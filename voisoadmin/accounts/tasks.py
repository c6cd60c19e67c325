"""Jobs about accounts."""

from django.contrib.sessions.models import Session
from django.utils import timezone

from voisoadmin.accounts.models import SignInFailure
from voisoadmin.accounts.wrong_passwords import LONGEST
from voisoadmin.lib.jobs import job


@job
def sweep() -> None:
    """Each minute: delete sessions that have expired, and failed sign-ins that no limit counts any more."""
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    SignInFailure.objects.filter(at__lt=now - LONGEST).delete()
