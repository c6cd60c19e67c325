"""A PostgreSQL server for one test run: in a temporary folder, on a free loopback port, removed at the end."""

import atexit
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.support import programs
from tests.support.ports import free_port

# It is thrown away, so nothing must survive a power cut.
_CARELESS = ("fsync", "full_page_writes", "jit")
_FORGETFUL = (*_CARELESS, "synchronous_commit")  # and may forget the last commits when the server itself is killed


def _program(name: str) -> str:
    program = programs.postgres(name)
    if program is None:
        raise RuntimeError(f"{name} is not on this machine: install PostgreSQL, or run the tests only on SQLite.")
    return program


class PostgresServer:
    """Started when created; it may be stopped and started again, and is removed when this process ends."""

    def __init__(self, *, forgetful: bool) -> None:
        """`forgetful`: faster, but committed data doesn't survive `stop("immediate")`."""
        # Not in the data directory, where the settings put temporary files: its own user must be able to enter.
        self.folder = Path(tempfile.mkdtemp(prefix="voisoadmin-postgres-", dir="/tmp"))
        # PostgreSQL refuses to run as root.
        self._prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._prefix:
            shutil.chown(self.folder, "postgres")
        self.folder.chmod(0o700)
        port = free_port()
        off = " ".join(f"-c {name}=off" for name in (_FORGETFUL if forgetful else _CARELESS))
        self._options = f"-p {port} -c listen_addresses=127.0.0.1 -k {self.folder} -c max_connections=200 {off}"
        self._run("initdb", "-D", self.folder / "data", "-U", "voisoadmin", "-A", "trust", "-E", "UTF8")
        self.url = f"postgres://voisoadmin@127.0.0.1:{port}/postgres"
        self.start()
        atexit.register(self.remove)

    def _run(self, program: str, *arguments: str | Path, check: bool = True) -> None:
        command = [*self._prefix, _program(program), *arguments]
        subprocess.run(command, check=check, cwd="/", stdout=subprocess.DEVNULL)

    def start(self) -> None:
        self._run("pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o", self._options, "start")

    def stop(self, how: str = "immediate", *, check: bool = True) -> None:
        """`how`: "fast" ends all connections, "immediate" is a crash."""
        self._run("pg_ctl", "-D", self.folder / "data", "-w", "-m", how, "stop", check=check)

    def remove(self) -> None:
        atexit.unregister(self.remove)
        self.stop(check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
