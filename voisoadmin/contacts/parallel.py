"""Phone cells read in a separate process: half the work of a large check, on the second core."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from voisoadmin.contacts.checker import Checker
from voisoadmin.contacts.verdicts import PlainResult, Row, Verdict
from voisoadmin.phones import PhoneCell, Reader
from voisoadmin.phones.bare import Evidence
from voisoadmin.sheets import Unreadable
from voisoadmin.sheets.reader.frames import BrokenStream, Frame
from voisoadmin.sheets.reader.helper import Helper, Meanwhile, nothing

CPU_SECONDS = 600  # of the process that reads phone cells: several times what the longest table takes
TOO_SLOW = "Couldn't check the file: it took too long. Split it and upload the parts."
HELPER_ENDED = "Couldn't check the file: a helper process of VoisoAdmin stopped. Try again."


class SideReader:
    """Reads cells as `reader` would: `ask`, then `answer`, one list at a time; use it in a `with` statement."""

    def __init__(self, reader: Reader, *, cpu_seconds: int = CPU_SECONDS, meanwhile: Meanwhile = nothing) -> None:
        self._child = Helper("voisoadmin.contacts.parallel_child", meanwhile=meanwhile)
        self._tell(Frame.REQUEST, {"reader": reader.to_json(), "cpu_seconds": cpu_seconds})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self._child.close()

    def ask(self, cells: Sequence[PhoneCell]) -> None:
        self._tell(Frame.ROWS, cells)

    def answer(self) -> list[PlainResult]:
        return list(zip(*self._hear(), strict=True))

    def evidence(self) -> Evidence:
        self._tell(Frame.END, {})
        return Evidence(**self._hear())

    def _tell(self, kind: Frame, payload: Any) -> None:
        try:
            self._child.send(kind, payload)
        except BrokenPipeError:
            raise self._cause_of_death() from None

    def _hear(self) -> Any:
        try:
            return self._child.receive()[1]
        except BrokenStream:
            raise self._cause_of_death() from None

    def _cause_of_death(self) -> Unreadable:
        return Unreadable(TOO_SLOW if self._child.wait() == -signal.SIGXCPU else HELPER_ENDED)


def check_all(checker: Checker, chunks: Iterable[Sequence[Row]], *, meanwhile: Meanwhile = nothing) -> Iterator[list[Verdict]]:
    """The result of `checker.check` for each chunk, in order; for large files a separate process reads the phones."""
    rest = iter(chunks)
    first = next(rest, None)
    if first is None:
        return
    yield checker.check(first)
    waiting = next(rest, None)
    if waiting is None:
        return
    with SideReader(checker.reader, meanwhile=meanwhile) as side:
        side.ask(checker.phone_cells(waiting))
        for rows in rest:
            results = side.answer()
            side.ask(checker.phone_cells(rows))
            yield checker.check(waiting, results)
            waiting = rows
        yield checker.check(waiting, side.answer())
        checker.reader.evidence.add(side.evidence())
