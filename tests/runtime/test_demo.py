"""`manage.py demo` and `manage.py serve`, as a person starts and ends them."""

import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from django.core.management import CommandError, call_command

from tests.support.installation import ROOT, Installation
from tests.support.ports import free_pair, free_port

pytestmark = pytest.mark.kills

of_the_demo = pytest.mark.once  # it uses SQLite, whatever the tests use


def free_ports() -> tuple[int, int]:
    """One for the pages, and the first of two for the sandboxes."""
    return free_port(), free_pair()


def demo_env(folder: Path) -> dict[str, str]:
    """The environment of a person who has just cloned the repository: no settings at all."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("VOISOADMIN_")}
    env.pop("DATABASE_URL", None)
    return {**env, "VOISOADMIN_DATA_DIR": str(folder), "VOISOADMIN_TIME_SCALE": "0.05", "VOISOADMIN_WORKERS": "3"}


class Running:
    """A started program, its output so far, and all its children."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process, self.said = process, ""

    def hear(self, words: str) -> None:
        """Wait until its output contains a text."""
        while words not in self.said:
            line = self.process.stdout.readline()
            assert line, f"it ended: {self.said}"
            self.said += line

    def tree(self) -> list[psutil.Process]:
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]


@contextmanager
def started(*arguments: str, env: dict[str, str]) -> Iterator[Running]:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen(command, env=env, cwd="/", start_new_session=True, **pipes)
    running = Running(process)
    try:
        yield running
    finally:
        if process.poll() is None:
            for left in running.tree():
                left.kill()
        process.wait()
        process.stdout.close()


def demo(folder: Path, port: int, sandbox_port: int, *options: str):
    ports = ("--port", str(port), "--sandbox-port", str(sandbox_port))
    return started("demo", *ports, *options, env=demo_env(folder))


def nobody_left(processes: list[psutil.Process], *, seconds: float) -> None:
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    alive = [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
    assert not alive, alive


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def signed_in(address: str, username: str, password: str) -> urllib.request.OpenerDirector:
    cookies = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    form = browser.open(f"{address}/sign-in/", timeout=60).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[1]
    fields = {"csrfmiddlewaretoken": token, "username": username, "password": password}
    answer = browser.open(f"{address}/sign-in/", urllib.parse.urlencode(fields).encode(), timeout=60)
    assert answer.url == f"{address}/", answer.read().decode()
    return browser


def command(*words: str, env: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *words], env=env, capture_output=True, text=True, check=True
    )
    return done.stdout


def begins_alive(browser: urllib.request.OpenerDirector, address: str) -> None:
    """Rows to fix, a file that is being sent, days that have passed, and rules of which one acts soon."""

    def page(path: str) -> str:
        return browser.open(f"{address}{path}", timeout=60).read().decode()

    uploads = page("/uploads/")
    assert "renewals_of_the_year.csv" in uploads
    assert "46" in re.search(r'/rejected/"\s*>([0-9]+)<', uploads)[1]
    links = re.findall(r'/campaigns/([0-9]+)/"[^>]*>(?:<[^>]*>)*([^<]*)<', uploads)
    [campaign] = {key for key, name in links if name.strip() == "Spring renewals"}
    parts = page(f"/campaigns/{campaign}/parts/")
    assert parts.count('id="day-') == 7
    assert "started it" in parts
    assert "spring_fair.csv" in parts
    assert "46 rows of spring_fair.csv to fix." in parts
    assert all(name in page("/rules/") for name in ("Tariff quota", "Win-back watch", "Belfast when agents are free"))


