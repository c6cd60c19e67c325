"""The test command on a machine without the programs that some tests need."""

import os
import subprocess
import sys

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
