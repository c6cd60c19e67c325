import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from voisoadmin.campaigns.lookup import find_campaign
from voisoadmin.contacts.questions import open_ones
from voisoadmin.lib.commands import JsonCommand, bad_input, command_line_label, refused
from voisoadmin.lib.places import PROGRAM
from voisoadmin.lib.stopping import stop_at_signals, stop_requested
from voisoadmin.operations.clicks import ActionRefused, Click
from voisoadmin.pushes.engine.loop import Engine
from voisoadmin.pushes.models import Push
from voisoadmin.pushes.services import progress
from voisoadmin.uploads import services
from voisoadmin.uploads.check.run import read_upload
from voisoadmin.uploads.check.turns import turns
from voisoadmin.uploads.cli.arguments import add_check_arguments, answers_of, choices_of, region_of
from voisoadmin.uploads.cli.printing import find_upload, in_words, progress_in_words, record, verdict
from voisoadmin.uploads.intake import receiving, spool
from voisoadmin.uploads.intake.removing import free_up
from voisoadmin.uploads.models import Upload

LOOK_SECONDS = 1.0  # between two checks whether our own push has ended
WAIT_SECONDS = 0.2  # between two checks whether it is our turn to be checked
GIVE_WAY_SECONDS = 5.0  # for an upload that comes before ours, while a slot is free
TELL_SECONDS = 10.0  # between two progress lines, on a terminal
EPILOG = """
JSON: {"upload", "state", "rows", "buckets", "reasons", "warnings", "questions", "offers", "notes", "problem", "calls",
"seconds"}, and "error" with "error_code" for a file that can't be used; rows is null until the file is checked. Without --wait
a worker checks and sends the file. While a question is open nothing is sent. Exit code 0: finished, even if some rows were
invalid, already there or rejected (without --wait: received); 1: refused or blocked, an open question, or rows that need
review or were not sent; 2: bad usage or unreadable input.
"""


class Command(JsonCommand):
    help = "Upload a spreadsheet and send its contacts to a Live campaign."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.epilog = EPILOG
        parser.add_argument("words", nargs="+", metavar="FILE")
        parser.add_argument("--campaign", required=True, metavar="ID", help="the campaign's ID in Voiso")
        parser.add_argument("--connection", default="", metavar="NAME", help="needed if two connections list the campaign")
        add_check_arguments(parser)
        parser.add_argument("--kind", default="add", choices=["add", "update"], help="add new contacts or update existing ones")
        parser.add_argument("--resend-known", action="store_true", help="also send numbers already known in the campaign")
        parser.add_argument("--wait", action="store_true", help="check and send in this process, and wait until it is done")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        chosen, more_files = choices_of(options["map"])
        files = [*options["words"], *more_files]
        if len(files) != 1:
            raise bad_input("Give exactly one file.")
        choices = {
            "region": region_of(options["region"]),
            "region_is_default": options["region"] is None,
            "sheet": options["sheet"],
            "numbers": options["numbers"],
            "mapping": chosen,
            "answers": answers_of(options["answer"]),
            "resend_known": options["resend_known"],
            "send_when_checked": not options["wait"],
        }
        campaign = find_campaign(options["campaign"], options["connection"])
        try:
            file = spool.spool_path(Path(files[0]), free_up=free_up)
        except spool.FileRefused as refusal:
            raise (refused if isinstance(refusal, spool.NotStored) else bad_input)(str(refusal)) from None
        upload = receiving.receive_file(
            campaign=campaign,
            file=file,
            file_name=Path(files[0]).name,
            by=None,
            by_label=command_line_label(),
            kind=options["kind"],
            choices={name: value for name, value in choices.items() if value},
            at=timezone.now(),
            queue_reading=not options["wait"],
        )
        problem = self._see_it_through(upload) if options["wait"] else None
        upload = find_upload(str(upload.pk))
        facts = record(upload, seconds=time.monotonic() - began)
        self.emit(facts, words=in_words(upload, facts))
        problem = verdict(upload) or problem
        if problem is not None:
            raise problem

    def _see_it_through(self, upload: Upload) -> CommandError | None:
        """Read, check, confirm and send here; return what prevented the end."""
        _read(upload)
        upload.refresh_from_db()
        if upload.stage != Upload.Stage.CHECKED or open_ones(upload.notices):
            return None
        click = Click(by=None, by_label=upload.by_label, at=timezone.now())
        try:
            if not services.send(upload, version=upload.version, click=click):
                return refused(services.CHECKED_AGAIN)  # another worker of an older release had checked it
        except ActionRefused as refusal:
            return refused(str(refusal))
        push = upload.pushes.get()
        with stop_at_signals():
            while not _has_ended(push):
                Engine(stop=self._watch(push)).run(until_empty_lane=push.lane_id)
                push.refresh_from_db()  # it may have been paused, by a person or for a decision
                if stop_requested() or progress(push).state in {"blocked", "paused"}:
                    break
        push.refresh_from_db()
        return None if push.ended_at else refused(f"Sending isn't finished. A worker continues it ({PROGRAM} work).")

    def _watch(self, push: Push) -> Callable[[], bool]:
        """Called by the engine at each step: True once our push has ended, even if others wait in the lane."""
        looked_at = told_at = time.monotonic()
        ended = False

        def stop() -> bool:
            nonlocal looked_at, told_at, ended
            now = time.monotonic()
            if not ended and now - looked_at >= LOOK_SECONDS:
                looked_at, ended = now, _has_ended(push)
                if now - told_at >= TELL_SECONDS and not ended and self.stderr.isatty():
                    told_at = now
                    self.stderr.write(progress_in_words(progress(push)))
            return ended or stop_requested()

        return stop


def _read(upload: Upload) -> None:
    """Check here when it is our turn; if a worker takes it first, wait for that one.

    Uploads before ours are left to a worker. If a slot stays free anyway, there is no worker.
    """
    given_way = 0.0
    while upload.stage in {Upload.Stage.RECEIVED, Upload.Stage.READING}:
        now = turns(at=timezone.now())
        is_ours = now.waiting[:1] == [upload.pk] or given_way >= GIVE_WAY_SECONDS
        if not (now.free and is_ours and read_upload(upload.pk)):
            given_way = given_way + WAIT_SECONDS if now.free else 0.0
            time.sleep(WAIT_SECONDS)
        upload.refresh_from_db(fields=["stage"])


def _has_ended(push: Push) -> bool:
    return Push.objects.filter(pk=push.pk, ended_at__isnull=False).exists()