@of_the_demo
def test_the_demo_starts_with_one_line_ends_with_ctrl_c_and_continues_the_next_time(tmp_path):
    port, sandbox_port = free_ports()
    address = f"http://127.0.0.1:{port}"

    with demo(tmp_path, port, sandbox_port) as running:
        running.hear("Press Ctrl-C to stop")
        everybody = running.tree()
        assert address in running.said
        username, password = re.search(r"Supervisor +(\S+) +(\S+)", running.said).groups()
        browser = signed_in(address, username, password)
        assert get(f"{address}/health") == (200, '{"alive": true}')
        give_up = time.monotonic() + 120
        while "Spring renewals" not in (board := browser.open(f"{address}/", timeout=60).read().decode()):
            assert time.monotonic() < give_up, board
            time.sleep(0.2)
        assert get(f"{address}/ready") == (200, '{"ready": true}')
        assert [Path(line.strip()).exists() for line in running.said.splitlines() if "/samples/" in line] == [True] * 4
        begins_alive(browser, address)

        began = time.monotonic()
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(120) == 0
        assert time.monotonic() - began < 25
        nobody_left(everybody, seconds=0.1)
    assert "every row is accounted for" in command("audit_pushes", env=demo_env(tmp_path))

    with demo(tmp_path, port, sandbox_port, "--json") as running:
        running.hear('"address"')
        everybody = running.tree()
        [printed] = [json.loads(line) for line in running.said.splitlines() if line.startswith("{")]
        assert printed["address"] == address
        assert {account["username"] for account in printed["accounts"]} == {"ines", "ada"}
        assert all(Path(sample).suffix in (".csv", ".xlsx") for sample in printed["samples"])
        board = signed_in(address, username, password).open(f"{address}/", timeout=60).read().decode()
        assert "Spring renewals" in board

        running.process.kill()
        running.process.wait()
        nobody_left(everybody[1:], seconds=8)


@of_the_demo
def test_a_port_in_use_is_named(tmp_path):
    port, sandbox_port = free_ports()
    for taken, option in ((port, "--port"), (sandbox_port + 1, "--sandbox-port")):
        with socket.create_server(("127.0.0.1", taken)), demo(tmp_path, port, sandbox_port) as running:
            running.hear(f"Can't use port {taken} on 127.0.0.1")
            assert running.process.wait(120) == 1
            assert option in running.said
            assert "Traceback" not in running.said


@of_the_demo
def test_the_demo_and_a_real_installation_never_share_a_folder(tmp_path):
    port, sandbox_port = free_ports()
    env = demo_env(tmp_path)
    make = "from voisoadmin.accounts.models import User; User.objects.create_user('boss')"
    Installation(tmp_path).manage("shell", "--no-imports", "-v0", "-c", make)

    with demo(tmp_path, port, sandbox_port) as running:
        running.hear("is a real installation with its own accounts")
        assert running.process.wait(120) == 1
    assert not (tmp_path / "demo.json").exists()

    (tmp_path / "demo.json").write_text("{}")
    with started("serve", "--bind", f"127.0.0.1:{port}", env=env) as running:
        running.hear("with well-known passwords")
        assert running.process.wait(120) == 1


def test_a_real_installation_is_served_and_ends_as_one(tmp_path):
    installation = Installation(tmp_path, env={"VOISOADMIN_WORKERS": "3"})
    port, _ = free_ports()
    address = f"http://127.0.0.1:{port}"

    with started("serve", "--bind", f"127.0.0.1:{port}", env=installation.env) as running:
        running.hear("VoisoAdmin is listening on")
        give_up = time.monotonic() + 120
        while True:
            try:
                if get(f"{address}/ready")[0] == 200:
                    break
            except OSError:
                pass
            assert time.monotonic() < give_up, running.said
            time.sleep(0.1)
        everybody = running.tree()
        web = next(process for process in everybody if "voisoadmin.runtime.server.web" in process.cmdline())
        web.kill()
        psutil.wait_procs([web], timeout=5)
        give_up = time.monotonic() + 120
        while True:
            try:
                assert get(f"{address}/health")[0] == 200
                break
            except OSError:
                assert time.monotonic() < give_up, "the web server was not started again"
                time.sleep(0.1)

        everybody += running.tree()
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(120) == 0
        nobody_left(everybody, seconds=0.1)


@pytest.mark.parametrize("bind", ["8000", "127.0.0.1", "127.0.0.1:high", "127.0.0.1:0"])
def test_an_invalid_address_is_bad_usage(bind):
    with pytest.raises(CommandError) as caught:
        call_command("serve", "--bind", bind)

    assert caught.value.returncode == 2
    assert "--bind must be an address and a port" in str(caught.value)


@pytest.mark.parametrize("option", ["--port", "--sandbox-port"])
@pytest.mark.parametrize("number", [0, 65_535, 99_999])
def test_an_invalid_port_is_bad_usage(option, number):
    with pytest.raises(CommandError) as caught:
        call_command("demo", option, str(number))

    assert (caught.value.returncode, str(caught.value)) == (2, f"{option} must be between 1 and 65534.")
