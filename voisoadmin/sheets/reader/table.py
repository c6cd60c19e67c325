"""The parent's side of reading: starts the child, yields its rows, and explains in a sentence why it died."""

from __future__ import annotations

import logging
import os
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from voisoadmin.sheets.facts import Limits, ReadChoices, RowMarks, SheetFacts, Unreadable
from voisoadmin.sheets.reader.frames import BrokenStream, Frame
from voisoadmin.sheets.reader.helper import Helper, Meanwhile, nothing

log = logging.getLogger(__name__)

Row = tuple[int, list[str]]

TOO_MUCH_MEMORY = "Couldn't read the file: it needs too much memory. Save it as CSV and upload that."
TOO_MUCH_TIME = "Couldn't read the file: it took too long. Save it as CSV and upload that."
READER_ENDED = "Couldn't read the file: it is damaged or has an unknown structure. Save it again, or as CSV."
OUT_OF_MEMORY_SIGNALS = {signal.SIGABRT, signal.SIGKILL, signal.SIGSEGV, signal.SIGBUS}


def open_table(
    path: Path | str, choices: ReadChoices, limits: Limits, *, file_name: str = "", meanwhile: Meanwhile = nothing
) -> Table:
    """Start reading a file in a child process; use it in a `with` statement.

    Raises Unreadable at once for problems visible at the beginning of the file; `chunks` may raise it later. `meanwhile`
    is called repeatedly while the child is working; an exception from it ends the reading.
    """
    return Table(Path(path), choices, limits, file_name or Path(path).name, meanwhile)


class Table:
    """One spreadsheet being read: `facts`, then `preview` or `chunks`.

    `chunks` can be consumed once; it yields every row below the header that isn't blank, in the same chunks every time.
    """

    facts: SheetFacts
    marks: RowMarks  # complete when the first chunk is taken

    def __init__(self, path: Path, choices: ReadChoices, limits: Limits, file_name: str, meanwhile: Meanwhile) -> None:
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._child = Helper("voisoadmin.sheets.reader.child", meanwhile=meanwhile, stderr=self._stderr)
        self._meanwhile = meanwhile
        self._taken = False
        self.marks = RowMarks()
        try:
            request = {
                "path": os.fsencode(path.absolute()).hex(),  # a name on disk is bytes, and not always valid text
                "file_name": file_name.encode("utf-8", "replace").decode(),
                "choices": asdict(choices),
                "limits": asdict(limits),
            }
            self._tell(Frame.REQUEST, request)
            found = self._next(Frame.FACTS)
            self.facts = SheetFacts.from_json(found["facts"])
            self._first_rows: list[Row] = [(number, row) for number, row in found["rows"]]
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def preview(self, rows: int) -> list[Row]:
        """The first rows below the header, at most 200, without reading the rest of the file."""
        return self._first_rows[:rows]

    def chunks(self) -> Iterator[list[Row]]:
        """Rows below the header in chunks of about 2000: the number a spreadsheet shows, and the cells as text."""
        if self._taken:
            raise RuntimeError("The rows of a table can be taken once; open it again.")
        self._taken = True
        self._tell(Frame.GO, {})
        while True:
            kind, payload = self._receive()
            if kind is Frame.END:
                self.facts = SheetFacts.from_json(payload["facts"])
                return
            if kind is Frame.MARKS:
                self.facts = SheetFacts.from_json(payload["facts"])
                self.marks.hidden += map(tuple, payload["hidden"])
                self.marks.struck += map(tuple, payload["struck"])
                continue
            # A fast child never keeps us waiting, which is when `meanwhile` is called otherwise.
            self._meanwhile()
            numbers, rows = payload
            yield list(zip(range(numbers, numbers + len(rows)) if isinstance(numbers, int) else numbers, rows, strict=True))

    def close(self) -> None:
        """End the child, whatever it does, and wait for it. Safe to repeat."""
        self._child.close()
        self._stderr.close()

    def _tell(self, kind: Frame, payload: Any) -> None:
        try:
            self._child.send(kind, payload)
        except BrokenPipeError:
            raise self._cause_of_death() from None

    def _next(self, expected: Frame) -> Any:
        kind, payload = self._receive()
        if kind is not expected:
            raise RuntimeError(f"The reader sent {kind.name} instead of {expected.name}.")
        return payload

    def _receive(self) -> tuple[Frame, Any]:
        try:
            kind, payload = self._child.receive()
        except BrokenStream:
            raise self._cause_of_death() from None
        if kind is Frame.UNREADABLE:
            raise Unreadable(payload["sentence"], payload["code"])
        return kind, payload

    def _cause_of_death(self) -> Unreadable:
        """The child ended without a reason: return the likely one, and log what it left behind."""
        code = self._child.wait()
        self._stderr.seek(0)
        left_behind = self._stderr.read(20_000).decode("utf-8", "replace")
        log.warning("The reader of a spreadsheet ended with %s: %s", code, left_behind)
        if code == -signal.SIGXCPU:
            return Unreadable(TOO_MUCH_TIME)
        if code < 0 and -code in OUT_OF_MEMORY_SIGNALS:
            return Unreadable(TOO_MUCH_MEMORY)
        return Unreadable(READER_ENDED)
