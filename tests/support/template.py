"""The migrated database: made once, because migrating takes seconds. Each process of a test run copies it."""

import atexit
import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parents[2]
FILE = "voisoadmin.sqlite3"
FOLDER = "TEST_TEMPLATE"  # the variable with its place
DATABASE = "migrated"


def begin(folder: Path) -> None:
    """Start making it, in parallel to the first tests."""
    made = folder / "template"
    made.mkdir()
    os.environ[FOLDER] = str(made)
    env = {**os.environ, "VOISOADMIN_DATA_DIR": str(made)}
    if "DATABASE_URL" in env:
        with psycopg.connect(env["DATABASE_URL"], autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{DATABASE}"')
        env["DATABASE_URL"] = f"{env['DATABASE_URL'].rsplit('/', 1)[0]}/{DATABASE}"
    done = f"import pathlib; pathlib.Path({str(made / 'done')!r}).touch()"
    make = f"import sys; from django.core.management import execute_from_command_line as run; run(sys.argv); {done}"
    env["DJANGO_SETTINGS_MODULE"] = "voisoadmin.settings"
    process = subprocess.Popen([sys.executable, "-c", make, "migrate", "-v0"], env=env, cwd=ROOT)
    atexit.register(process.wait)
    atexit.register(process.kill)  # if the tests ended before it was needed


def migrated() -> Path:
    """Wait until it is ready; return the file, if it is one."""
    folder = Path(os.environ[FOLDER])
    give_up = time.monotonic() + 120
    while not (folder / "done").exists():
        assert time.monotonic() < give_up, "The database could not be migrated."
        time.sleep(0.05)
    return folder / FILE
