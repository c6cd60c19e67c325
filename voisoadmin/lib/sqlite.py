"""The version of SQLite in use. Before 3.51.3 a WAL database can be damaged when two processes meet at a checkpoint."""

import importlib
import sqlite3
import sys

Version = tuple[int, ...]


def take_newest() -> Version:
    """Replace the standard module by pysqlite3, which includes its own SQLite; return the resulting version.

    Must run before Django's backend is imported. There are no builds for macOS, Windows and Linux on ARM.
    """
    try:
        sys.modules["sqlite3"] = newest = importlib.import_module("pysqlite3")
        sys.modules["sqlite3.dbapi2"] = importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        return sqlite3.sqlite_version_info
    version: Version = newest.sqlite_version_info
    return version


def journal_mode(version: Version) -> str:
    """WAL, so that pages can read while rows are written; DELETE with a version whose WAL isn't safe."""
    mended = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    return "WAL" if mended else "DELETE"
