"""Compound files: the envelope of old Office files, and of encrypted new ones."""

from pathlib import Path

import olefile


def root_names(path: Path) -> set[str] | None:
    """The names directly in a compound file, in small letters; None if its directory can't be read."""
    try:
        with olefile.OleFileIO(path) as ole:
            return {entry[0].lower() for entry in ole.listdir(streams=True, storages=True) if len(entry) == 1}
    except Exception:  # whatever is wrong with a directory
        return None
