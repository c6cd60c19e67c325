"""The test command on a machine without the programs that some tests need."""

import os
import subprocess
import sys

import pytest

from tests.support import programs
from tests.support.installation import ROOT

PROGRAMS = [sys.executable, "-m", "tests.support.programs"]


def run(*packages: str, path: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PATH": path}
    return subprocess.run([*PROGRAMS, *packages], cwd=ROOT, env=env, capture_output=True, text=True)


def test_a_missing_program_is_named_with_the_package_that_brings_it(tmp_path):
    done = run(path=str(tmp_path))

    assert (done.returncode, done.stderr) == (0, "")
    assert (
        "Skipped: the tests in a browser. The Debian package chromium-headless-shell brings what is missing.\n" in done.stdout
    )


def test_asked_for_a_package_it_fails_if_that_one_is_missing(tmp_path):
    assert run("chromium-headless-shell", path=str(tmp_path)).returncode == 1

    for name in ("chromium", "initdb"):
        (tmp_path / name).touch(0o755)

    assert run("chromium-headless-shell", "postgresql", path=str(tmp_path)).returncode == 0
    assert run(path=str(tmp_path)).stdout == ""


# One test that needs a browser, one that needs a server, and one that needs neither.
SOME = (
    "tests/browser/test_without_javascript.py::test_a_campaign_is_paused_and_stopped",
    "tests/pushes/test_outages.py",
    "tests/lib/test_requirements.py",
)


def line_of_the_readme(**variables: str) -> subprocess.CompletedProcess[str]:
    """What the README says, for some of the tests, on a machine with neither program."""
    ours = ("PYTEST_", "TEST_", "VOISOADMIN_", "DATABASE_URL", "CI")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    env |= {"PYTHON": sys.executable, "WITHOUT": f"{programs.BROWSER},{programs.DATABASE}", **variables}
    return subprocess.run(["tests/run", "-n", "0", *SOME], cwd=ROOT, env=env, capture_output=True, text=True, timeout=600)


@pytest.mark.slow
def test_without_the_programs_the_test_line_passes_and_names_at_its_end_what_was_skipped():
    done = line_of_the_readme()

    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 skipped" in done.stdout
    assert done.stdout.splitlines()[-2:] == [
        "Skipped: the tests in a browser. The Debian package chromium-headless-shell brings what is missing.",
        "Skipped: every test on PostgreSQL. The Debian package postgresql brings what is missing.",
    ]


@pytest.mark.slow
def test_on_the_ci_machine_a_skipped_test_is_a_failed_one():
    done = line_of_the_readme(CI="true")

    assert done.returncode == 1
    assert "Skipped tests are failures on CI." in done.stdout
