"""Commands as a shell or cron runs them: a fresh folder, an invalid setting, a pipe that closes, a signal."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from django.core.management import get_commands, load_command_class

from tests.support.forking import Forked
from tests.support.installation import ROOT, Installation
from tests.support.sandbox import RemoteSandbox

pytestmark = pytest.mark.slow

BEFORE_MIGRATE = [["sync"], ["push", "leads.csv", "--campaign", "4701", "--wait"], ["drain"], ["work"]]
# These need no database, or check it themselves.
OF_ITS_OWN = {"demo", "evaluate_rules", "health", "inspect", "migrate", "serve", "work"}


def run(*arguments, folder, code, **variables):
    env = {**os.environ, "VOISOADMIN_DATA_DIR": str(folder), "VOISO_API_KEY": "a-key-that-is-one", **variables}
    env.pop("DATABASE_URL", None)
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    ran = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300)
    assert ran.returncode == code, ran.stderr
    return ran.stdout, ran.stderr


@pytest.mark.parametrize("command", BEFORE_MIGRATE, ids=" ".join)
def test_before_migrate_a_command_says_so_in_a_line(tmp_path, command):
    (tmp_path / "leads.csv").write_text("phone\n+447415550012\n")

    out, err = run(*command, "--json", folder=tmp_path, code=1)

    assert out == ""
    assert err.startswith("CommandError: The database is out of date (")
    assert err.endswith("Run: manage.py migrate\n")
    assert err.count("\n") == 1


def test_all_other_commands_check_the_database_first():
    ours = {name for name, app in get_commands().items() if app.startswith("voisoadmin.")}

    unready = {name for name in ours if not load_command_class(get_commands()[name], name).needs_database}

    assert unready == OF_ITS_OWN


def test_inspect_needs_no_database(tmp_path):
    (tmp_path / "leads.csv").write_text("phone\n+447415550012\n")

    out, err = run("inspect", "leads.csv", "--json", folder=tmp_path, code=0)

    assert json.loads(out)["ready"] == 1
    assert err == ""
    assert not (tmp_path / "voisoadmin.sqlite3").exists()


def test_health_without_a_database_says_so(tmp_path):
    out, err = run("health", "--json", folder=tmp_path, code=1)

    assert (json.loads(out)["ready"], json.loads(out)["database"]) == (False, "behind")
    assert err.startswith("CommandError: Not ready: The database is out of date (")


def test_an_invalid_setting_is_bad_usage(tmp_path):
    out, err = run("sync", "--json", folder=tmp_path, code=2, VOISOADMIN_TIME_SCALE="slow")

    assert out == ""
    assert err == 'Environment variable "VOISOADMIN_TIME_SCALE" invalid: Not a valid number.\n'


@pytest.fixture
def site(tmp_path):
    with RemoteSandbox(time_scale=0.02) as sandbox:
        site = Installation(tmp_path, time_scale=0.02, extra_hosts=sandbox.host)
        connect = ["connect", "Berlin", "--base-url", sandbox.address, "--api", "v4", "--json"]
        site.manage(*connect, input=sandbox.V4_KEY)
        yield site, sandbox


@pytest.mark.kills
@pytest.mark.once
def test_a_closed_pipe_gives_no_traceback(site):
    installed, _ = site
    installed.popen = subprocess.Popen
    read, write = os.pipe()
    os.close(read)
    ran = installed.start("sync", "--json", stdout=write, stderr=subprocess.PIPE)
    os.close(write)

    _, err = ran.communicate(timeout=300)

    assert (ran.returncode, err) == (141, "")


@pytest.mark.kills
@pytest.mark.parametrize("name", ["SIGTERM", pytest.param("SIGINT", marks=pytest.mark.once)])
def test_an_interrupted_push_finishes_its_request_and_reports_its_progress(site, tmp_path, name):
    installed, sandbox = site
    campaign = str(sandbox.add_campaign("Spring renewals"))
    leads = tmp_path / "leads.csv"
    leads.write_text("phone\n" + "".join(f"+{447400700000 + n}\n" for n in range(8_000)))
    sandbox.set_behaviour(latency=25.0)  # most of the time, a request is open
    installed.popen = subprocess.Popen
    push = installed.start(
        *("push", str(leads), "--campaign", campaign, "--wait", "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    wait_for(lambda: len(sandbox.requests(campaign)) >= 2)

    push.send_signal(getattr(signal, name))
    out, err = push.communicate(timeout=300)

    assert push.returncode == 1
    assert "Sending isn't finished." in err
    assert "Traceback" not in err
    printed = json.loads(out)
    assert printed["state"] == "sending"
    assert printed["buckets"]["added"] + printed["buckets"]["pending"] == printed["rows"] == 8_000
    assert printed["buckets"]["added"] == len(sandbox.numbers_in(campaign)) == 1000 * printed["calls"]
    sandbox.set_behaviour(latency=0.0)
    installed.popen = Forked
    installed.manage("drain", "--json")
    (ended,) = installed.manage("upload", str(printed["upload"]), "--json")
    assert (ended["state"], ended["buckets"]["added"], ended["buckets"]["unattributed"]) == ("finished", 8_000, 0)
    assert installed.manage("audit_pushes", "--json") == [{"pushes": 1, "breaches": []}]


@pytest.mark.kills
@pytest.mark.once
def test_other_commands_end_at_ctrl_c_without_a_traceback(site, tmp_path):
    installed, _ = site
    leads = tmp_path / "leads.csv"
    leads.write_text("phone\n" + "".join(f"+{447400700000 + n}\n" for n in range(20_000)))
    installed.popen = subprocess.Popen
    inspect = installed.start("inspect", *[str(leads)] * 20, "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert json.loads(inspect.stdout.readline())["ready"] == 20_000

    inspect.send_signal(signal.SIGINT)
    _, err = inspect.communicate(timeout=300)

    assert (inspect.returncode, err) == (130, "Interrupted.\n")


def wait_for(happened, *, seconds=60.0):
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.02)
