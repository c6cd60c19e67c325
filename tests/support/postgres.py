"""A PostgreSQL server for one test run: in a temporary folder, on a free port of the loopback, gone at the end."""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path


def _program(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    program = str(found[-1]) if found else shutil.which(name)
    if program is None:
        raise RuntimeError(f"{name} is not on this machine: install PostgreSQL, or run the tests on SQLite alone.")
    return program


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_postgres() -> str:
    """Start a server and return the address of an empty database on it."""
    folder = Path(tempfile.mkdtemp(prefix="voisoadmin-postgres-"))
    # PostgreSQL refuses to run as root.
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if prefix:
        shutil.chown(folder, "postgres")
    folder.chmod(0o700)
    data, port = folder / "data", _free_port()
    run = {"check": True, "cwd": folder, "stdout": subprocess.DEVNULL}
    subprocess.run([*prefix, _program("initdb"), "-D", data, "-U", "voisoadmin", "-A", "trust", "-E", "UTF8"], **run)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off -c max_connections=200"
    control = [*prefix, _program("pg_ctl"), "-D", data]
    subprocess.run([*control, "-w", "-l", folder / "log", "-o", options, "start"], **run)

    def stop() -> None:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, cwd="/", stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return f"postgres://voisoadmin@127.0.0.1:{port}/postgres"
