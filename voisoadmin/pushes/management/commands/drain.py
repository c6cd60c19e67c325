from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from voisoadmin.lib.clock import monotonic
from voisoadmin.lib.commands import JsonCommand
from voisoadmin.lib.stopping import stop_at_signals
from voisoadmin.pushes.engine.holds import HoldWatch
from voisoadmin.pushes.engine.loop import Engine
from voisoadmin.pushes.engine.next_batch import lanes_to_drain


class Command(JsonCommand):
    help = "Send everything that is waiting, in this process, without a worker. Ends when nothing is left to send."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--seconds", type=float, default=3600.0, help="start no new batches after this many seconds (default: 3600)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with stop_at_signals():
            Engine().run(until=monotonic() + options["seconds"])
        left = len(lanes_to_drain(at=timezone.now(), watch=HoldWatch()))
        self.emit(
            {"lanes_left": left}, words=f"{left} campaigns still have rows to send." if left else "Nothing is left to send."
        )
