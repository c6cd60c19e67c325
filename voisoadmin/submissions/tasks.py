from django.utils import timezone

from voisoadmin.lib.jobs import job
from voisoadmin.submissions import services


@job
def sweep() -> None:
    services.forget(at=timezone.now())
