"""Why a fix or an edit isn't made. The message says what to do."""

from voisoadmin.operations.clicks import ActionRefused
from voisoadmin.uploads.intake.read_options import begin_again, why_out_of_date
from voisoadmin.uploads.models import Upload

MOST_EDITS = 20_000
LONGEST_CELL = 5_000  # characters


class Stale(ActionRefused):
    """The page is older than what it would change."""

    def __init__(self, upload: Upload) -> None:
        super().__init__(why_out_of_date(upload))
        self.version = upload.version
        self.counts = upload.draft.buckets() if upload.draft is not None else {}


class NoLongerFits(ActionRefused):
    def __init__(self) -> None:
        super().__init__("This row isn't the one on your page: the file is now read in another way. Look at the row again.")


class TooManyEdits(ActionRefused):
    def __init__(self) -> None:
        super().__init__(
            f"An upload takes at most {MOST_EDITS:,} edits. Fix all rows of a reason at once, or correct the file."
        )


class NotEditable(ActionRefused):
    """The message says why."""


MOST_ROWS_AT_ONCE = 100
MANY_ROWS = f"Choose at least one row, and at most {MOST_ROWS_AT_ONCE}."
CHECKING = "The file is being checked. Wait until it is done, then try again."
OLD_CHECK = "An earlier version checked this file. Re-check it, then its rows can be edited."
SET_ASIDE = "This row is left out with all rows like it. Take such rows in first, with the choice above the rows."
SENT = "These contacts were already sent, so the row can't be edited here."
NEEDS_A_CHECK = (
    "Only a check of the whole file can say what this edit does. Download the row, correct it, and upload it as a new file."
)
NOT_OFFERED = "This fix is no longer offered. The page below shows the fixes that fit now."
NO_ROW = "The file has no such row."
TOO_LONG = f"A cell takes at most {LONGEST_CELL:,} characters."
NO_COLUMN = "The file has no such column."


def locked(upload: Upload) -> Upload:
    """The upload as it is now, locked in the caller's transaction, with its draft. Raises NotEditable."""
    Upload.objects.select_for_update().only("pk").get(pk=upload.pk)
    # Read behind the lock: a joined draft would be as it was before another edit, for which this one had to wait.
    related = Upload.objects.select_related("campaign__lane", "campaign__connection", "draft")
    current = related.defer("preview").get(pk=upload.pk)
    if current.stage == Upload.Stage.SENT:
        raise NotEditable(SENT)
    if current.stage != Upload.Stage.CHECKED or current.draft is None:
        raise NotEditable(CHECKING)
    if not current.judgement:
        raise NotEditable(OLD_CHECK)
    return current


def check_again(upload: Upload) -> None:
    """Queue a check of the whole file with its fixes and edits."""
    # A user is looking at it now, so it is sent when that user confirms.
    choices = {name: value for name, value in upload.choices.items() if name != "send_when_checked"}
    begin_again(upload, choices=choices, kind=upload.kind)
