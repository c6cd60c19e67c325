"""The outcomes of an upload as pages show them: a bar, and a table of the same figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from voisoadmin.contacts.reasons import BY_CODE, FOR_A_PERSON, SENT, Bucket
from voisoadmin.pushes.models import Counted, Push

MIN_WIDTH = 0.35  # of 100: even a single row stays visible in the bar


@dataclass(frozen=True, slots=True)
class BucketLine:
    bucket: Bucket
    label: str
    meaning: str
    css: str  # of the legend and of the bar's part
    rows: int
    total: int

    @property
    def leads(self) -> bool:
        """Its rows are listed as rejected records."""
        return self.rows > 0 and self.bucket in FOR_A_PERSON

    @property
    def download(self) -> str:
        """The name of its download in an address."""
        return self.bucket.replace("_", "-")

    @property
    def is_empty(self) -> bool:
        return self.rows == 0


WORDS: tuple[tuple[Bucket, str, str, str], ...] = (
    (Bucket.PENDING, "Waiting", "will be sent", "b-pending"),
    (Bucket.ADDED, "Added", "new in the campaign, confirmed by Voiso", "b-added"),
    (Bucket.UPDATED, "Updated", "updated in the campaign, confirmed by Voiso", "b-updated"),
    (Bucket.DUPLICATE, "Already in campaign", "was in the campaign before; nothing changed", "b-duplicate"),
    (
        Bucket.UNATTRIBUTED,
        "Added or already there",
        "in the campaign; Voiso's first answer was lost, so it may have been there before",
        "b-unattributed",
    ),
    (Bucket.REJECTED, "Rejected", "not accepted by Voiso", "b-rejected"),
    (Bucket.INVALID, "Invalid", "not sent: the row has an error", "b-invalid"),
    (Bucket.DUPLICATE_IN_FILE, "Repeated in file", "same number as an earlier row, which was used", "b-dupfile"),
    (Bucket.SUPPRESSED, "Do-not-call", "marked do-not-call; not sent", "b-suppressed"),
    (Bucket.NOT_SENT, "Not sent", "cancelled before it was sent, or left out by choice", "b-notsent"),
    (Bucket.NEEDS_REVIEW, "Needs review", "no clear answer; it may be in the campaign", "b-review"),
)
NOT_YET = frozenset({Bucket.SUPPRESSED})
"""Buckets that nothing fills yet: shown once a row is in them."""


def buckets_of(pushes: Iterable[Counted]) -> dict[str, int]:
    """Every bucket with its rows, summed over the pushes."""
    sums = dict.fromkeys((bucket.value for bucket in Bucket), 0)
    for push in pushes:
        for bucket, rows in push.buckets().items():
            sums[bucket] += rows
    return sums


def reasons_of(pushes: Iterable[Counted]) -> dict[str, int]:
    """Every reason code with its rows, the commonest first, summed over the pushes."""
    sums: dict[str, int] = {}
    for push in pushes:
        for code, rows in push.reasons.items():
            sums[code] = sums.get(code, 0) + rows
    return dict(sorted(((code, rows) for code, rows in sums.items() if rows), key=lambda pair: (-pair[1], pair[0])))


def bucket_lines(buckets: Mapping[str, int], *, kind: str, running: bool, checked: bool = False) -> list[BucketLine]:
    """The table of outcomes. Once the upload has ended it includes empty ones; until then only those with rows."""
    total = sum(buckets.values())
    lines = []
    for bucket, label, meaning, css in WORDS:
        rows = buckets[bucket]
        if rows == 0 and (
            running or bucket in NOT_YET or bucket == Bucket.PENDING or (bucket == Bucket.UPDATED and kind == Push.Kind.ADD)
        ):
            continue
        if checked and bucket == Bucket.PENDING:
            label, meaning, css = "Ready to send", "valid number, not known to be in the campaign", "b-progress"
        lines.append(BucketLine(bucket, label, meaning, css, rows, total))
    return lines


def headline(buckets: Mapping[str, int], kind: str = Push.Kind.ADD) -> str:
    """The rows now in the campaign, in one line: `1,850 added, 150 were already there`. Each part counts different rows."""
    there = buckets[Bucket.DUPLICATE]
    nothing = "nothing updated" if kind == Push.Kind.UPDATE else "nothing added"
    parts = (
        (buckets[Bucket.ADDED], "added"),
        (buckets[Bucket.UPDATED], "updated"),
        (there, "was already there" if there == 1 else "were already there"),
        (buckets[Bucket.UNATTRIBUTED], "added or already there"),
    )
    return ", ".join(f"{rows:,} {words}" for rows, words in parts if rows) or nothing


def label_of(bucket: str) -> str:
    """The outcome of a row in one or two words."""
    return next(label for one, label, _, _ in WORDS if one == bucket)


def sent_lines(pushes: Iterable[Counted]) -> list[BucketLine]:
    """The outcomes of sent rows as parts of all rows to send: the bar while pushes run."""
    rows, to_send = dict.fromkeys(Bucket, 0), 0
    for push in pushes:
        to_send += push.to_send
        for code in SENT & push.reasons.keys():
            rows[BY_CODE[code].bucket] += push.reasons[code]
    return [BucketLine(bucket, label, meaning, css, rows[bucket], to_send) for bucket, label, meaning, css in WORDS]


@dataclass(frozen=True, slots=True)
class BarPart:
    css: str
    x: str  # of 100, with a decimal point in any language
    width: str


def bar_parts(lines: Iterable[BucketLine], *, with_waiting: bool = False) -> list[BarPart]:
    """The bar of the same figures. Waiting rows are the track, so they are left out, unless a draft's rows are shown."""
    parts, x = [], 0.0
    for line in lines:
        if line.rows == 0 or line.total == 0 or (line.bucket == Bucket.PENDING and not with_waiting):
            continue
        width = 100 * line.rows / line.total
        parts.append(BarPart(line.css, f"{min(x, 100 - MIN_WIDTH):.3f}", f"{max(width, MIN_WIDTH):.3f}"))
        x += width
    return parts
