"""A web server for a single test, with real sockets."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.installation import ROOT, Installation
from tests.support.ports import free_port
from tests.support.slow_clients import HOST, times_of

SIGN_IN = """
from django.test import Client
from voisoadmin.accounts.models import User
client = Client()
client.force_login(User.objects.create_user('ines', password='correct horse battery'))
print('; '.join(f'{name}={morsel.value}' for name, morsel in client.cookies.items()))
"""

COLLECT = "from voisoadmin.runtime import static_files; static_files.collect()"
MANIFEST = "staticfiles.json"
_collected: list[Path] = []


class Site:
    """An installation with a signed-in supervisor, and its running web server."""

    def __init__(self, folder: Path, *, time_scale: float = 0.05, env: Mapping[str, str] = {}) -> None:
        self.installation = Installation(folder, time_scale=time_scale, env=env)
        shutil.copytree(static_files(self), folder, dirs_exist_ok=True)
        self.cookie = self.run(SIGN_IN)

    def run(self, program: str) -> str:
        ran = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "-v0", "-c", program],
            env=self.installation.env, capture_output=True, text=True, check=True, timeout=300,
        )  # fmt: skip
        return ran.stdout.strip()

    @contextmanager
    def served(self, *, ulimit: str = "") -> Iterator["Served"]:
        port = free_port()
        command = [sys.executable, "-m", "voisoadmin.runtime.server.web", "--bind", f"{HOST}:{port}", "--threads", "16"]
        if ulimit:
            command = ["sh", "-c", f'ulimit {ulimit} && exec "$@"', "sh", *command]
        log = self.installation.folder / "web.log"
        with log.open("w") as stderr, subprocess.Popen(command, env=self.installation.env, stderr=stderr) as process:
            try:
                served = Served(self, process, port, log)
                served.wait_until_up()
                yield served
            finally:
                process.terminate()
                process.wait(120)


@dataclass(frozen=True)
class Served:
    site: Site
    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def cookie(self) -> str:
        return self.site.cookie

    def wait_until_up(self) -> None:
        give_up = time.monotonic() + 120
        while True:
            try:
                times_of(self.port, "/health", number=1)
                return
            except OSError:
                assert time.monotonic() < give_up
                assert self.process.poll() is None
                time.sleep(0.05)

    def slowest(self) -> float:
        """The slowest of ten answers each of `/health` and the board, in seconds."""
        times_of(self.port, "/", cookie=self.cookie, number=1)  # the first one reads the templates
        return max(times_of(self.port, "/health") + times_of(self.port, "/", cookie=self.cookie))


def static_files(site: Site) -> Path:
    """The files and their list, collected and compressed once for all servers of this process: it takes seconds."""
    if not _collected:
        site.run(COLLECT)
        folder = Path(tempfile.mkdtemp(dir=os.environ["VOISOADMIN_DATA_DIR"]))
        for name in ("static", MANIFEST):
            (site.installation.folder / name).rename(folder / name)
        _collected.append(folder)
    return _collected[0]
