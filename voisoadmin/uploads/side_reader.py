"""Phone cells read in a separate process: half the work of a large check, on the second core."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from voisoadmin.phones import Reader
from voisoadmin.phones.reader import Votes
from voisoadmin.sheets import Unreadable
from voisoadmin.sheets.frames import BrokenStream, Frame, receive, send
from voisoadmin.uploads.checking import Checker, Outcome, PlainResult, Row

ROOT = Path(__file__).resolve().parents[2]
CPU_SECONDS = 600  # of each process that checks rows: several times what the longest table takes
TOO_SLOW = "Couldn't check the file: it took too long. Split it and upload the parts."
HELPER_ENDED = "The file could not be checked: a process of VoisoAdmin that helps with large files ended. Try again."


class SideReader:
    """Reads cells as `reader` would: `ask`, then `answer`, one list at a time; use it in a `with` statement."""

    def __init__(self, reader: Reader, *, cpu_seconds: int = CPU_SECONDS) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "voisoadmin.uploads.number_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            close_fds=True,
            env={"PATH": os.defpath, "PYTHONUTF8": "1", "PYTHONNOUSERSITE": "1"},
        )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._to_child, self._from_child = self._child.stdin, self._child.stdout
        column = {"region": reader.region, "numbers": reader.numbers, "settled": reader.settled}
        self._tell(Frame.REQUEST, {**column, "cpu_seconds": cpu_seconds})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        for stream in (self._to_child, self._from_child):
            with suppress(BrokenPipeError):
                stream.close()
        self._child.kill()
        self._child.wait()

    def ask(self, cells: list[str]) -> None:
        self._tell(Frame.ROWS, cells)

    def answer(self) -> list[PlainResult]:
        return list(zip(*self._hear(), strict=True))

    def votes(self) -> Votes:
        self._tell(Frame.END, {})
        return Votes(**self._hear())

    def _tell(self, kind: Frame, payload: Any) -> None:
        try:
            send(self._to_child, kind, payload)
        except BrokenPipeError:
            raise self._cause_of_death() from None

    def _hear(self) -> Any:
        try:
            return receive(self._from_child)[1]
        except BrokenStream:
            raise self._cause_of_death() from None

    def _cause_of_death(self) -> Unreadable:
        return Unreadable(TOO_SLOW if self._child.wait() == -signal.SIGXCPU else HELPER_ENDED)


def check_all(checker: Checker, chunks: Iterable[Sequence[Row]]) -> Iterator[list[Outcome]]:
    """The result of `checker.check` for each chunk, in order; for large files a separate process reads the phones."""
    rest = iter(chunks)
    first = next(rest, None)
    if first is None:
        return
    yield checker.check(first)
    waiting = next(rest, None)
    if waiting is None:
        return
    with SideReader(checker.reader) as side:
        side.ask(checker.phone_cells(waiting))
        for rows in rest:
            results = side.answer()
            side.ask(checker.phone_cells(rows))
            yield checker.check(waiting, results)
            waiting = rows
        yield checker.check(waiting, side.answer())
        checker.reader.votes += side.votes()
