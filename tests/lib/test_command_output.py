"""A command's output may contain names written by strangers."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError

from voisoadmin.lib.commands import JsonCommand, bad_input, refused

ROOT = Path(__file__).resolve().parents[2]
NAMES = ["\x1b[2J\x1b[31mgone", "\x9b2J", "a\rb", "\u202egpj.exe", "a\u2028b\x85c", "\udcff", "\x00\x07\x7f", "\u2066x"]


class Tell(JsonCommand):
    needs_database = False

    def handle(self, *args: object, **options: object) -> None:
        self.emit({"name": self.name})


@pytest.mark.parametrize("name", NAMES)
def test_a_name_neither_controls_the_terminal_nor_ends_a_line(name):
    for as_json in (True, False):
        out = io.StringIO()
        command = Tell(stdout=out)
        command.name = name

        command.run_from_argv(["manage.py", "greet", *(["--json"] if as_json else [])])

        (line,) = out.getvalue().splitlines()
        assert line.isprintable()
        line.encode()
        if as_json:
            assert json.loads(line) == {"name": name}


@pytest.mark.parametrize(
    "name", ["Zo\u00eb", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\U0001f469\u200d\U0001f680", "a\\nb"]
)
def test_names_in_every_script_are_printed_unchanged(name):
    out = io.StringIO()
    command = Tell(stdout=out)
    command.name = name

    command.run_from_argv(["manage.py", "greet"])

    assert out.getvalue() == f"name: {name}\n"


@pytest.mark.parametrize("error", [refused, bad_input])
def test_an_error_neither_controls_the_terminal_nor_ends_a_line(error):
    problem = error("No campaign \x1b[2J.\nSay which.")

    assert isinstance(problem, CommandError)
    assert str(problem) == "No campaign \\x1b[2J.\nSay which."


@pytest.mark.slow
def test_a_file_whose_name_is_not_valid_text_can_be_inspected(tmp_path):
    path = os.fsencode(tmp_path) + b"/\xff\xfe\x1b[2J.csv"
    Path(os.fsdecode(path)).write_text("Phone\n+447400300001\n")
    variables = {**os.environ, "VOISOADMIN_DATA_DIR": str(tmp_path / "data")}
    variables.pop("DATABASE_URL", None)

    for options in (["--json"], []):
        command = [sys.executable, "manage.py", "inspect", path, *options]
        done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True)
        assert done.returncode == 0, done.stderr
        assert b"\x1b" not in done.stdout
        assert b"1" in done.stdout
