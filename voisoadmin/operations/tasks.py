from django.utils import timezone

from voisoadmin.lib.jobs import job
from voisoadmin.operations import services


@job
def sweep() -> None:
    """Each minute: end the entries that counted events."""
    services.end_lines(at=timezone.now())
