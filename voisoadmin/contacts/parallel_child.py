"""A helper process for large checks: `python -m voisoadmin.contacts.parallel_child` only reads phone cells.

It uses the frames of the sheet reader and ends when the parent is gone. It imports neither Django nor our settings.
"""

import gc
import sys

from voisoadmin.lib.lifeline import end_with_parent
from voisoadmin.phones import Reader
from voisoadmin.sheets.facts import MIB
from voisoadmin.sheets.reader.frames import BrokenStream, Frame, receive, send
from voisoadmin.sheets.reader.limiting import limit_myself

MEMORY_BYTES = 1024 * MIB


def main() -> None:
    end_with_parent()
    gc.disable()  # no object here refers to itself
    cells, answers = sys.stdin.buffer, sys.stdout.buffer
    try:
        _, request = receive(cells)
        limit_myself(memory_bytes=MEMORY_BYTES, cpu_seconds=request["cpu_seconds"])
        reader = Reader.from_json(request["reader"])
        while True:
            kind, payload = receive(cells)
            if kind is Frame.END:
                send(answers, Frame.END, reader.evidence)
                return
            send(answers, Frame.ROWS, list(zip(*map(reader.read_cell, payload), strict=True)))
    except (BrokenStream, BrokenPipeError):
        return  # the parent is gone


if __name__ == "__main__":
    main()
