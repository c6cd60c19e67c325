"""Secrets: those that an installation creates once in its data directory, and text that is never shown."""

import os
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import SimpleLazyObject


class Secret(str):
    """Text that no repr shows: neither a log, nor a traceback with the values of variables, nor a debugger's page."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "[secret]"


class LaterSecret(SimpleLazyObject):  # type: ignore[type-arg]
    """A secret that is created, or read, when it is first used: importing the settings writes nothing."""

    def __bool__(self) -> bool:
        return True  # Django asks at each start whether there is one

    def __repr__(self) -> str:
        return "[secret]"


def private_folder(path: Path) -> Path:
    """Create the folder, and those above it, for their owner only. Existing ones keep their permissions."""
    if not path.is_dir():
        private_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
    return path


def private_file(path: Path) -> Path:
    """Create an empty file for its owner only, if missing."""
    os.close(os.open(path, os.O_RDONLY | os.O_CREAT, 0o600))
    return path


def read_or_make(path: Path, make: Callable[[], str]) -> str:
    """Return the secret stored at `path` (mode 0600); create it if missing. Safe to call from many processes."""
    private_folder(path.parent)
    mine = path.with_name(f".{path.name}.{os.getpid()}")
    if not path.exists():
        descriptor = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link is created whole or not at all: of two processes that start together, both read the first one's secret.
            os.link(mine, path)
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    return path.read_text(encoding="ascii").strip()


def stored_secret(path: Path, make: Callable[[], str]) -> str | LaterSecret:
    """The secret of the data directory: read now if it is there, so that a damaged one stops the start."""

    def read() -> str:
        try:
            return read_or_make(path, make)
        except (OSError, UnicodeDecodeError) as problem:
            reason = problem.strerror if isinstance(problem, OSError) else "it is not text"
            raise ImproperlyConfigured(f"Can't create or read a key file in VOISOADMIN_DATA_DIR: {reason}.") from None

    return read() if path.exists() else LaterSecret(read)
