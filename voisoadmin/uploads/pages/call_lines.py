"""The requests of an upload as lines: the latest ones while it is sent, all of them afterwards, equal neighbours as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Func, IntegerField, QuerySet
from django.db.models.functions import Coalesce

from voisoadmin.lib.times import duration
from voisoadmin.pushes.models import Batch, Call

OUTCOME_WORDS = {
    Call.Result.OPEN: "sending",
    Call.Result.NOT_CONNECTED: "not sent",
    Call.Result.WAIT: "Voiso asked us to wait",
    Call.Result.BUSY: "Voiso was busy with an earlier request",
    Call.Result.REFUSED: "Voiso refused the whole batch",
    Call.Result.BLOCKED: "blocked until someone acts",
    Call.Result.UNNAMED: "accepted, but no number was named",
    Call.Result.UNCERTAIN: "no clear answer; the batch is sent again",
}
GIVEN_UP = {Batch.State.CANCELLED, Batch.State.PARKED}
NAMED_WORDS = {"created": "added", "updated": "updated", "duplicates": "already there", "rejected": "rejected"}


class Named(Func):
    """How many numbers an answer named so. Counted in the database: the names of a call are a thousand numbers."""

    arity = 1
    output_field = IntegerField()

    def __init__(self, name: str) -> None:
        super().__init__("named", name=name)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="json_array_length(%(expressions)s, '$.%(name)s')", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="jsonb_array_length(%(expressions)s -> '%(name)s')", **extra)


@dataclass(frozen=True, slots=True)
class CallLine:
    started_at: datetime
    number: int  # of the batch
    last: int  # another one, if several are one line
    words: str
    detail: str
    milliseconds: int | None
    icon: str
    is_first_try: bool

    @property
    def batch(self) -> str:
        return f"{self.number:,}" if self.last == self.number else f"{self.number:,}–{self.last:,}"

    @property
    def took(self) -> str:
        return "" if self.milliseconds is None else duration(self.milliseconds / 1000)

    @property
    def is_quiet(self) -> bool:
        return bool(self.icon)


def latest_calls(calls: QuerySet[Call], most: int) -> list[CallLine]:
    """The latest first."""
    calls = calls.select_related("batch").defer("named", "batch__rows", "batch__outcomes", "batch__row_answers")
    calls = calls.annotate(**{f"count_{name}": Coalesce(Named(name), 0) for name in NAMED_WORDS})
    return [_line(call) for call in calls.order_by("-started_at", "-pk")[:most]]


def folded(lines: Sequence[CallLine]) -> list[CallLine]:
    """Neighbours that were answered at the first try with equal words as one line: `50 batches, 1,000 added each`."""
    found: list[CallLine] = []
    for _, same in groupby(_with_runs(lines), key=lambda pair: pair[0]):
        run = [line for _, line in same]
        found.append(run[0] if len(run) == 1 else _one_line(run))
    return found


def _with_runs(lines: Sequence[CallLine]) -> list[tuple[int, CallLine]]:
    """Each line with the number of its run; the batches of a run follow one another."""
    runs: list[tuple[int, CallLine]] = []
    for line in lines:
        run, later = runs[-1] if runs else (0, None)
        continues = later is not None and later.number == line.number + 1 and later.words == line.words
        can_fold = continues and later is not None and not (line.icon or later.icon) and line.is_first_try
        runs.append((run if can_fold else run + 1, line))
    return runs


def _one_line(run: Sequence[CallLine]) -> CallLine:
    first, last = run[-1], run[0]  # the latest is the first of the list
    took = [line.milliseconds for line in run if line.milliseconds is not None]
    words = f"{len(run):,} batches, {first.words} each"
    return replace(first, last=last.number, words=words, milliseconds=sum(took) if took else None)


def _line(call: Call) -> CallLine:
    answered = call.outcome == Call.Result.ANSWERED
    words = _answer(call) if answered else OUTCOME_WORDS[Call.Result(call.outcome)]
    if call.outcome == Call.Result.UNCERTAIN and call.batch.state in GIVEN_UP:
        words = "no clear answer"
    return CallLine(
        started_at=call.started_at,
        number=call.batch.number,
        last=call.batch.number,
        words=f"try {call.number}: {words}" if call.number > 1 else words,
        detail="" if answered else call.problem,
        milliseconds=call.milliseconds,
        icon="" if answered else "clock",
        is_first_try=call.number == 1,
    )


def _answer(call: Call) -> str:
    """`969 added + 31 already there`, as in the answer."""
    counts = [f"{count:,} {word}" for name, word in NAMED_WORDS.items() if (count := getattr(call, f"count_{name}"))]
    return " + ".join(counts) or "answered, but listed no numbers"
