"""One owner per lane, across all processes and hosts, for as long as the owner lives: a frozen owner keeps it, a dead one
doesn't.

SQLite means one host: `flock` on a file per lane, freed by the kernel. PostgreSQL: an advisory lock on a separate session
of the engine, which must answer a query just before each send.
"""

import os
import threading
from pathlib import Path
from typing import Protocol

import psycopg
from django.conf import settings
from django.db import connection

from voisoadmin.lib import filelocks
from voisoadmin.lib.secrets import private_folder

_LANES = 0x564C  # the class of our advisory locks
_DRAIN = "drain"


class Lost(Exception):
    """The locks may be lost: nothing more may be sent."""


class LaneLocks(Protocol):
    """The locks of one engine."""

    def take(self, lane_id: int) -> bool:
        """Become the owner of a lane now; False if another has it."""

    def release(self, lane_id: int) -> None: ...

    def check(self) -> None:
        """Called just before the bytes of a call are sent, from any thread. Raises Lost."""

    def close(self) -> None:
        """Release all lanes, as the end of the process would."""


def open_locks() -> LaneLocks:
    return FileLocks() if connection.vendor == "sqlite" else SessionLocks()


def lock_folder() -> Path:
    return private_folder(settings.DATA_DIR / "lanes")


class FileLocks:
    def __init__(self) -> None:
        self._folder = lock_folder()
        self._held: dict[int, int] = {}

    def take(self, lane_id: int) -> bool:
        descriptor = filelocks.take(self._folder / f"{lane_id}.lock")
        if descriptor is None:
            return False
        self._held[lane_id] = descriptor
        return True

    def release(self, lane_id: int) -> None:
        os.close(self._held.pop(lane_id))

    def check(self) -> None:
        """The kernel keeps a file lock until this process releases it or ends."""

    def close(self) -> None:
        for lane_id in list(self._held):
            self.release(lane_id)


class SessionLocks:
    """A direct session: a transaction pooler would give it to another client between two statements."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._session = _open_session()
        self._server_process = self._session.info.backend_pid
        self._held: set[int] = set()

    def take(self, lane_id: int) -> bool:
        if not self._ask("SELECT pg_try_advisory_lock(%s, %s)", lane_id):
            return False
        self._held.add(lane_id)
        return True

    def release(self, lane_id: int) -> None:
        self._held.discard(lane_id)
        try:
            self._ask("SELECT pg_advisory_unlock(%s, %s)", lane_id)
        except Lost:
            return  # the locks are lost with the session

    def check(self) -> None:
        if not self._ask("SELECT %s::integer IS NOT NULL AND pg_backend_pid() = %s", self._server_process):
            raise Lost(
                "Something between VoisoAdmin and PostgreSQL (a transaction pooler?) shares its session, so campaigns can't be "
                "locked and nothing is sent. Point DATABASE_URL at the server itself."
            )

    def close(self) -> None:
        self._held.clear()
        self._session.close()

    def _ask(self, query: str, second: int) -> bool:
        try:
            with self._lock:
                row = self._session.execute(query, (_LANES, second)).fetchone()
        except psycopg.Error as problem:
            raise Lost(f"Lost the database session that holds the campaign locks ({type(problem).__name__}).") from None
        return bool(row and row[0])


def _open_session() -> psycopg.Connection[tuple[object, ...]]:
    given = connection.settings_dict
    try:
        return psycopg.connect(
            dbname=given["NAME"],
            user=given["USER"] or None,
            password=given["PASSWORD"] or None,
            host=given["HOST"] or None,
            port=given["PORT"] or None,
            autocommit=True,
            connect_timeout=5,
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=3,
            tcp_user_timeout=5000,
            options="-c statement_timeout=5000",
            application_name="voisoadmin lanes",
            **{name: value for name, value in given["OPTIONS"].items() if name.startswith("ssl")},
        )
    except psycopg.Error as problem:
        raise Lost(f"Couldn't open a database session for the campaign locks ({type(problem).__name__}).") from None


class DrainSlot:
    """At most one slice of `drain_lanes` claims work on a host: a hundred clicks must not start a hundred engines."""

    def __init__(self) -> None:
        self._descriptor: int | None = None

    def take(self) -> bool:
        self._descriptor = filelocks.take(lock_folder() / f"{_DRAIN}.lock")
        return self._descriptor is not None

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
