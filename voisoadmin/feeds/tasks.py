from django.utils import timezone

from voisoadmin.feeds.accepting import forget
from voisoadmin.lib.jobs import job


@job
def sweep() -> None:
    forget(at=timezone.now())
