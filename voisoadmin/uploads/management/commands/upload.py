from argparse import ArgumentParser
from typing import Any

from voisoadmin.lib.commands import JsonCommand
from voisoadmin.uploads.cli.printing import find_upload, in_words, record, verdict

EPILOG = """
JSON: {"upload", "state", "rows", "buckets", "reasons", "calls", "seconds"}. Exit code 0: finished, or still running; 1: it
is blocked, paused or cancelled, or rows need review or were not sent; 2: there is no such upload, or its file is unreadable.
"""


class Command(JsonCommand):
    help = "Show the progress of an upload and the outcome of its rows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog = EPILOG
        parser.add_argument("upload", metavar="ID", help="the upload's number")

    def handle(self, *args: Any, **options: Any) -> None:
        upload = find_upload(options["upload"])
        facts = record(upload)
        self.emit(facts, words=in_words(upload, facts))
        problem = verdict(upload)
        if problem is not None:
            raise problem
