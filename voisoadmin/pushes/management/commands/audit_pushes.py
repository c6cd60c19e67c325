from typing import Any

from voisoadmin.lib.commands import JsonCommand, refused
from voisoadmin.pushes.audit import audit
from voisoadmin.pushes.models import Push


class Command(JsonCommand):
    help = "Check that every row of every upload is accounted for and that requests kept their order. Exit 1 if not."

    def handle(self, *args: Any, **options: Any) -> None:
        pushes = Push.objects.exclude(confirmed_at=None)
        breaches = audit(pushes)
        words = "\n".join(breaches) or f"{pushes.count()} pushes: every row is accounted for."
        self.emit({"pushes": pushes.count(), "breaches": breaches}, words=words)
        if breaches:
            raise refused(f"{len(breaches)} problems found.")
