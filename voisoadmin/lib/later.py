"""Code that is loaded when it is first used: most commands and processes need little of what they could do."""

from importlib import import_module
from typing import Any

from django.dispatch import Signal
from django.utils.module_loading import import_string


class Later:
    """A module that is loaded with the first use of one of its names.

    The module that uses it imports it `if TYPE_CHECKING`, so that types and floors are checked as ever.
    """

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._module), name)


def receive_later(signal: Signal, receiver: str) -> None:
    """Connect the function `package.module.name`, which is loaded when the signal is first sent. In `AppConfig.ready`."""

    def receive(**arguments: Any) -> None:
        import_string(receiver)(**arguments)

    signal.connect(receive, weak=False, dispatch_uid=receiver)
