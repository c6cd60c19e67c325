"""A separate installation for tests that start, kill and restart real processes."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from tests.support import template
from tests.support.forking import Forked

ROOT = template.ROOT


class Installation:
    """A data directory and a database that only this test's processes share; commands run as a person would run them."""

    def __init__(
        self,
        folder: Path,
        *,
        time_scale: float = 0.05,
        extra_hosts: str = "",
        env: Mapping[str, str] = {},
        empty: bool = False,
    ) -> None:
        """`empty`: nothing is migrated yet."""
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.popen: type[subprocess.Popen[str]] = Forked
        self.env = {
            **os.environ,
            "VOISOADMIN_DATA_DIR": str(folder),
            "VOISOADMIN_TIME_SCALE": str(time_scale),
            "VOISOADMIN_EXTRA_HOSTS": extra_hosts,
            "DJANGO_SETTINGS_MODULE": "voisoadmin.settings",
            "PYTHONPATH": str(ROOT),
            **env,
        }
        if "DATABASE_URL" in env:
            self.manage("migrate")
            return
        migrated = template.migrated()
        if not settings.EMBEDDED:
            self._create_database("template0" if empty else template.DATABASE)
        elif not empty:
            shutil.copy(migrated, folder)

    def _create_database(self, like: str) -> None:
        server = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
        name = f"installation_{uuid.uuid4().hex}"
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
        self.env["DATABASE_URL"] = f"{server}/{name}"

    def start(self, *arguments: str, env: Mapping[str, str] = {}, **options: Any) -> subprocess.Popen[str]:
        """Start `manage.py ARGUMENTS` in a new session; the caller ends it. `env`: its additional variables."""
        return self.popen(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env={**self.env, **env},
            cwd=self.folder,
            text=True,
            start_new_session=True,
            **options,
        )

    def manage(self, *arguments: str, code: int = 0, input: str = "") -> list[dict[str, Any]]:
        """Run `manage.py ARGUMENTS` to its end, assert its exit code, return the JSON lines it printed (with --json)."""
        process = self.start(*arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = process.communicate(input, timeout=300)
        assert process.returncode == code, (process.returncode, out, err)
        return [json.loads(line) for line in out.splitlines()] if "--json" in arguments else []
