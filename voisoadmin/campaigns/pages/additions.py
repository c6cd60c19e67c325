"""What apps above this one add to its pages (`sections`, `now_strip`), loaded when a page first needs it.

Commands and workers show no pages, and hundreds of modules would take them longer to start.
"""

from importlib import import_module
from threading import RLock

_later: list[str] = []
_loading = RLock()  # threads of the web server may open the first pages at the same moment


def add_later(module: str) -> None:
    """Call the module's `register` before the first page. In `AppConfig.ready`."""
    _later.append(module)


def load() -> None:
    """Before anything that was added is used."""
    if not _later:
        return
    with _loading:
        while _later:
            import_module(_later[0]).register()
            del _later[0]
