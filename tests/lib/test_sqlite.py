import os
import subprocess
import sys
from pathlib import Path

import pytest

from voisoadmin.lib.sqlite import journal_mode

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("version", [(3, 53, 4), (3, 51, 3), (3, 50, 7), (3, 50, 12), (3, 44, 6), (4, 0, 0)])
def test_a_fixed_version_uses_a_write_ahead_log(version):
    assert journal_mode(version) == "WAL"


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 44, 5), (3, 45, 0), (3, 50, 6), (3, 51, 0), (3, 51, 2), (3, 31, 0)])
def test_any_other_version_locks_the_whole_database_instead_of_risking_damage(version):
    assert journal_mode(version) == "DELETE"


@pytest.mark.slow
def test_it_starts_without_a_build_of_pysqlite3(tmp_path):
    (tmp_path / "pysqlite3.py").write_text("raise ImportError")
    ask = "from django.db import connection as c; import sqlite3; print(sqlite3.sqlite_version_info, sep='')"
    mode = "print(c.cursor().execute('PRAGMA journal_mode').fetchone()[0].upper(), c.Database.__name__)"
    variables = {**os.environ, "PYTHONPATH": str(tmp_path), "VOISOADMIN_DATA_DIR": str(tmp_path / "data")}
    variables.pop("DATABASE_URL", None)

    for command in (["migrate", "contenttypes", "-v", "0"], ["shell", "--no-imports", "-c", f"{ask}; {mode}"]):
        done = subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=variables, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    version, answered = done.stdout.splitlines()
    expected = journal_mode(tuple(int(part) for part in version.strip("()").split(",")))
    assert answered == f"{expected} sqlite3.dbapi2"
