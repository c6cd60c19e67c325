import threading
from typing import Any

from voisoadmin.lib.commands import JsonCommand
from voisoadmin.rules.evaluation_loop import EvaluationLoop
from voisoadmin.runtime.children import end_with_parent, on_end


class Command(JsonCommand):
    needs_database = False  # it waits for it
    help = "Evaluate the rules every 15 s. `work` runs this as its child; of several, one evaluates and the others wait."

    def handle(self, *args: Any, **options: Any) -> None:
        end_with_parent()
        stop = threading.Event()
        on_end(stop.set)
        EvaluationLoop(stop).run()
