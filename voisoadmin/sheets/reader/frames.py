"""The protocol between the reading child and its parent: a kind, a length, a payload of JSON."""

import struct
from enum import IntEnum
from typing import IO, Any, Protocol

import orjson

HEADER = struct.Struct("<BI")
MAX_PAYLOAD = 1 << 30  # a chunk is far smaller; a length beyond this is a broken stream


class Frame(IntEnum):
    REQUEST = 1  # parent: what to read
    GO = 2  # parent: send the rows
    FACTS = 3  # child: what was found, with the first rows
    ROWS = 4  # child: numbers and rows
    END = 5  # child: the facts again, now with every note
    MARKS = 7  # child: which rows are hidden; once, before the first rows
    UNREADABLE = 6  # child: the error message for a person


class Writable(Protocol):
    """A stream whose `write` writes everything."""

    def write(self, data: bytes, /) -> object: ...

    def flush(self) -> object: ...


class BrokenStream(Exception):
    """The other side ended, or sends something that isn't a frame."""


def send(stream: Writable, kind: Frame, payload: Any) -> int:
    """Return the length of the payload."""
    data = orjson.dumps(payload)
    stream.write(HEADER.pack(kind, len(data)))
    stream.write(data)
    stream.flush()
    return len(data)


def receive(stream: IO[bytes]) -> tuple[Frame, Any]:
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        raise BrokenStream("no more frames")
    kind, length = HEADER.unpack(header)
    if length > MAX_PAYLOAD:
        raise BrokenStream("a frame of impossible length")
    data = stream.read(length)
    if len(data) < length:
        raise BrokenStream("a frame was cut off")
    return Frame(kind), orjson.loads(data)
