from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.utils import timezone

from voisoadmin.lib.commands import JsonCommand, command_line_label
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.doors import remove_ended


class Command(JsonCommand):
    help = "Remove entries of the activity that ended long ago. The removal is an entry itself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--older-than", type=_days, required=True, metavar="DAYS", help="at least 30")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        before = now - timedelta(days=options["older_than"])
        removed = remove_ended(before=before, click=Click(by=None, by_label=command_line_label(), at=now))
        self.emit({"removed": removed, "ended_before": before.isoformat()}, words=f"Removed {removed:,} entries.")


def _days(text: str) -> int:
    """A shorter time would remove what people still look for."""
    if not (text.isascii() and text.isdigit() and 30 <= int(text[:6]) <= 36_500):
        raise ArgumentTypeError("Give a whole number of days from 30 to 36500.")
    return int(text)
