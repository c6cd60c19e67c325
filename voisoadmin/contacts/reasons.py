"""Buckets and reason codes: the outcome of a row, and why.

Each reason has one byte (`Batch.outcomes` holds one byte a row), its bucket, a sentence and advice. The bytes are stored,
so none is ever reused with another meaning.
"""

from dataclasses import dataclass
from enum import StrEnum


class Bucket(StrEnum):
    PENDING = "pending"
    ADDED = "added"
    UPDATED = "updated"
    DUPLICATE = "duplicate"
    DUPLICATE_IN_FILE = "duplicate_in_file"
    UNATTRIBUTED = "unattributed"
    INVALID = "invalid"
    REJECTED = "rejected"
    SUPPRESSED = "suppressed"
    NOT_SENT = "not_sent"
    NEEDS_REVIEW = "needs_review"


IN_CAMPAIGN = frozenset({Bucket.ADDED, Bucket.UPDATED, Bucket.UNATTRIBUTED})
"""Rows that became (or were changed as) contacts; the download of everything else leaves these out."""

FOR_A_PERSON = frozenset({Bucket.INVALID, Bucket.REJECTED, Bucket.NEEDS_REVIEW})
"""Rows that a person can fix: rejected records."""


class Place(StrEnum):
    """Where rows with a reason may be."""

    OPEN = "open"  # in a batch that is being sent
    SENT = "sent"  # in a batch that went out
    UNSENT = "unsent"  # in a batch that was to be sent and didn't go out with them
    LEFT_OUT = "left_out"  # in a batch of rows that are never sent


@dataclass(frozen=True, slots=True)
class Reason:
    byte: int
    code: str  # stable, snake_case
    bucket: Bucket
    sentence: str  # what happened
    advice: str = ""  # what to do
    places: frozenset[Place] = frozenset({Place.SENT})


_OPEN, _UNSENT, _LEFT_OUT = (frozenset({place}) for place in (Place.OPEN, Place.UNSENT, Place.LEFT_OUT))


REASONS = (
    Reason(0, "waiting", Bucket.PENDING, "Waiting to be sent.", places=_OPEN),
    # The row's outcome is in a later batch (a half of a split, or a follow-up); never shown.
    Reason(1, "moved", Bucket.PENDING, "Sent again in a smaller batch.", places=_OPEN),
    Reason(10, "added", Bucket.ADDED, "Added to the campaign."),
    Reason(11, "inserted_by_update", Bucket.ADDED, "Was not in the campaign; Voiso added it."),
    Reason(12, "updated", Bucket.UPDATED, "Updated in the campaign."),
    Reason(20, "in_campaign", Bucket.DUPLICATE, "Was already in the campaign; nothing changed."),
    Reason(21, "known_here", Bucket.DUPLICATE, "Already known in this campaign; not sent again.", places=_LEFT_OUT),
    Reason(25, "same_number_in_file", Bucket.DUPLICATE_IN_FILE, "Same number as an earlier row.", places=_LEFT_OUT),
    Reason(
        30,
        "interrupted_call",
        Bucket.UNATTRIBUTED,
        "In the campaign. Voiso's first answer was lost, so it may have been there before.",
    ),
    Reason(
        40,
        "refused_by_voiso",
        Bucket.REJECTED,
        "Voiso rejected it as “invalid”.",
        "Voiso gives no details. The number is well formed, but it may not exist.",
    ),
    Reason(41, "refused_alone", Bucket.REJECTED, "Voiso rejected this row.", "Read Voiso's message, then fix the row."),
    Reason(
        42,
        "refused_update",
        Bucket.REJECTED,
        "Voiso rejected the update; the number may not be in the campaign.",
        "Add it first, then update it.",
    ),
    Reason(50, "suppressed", Bucket.SUPPRESSED, "On a do-not-call list; not sent.", places=_LEFT_OUT | _UNSENT),
    Reason(
        51, "flagged_in_file", Bucket.SUPPRESSED, "A row of the file says not to call this number; not sent.", places=_LEFT_OUT
    ),
    Reason(60, "cancelled", Bucket.NOT_SENT, "Sending was cancelled before this row was sent.", places=_UNSENT),
    Reason(61, "left_out", Bucket.NOT_SENT, "Left out by a choice about this row or file.", places=_LEFT_OUT),
    Reason(62, "hidden_row", Bucket.NOT_SENT, "Hidden in the workbook, by a filter or by hand.", places=_LEFT_OUT),
    Reason(63, "footer", Bucket.NOT_SENT, "A sum or a line below the table, not a contact.", places=_LEFT_OUT),
    Reason(64, "example_row", Bucket.NOT_SENT, "The example of the template.", places=_LEFT_OUT),
    Reason(
        65,
        "optional_field",
        Bucket.NOT_SENT,
        "Left out by choice: one of its optional cells can't be used.",
        "Fix the cell and upload the row again.",
        places=_LEFT_OUT,
    ),
    Reason(66, "struck_row", Bucket.NOT_SENT, "Struck out in the workbook.", places=_LEFT_OUT),
    Reason(
        70,
        "not_named",
        Bucket.NEEDS_REVIEW,
        "Voiso's answers didn't mention this number.",
        "Look for it in Voiso, or send it again.",
    ),
    Reason(
        71,
        "no_clear_answer",
        Bucket.NEEDS_REVIEW,
        "No clear answer after 8 tries; it may be in the campaign.",
        "Send it again. A number that is already there isn't added twice.",
    ),
    Reason(
        72,
        "cancelled_uncertain",
        Bucket.NEEDS_REVIEW,
        "Sending was cancelled before Voiso answered; it may be in the campaign.",
        "Send it again if you want to be sure.",
    ),
    Reason(
        73,
        "voiso_named_nothing",
        Bucket.NEEDS_REVIEW,
        "Voiso accepted the batch without naming any number; it may be in the campaign.",
        "Look for it in Voiso, or send it again. A number that is already there isn't added twice.",
    ),
)


def _in(place: Place) -> frozenset[str]:
    return frozenset(reason.code for reason in REASONS if place in reason.places)


LEFT_OUT, SENT, UNSENT = _in(Place.LEFT_OUT), _in(Place.SENT), _in(Place.UNSENT)
IN_BATCH_TO_SEND = _in(Place.OPEN) | SENT | UNSENT

EXPLAINED = {
    "refused_by_voiso": ("Voiso rejected it.", "Read Voiso's message, then fix the row."),
    "refused_update": ("Voiso rejected the update.", "Read Voiso's message, then fix the row."),
}
"""Sentence and advice for rows about which Voiso gave a reason."""

BY_BYTE = {reason.byte: reason for reason in REASONS}
BY_CODE = {reason.code: reason for reason in REASONS}
MOVED = BY_CODE["moved"].byte


def worded(reason: Reason, *, explained: bool) -> tuple[str, str]:
    """Its sentence and advice. `explained`: Voiso said more about the row, which is shown beside them."""
    own = (reason.sentence, reason.advice)
    return EXPLAINED.get(reason.code, own) if explained else own
