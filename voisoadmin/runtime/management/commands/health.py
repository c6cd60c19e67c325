from typing import Any

from voisoadmin.lib.commands import JsonCommand, refused
from voisoadmin.runtime.readiness import readiness


class Command(JsonCommand):
    needs_database = False  # its state is part of the answer
    help = "Check whether the database and the background worker do their work, and say what is missing."

    def handle(self, *args: Any, **options: Any) -> None:
        found = readiness()
        if self.json:
            self.emit({"ready": found.is_ready, "database": found.database, "queue": found.queue, "problems": found.problems})
        elif found.is_ready:
            self.emit({}, words="Ready.")
        if not found.is_ready:
            raise refused("Not ready: " + " ".join(found.problems))
