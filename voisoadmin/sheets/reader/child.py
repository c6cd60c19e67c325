"""The reading child process: `python -m voisoadmin.sheets.reader.child`, one file per process, controlled through frames.

It limits itself before it looks at the file, sends the facts with the first rows, waits for a request for the rest, and
ends when the parent is gone. It imports neither Django nor our settings, so it starts in a few hundredths of a second.
"""

import os
import signal
import stat
import sys
import traceback
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from voisoadmin.lib.lifeline import PARENT_GONE, end_with_parent
from voisoadmin.sheets.book.workbook import WorkbookReading, read_workbook
from voisoadmin.sheets.facts import Limits, ReadChoices, Unreadable
from voisoadmin.sheets.kind import FileKind, kind_of
from voisoadmin.sheets.protocol import SheetReading
from voisoadmin.sheets.reader.frames import BrokenStream, Frame, receive, send
from voisoadmin.sheets.reader.limiting import limit_memory, limit_myself, limit_time
from voisoadmin.sheets.text.delimited import read_delimited
from voisoadmin.sheets.text.whole_lines import with_lines_parted

TOO_MUCH_TEXT = "The rows of the file are far longer than the file itself. Save it as CSV and upload that."


def reading_of(path: Path, choices: ReadChoices, limits: Limits, file_name: str) -> SheetReading:
    try:
        status = path.stat()
    except FileNotFoundError:
        raise Unreadable(f"No such file: “{file_name}”.") from None
    except OSError as problem:
        raise Unreadable(f"Can't open “{file_name}”: {problem.strerror}.") from None
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable(f"“{file_name}” is not a file.")
    kind = kind_of(path, file_name, limits, status.st_size)

    def read(choices: ReadChoices) -> SheetReading:
        if kind is FileKind.CSV:
            return read_delimited(path, choices, limits)
        return read_workbook(path, kind, choices, limits)

    return with_lines_parted(read(choices), read, choices, limits)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    _, request = receive(requests)
    limits = Limits(**request["limits"])
    limit_myself(memory_bytes=limits.memory_bytes, cpu_seconds=limits.cpu_seconds)

    def answer(kind: Frame, payload: Any) -> int:
        # If the parent hangs, don't keep this process and the file's memory for ever.
        signal.alarm(limits.stall_seconds)
        length = send(answers, kind, payload)
        signal.alarm(0)
        return length

    try:
        path = Path(os.fsdecode(bytes.fromhex(request["path"])))
        size = path.stat().st_size if path.is_file() else 0
        limit_time(limits.cpu_seconds_for(size))
        limit_memory(limits.memory_bytes_for(size))
        reading = reading_of(path, ReadChoices(**request["choices"]), limits, request["file_name"])
        answer(Frame.FACTS, {"facts": reading.facts().to_json(), "rows": reading.first_rows})
        signal.alarm(limits.stall_seconds)
        kind, _ = receive(requests)
        signal.alarm(0)
        if kind is not Frame.GO:
            raise BrokenStream(f"{kind.name} instead of GO")
        if isinstance(reading, WorkbookReading):
            reading.look_closer()
            answer(Frame.MARKS, {"facts": reading.facts().to_json(), **asdict(reading.marks)})
        text = 0
        for frame in counted(reading.frames(), limits):
            text += answer(Frame.ROWS, frame)
            if text > limits.text_for(size):
                raise Unreadable(TOO_MUCH_TEXT, "too_large")
        answer(Frame.END, {"facts": reading.facts().to_json()})
    except Unreadable as problem:
        answer(Frame.UNREADABLE, {"sentence": str(problem), "code": problem.code})
    except MemoryError:
        sentence = "The file needs too much memory. Save it as CSV and upload that."
        answer(Frame.UNREADABLE, {"sentence": sentence, "code": "too_large"})


def counted(frames: Iterator[Any], limits: Limits) -> Iterator[Any]:
    rows = 0
    for frame in frames:
        rows += len(frame[1])
        if rows > limits.max_rows:
            raise Unreadable(f"The file has more than {limits.max_rows:,} rows. Split it and upload the parts.")
        yield frame


def main() -> None:
    end_with_parent()
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    try:
        serve(requests, answers)
    except (BrokenStream, BrokenPipeError):
        os._exit(PARENT_GONE)  # the parent is gone, so there is nowhere to report it
    except BaseException as problem:
        # A panic in calamine isn't an Exception. Its message may quote cells of the file: keep only the kind and the place.
        sys.stderr.write(f"{type(problem).__qualname__}\n")
        sys.stderr.writelines(traceback.format_tb(problem.__traceback__))
        sys.stderr.flush()
        os._exit(3)


if __name__ == "__main__":
    main()
