"""Shared by all commands: `--json`, and exit codes that scripts can rely on."""

import getpass
import io
import json
import os
import re
import socket
import sys
from typing import Any, Literal

from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError, CommandParser

from voisoadmin.lib.data_folder import make_data_folder
from voisoadmin.lib.database import why_no_database

# The other checks are about our code, which CI has checked, and load every page of it.
CHECKS_OF_SETTINGS = (Tags.caches, Tags.files, Tags.security, Tags.staticfiles)
REFUSED = 1  # refused, held, or rows that need a person
BAD_INPUT = 2  # bad usage or unreadable input
NOBODY_READS = 141  # shell convention for the end by a signal: 128 + SIGPIPE
# Characters that control a terminal, change the reading direction, end a line for some readers, or are invalid.
STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class JsonCommand(BaseCommand):
    """A command that prints records: with `--json` only JSON lines on stdout, else text.

    `handle` returns nothing; it calls `emit` and raises `refused(...)` or `bad_input(...)`. Progress and errors go to
    stderr. Exit 0: ran to its end.
    """

    requires_system_checks: list[str] | tuple[str, ...] | Literal["__all__"] = []  # a cron job shouldn't wait for them
    needs_database = True
    _called_from_command_line: bool  # Django's flag: run by a shell, not by `call_command`

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Abbreviations would break scripts when an option is added, and take `--key SECRET` for `--key-file`.
        parser = super().create_parser(prog_name, subcommand, allow_abbrev=False, **kwargs)
        parser.add_argument("--json", action="store_true", help="print only JSON lines")
        return parser

    def run_from_argv(self, argv: list[str]) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # a file name may not be valid text
        try:
            super().run_from_argv(argv)
        except BrokenPipeError:
            # The reader closed the pipe (`... | head`); don't fail again when flushing at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(NOBODY_READS)

    def execute(self, *args: Any, **options: Any) -> str | None:
        self.json = bool(options.get("json"))
        make_data_folder()
        if self.needs_database and self._called_from_command_line and (problem := why_no_database()):
            raise refused(problem)
        return super().execute(*args, **options)

    def emit(self, record: dict[str, Any], *, words: str = "") -> None:
        """Print one record: as a JSON line, or as `words` (by default a line for each key)."""
        if self.json:
            self.stdout.write(json.dumps(record, default=str))  # in ASCII, so that it is valid JSON in any locale of a cron job
        else:
            self.stdout.write(plain(words or "\n".join(f"{key}: {_in_words(value)}" for key, value in record.items())))
        self.stdout.flush()


def _in_words(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_in_words(item)}" for key, item in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(_in_words(item) for item in value) or "none"
    return str(value)


def plain(text: str) -> str:
    """Text for a terminal. Names come from files and from Voiso: they must not colour, move or rewrite other output."""
    return STEERING.sub(lambda match: match[0] if match[0] in "\n\t" else repr(match[0])[1:-1], text)


def refused(sentence: str) -> CommandError:
    """The error that ends a command with exit code 1: Voiso, or we, refused, or a person must look."""
    return CommandError(plain(sentence), returncode=REFUSED)


def bad_input(sentence: str) -> CommandError:
    """The error that ends a command with exit code 2: its arguments, or its file, can't be used."""
    return CommandError(plain(sentence), returncode=BAD_INPUT)


def command_line_label() -> str:
    """Who ran the command, for the audit trail: `marta on import-01 (command line)`."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "unknown user"
    return f"{name} on {socket.gethostname()} (command line)"
