"""Reads a list while it arrives, item by item, so that an answer of any size needs little memory.

An answer is a JSON value in which one array is the list: the answer itself, or an array under one of the possible names.
Each item is parsed as soon as it is complete, and only the parser's result is kept. The rest of the answer is small and
kept unchanged: it may contain the total, or a refusal. The limits are ours; Voiso documents none.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, TypeVar

import ijson

from voisoadmin.voiso.errors import NoReply
from voisoadmin.voiso.shapes import UnusableShape, kept_bytes

T = TypeVar("T")

MAX_ITEMS = 100_000
MAX_ITEM_BYTES = 64 * 1024  # of one item, and of everything around the list
MAX_KEPT_BYTES = 32 * 1024 * 1024  # of all items together, parsed
MAX_TOKEN_BYTES = 128 * 1024
MAX_DEPTH = 40
LIST_DEPTH = 3  # {"data": {"campaigns": [...]}} has 2
FEED_BYTES = 16 * 1024
NODE_BYTES = 64  # approximate memory of a small value
BOM = b"\xef\xbb\xbf"
# The parser crashes on an integer with more digits than Python converts (4300), so it must never see one.
LONGEST_NUMBER = 2000
NOT_JSON = (ijson.JSONError, ValueError, ArithmeticError)  # computing with an unbounded exponent would take for ever
TOO_MANY_DIGITS = re.compile(rb"[0-9]{%d}" % LONGEST_NUMBER)


@dataclass(slots=True)
class Items(Generic[T]):
    """A list found in the answer: its parsed items, and how many entries couldn't be parsed."""

    parsed: list[T] = field(default_factory=list)
    skipped: int = 0

    @property
    def count(self) -> int:
        return len(self.parsed) + self.skipped


class ListReader(Generic[T]):
    """Takes an answer piece by piece. `names`: possible names of the list; `parse` raises UnusableShape for an entry to
    skip."""

    def __init__(self, names: Iterable[str], parse: Callable[[object], T]) -> None:
        self._builder = _Builder(frozenset(names), parse)
        self._parser = ijson.basic_parse_coro(self._builder, use_float=False)
        self._start: bytes | None = b""  # until there is enough to recognise a byte order mark
        self._bytes_without_token = 0
        self._last_bytes = b""

    def feed(self, piece: bytes) -> None:
        """Raises NoReply if the list is too long. Invalid JSON is reported at the end."""
        if self._start is not None:
            self._start += piece
            if len(self._start) < len(BOM):
                return
            piece, self._start = self._start.removeprefix(BOM), None
        for start in range(0, len(piece), FEED_BYTES):
            self._send(piece[start : start + FEED_BYTES])

    def finish(self) -> object:
        """The answer with Items in place of each list. Raises UnusableShape if it wasn't valid JSON."""
        if self._start is not None:
            self._send(self._start)
            self._start = None
        if not self._builder.is_broken:
            try:
                self._parser.close()
            except NOT_JSON:
                self._builder.is_broken = True
        return self._builder.result()

    def _send(self, piece: bytes) -> None:
        builder = self._builder
        if builder.is_broken:
            return
        if TOO_MANY_DIGITS.search(self._last_bytes + piece):
            builder.is_broken = True
            return
        self._last_bytes = (self._last_bytes + piece)[-LONGEST_NUMBER:]
        tokens = builder.tokens
        try:
            self._parser.send(piece)
        except NOT_JSON:
            builder.is_broken = True
        if builder.is_too_long:
            raise NoReply("Voiso's list is too long to read.")
        self._bytes_without_token = self._bytes_without_token + len(piece) if builder.tokens == tokens else 0
        if self._bytes_without_token > MAX_TOKEN_BYTES:
            builder.is_broken = True


@dataclass(slots=True)
class _Open:
    """An array, object or list whose end has not arrived."""

    container: dict[str, object] | list[object] | Items[object]
    key: str = ""


class _Builder:
    """Builds values from the parser's events. Raises nothing, because the parser is written in C and would hide it."""

    def __init__(self, names: frozenset[str], parse: Callable[[object], object]) -> None:
        self._names = names
        self._parse = parse
        self._stack: list[_Open] = []
        self._list: Items[object] | None = None  # the open one
        self._skipping = 0  # open containers of the entry being skipped
        self._entry_bytes = 0
        self._around_bytes = 0
        self._kept_bytes = 0
        self._items = 0
        self._result: object = None
        self.tokens = 0
        self.is_broken = False
        self.is_too_long = False

    def result(self) -> object:
        if self.is_broken or self._stack or not self.tokens:
            raise UnusableShape
        return self._result

    def send(self, event: tuple[str, object]) -> None:
        self.tokens += 1
        kind, value = event
        if self.is_broken or self.is_too_long:
            return
        if self._skipping:
            self._skip(kind)
        elif kind in ("start_map", "start_array"):
            self._open({} if kind == "start_map" else Items() if self._may_be_the_list() else [])
        elif kind in ("end_map", "end_array"):
            self._close()
        elif kind == "map_key":
            self._key(str(value))
        else:
            self._scalar(value)

    def _may_be_the_list(self) -> bool:
        return self._list is None and len(self._stack) < LIST_DEPTH and all(open_.key in self._names for open_ in self._stack)

    def _open(self, container: dict[str, object] | list[object] | Items[object]) -> None:
        self._stack.append(_Open(container))
        if isinstance(container, Items):
            self._list = container
        elif len(self._stack) > MAX_DEPTH:
            self._refuse()
        else:
            self._weigh(NODE_BYTES)

    def _close(self) -> None:
        container = self._stack.pop().container
        if container is self._list:
            self._list = None
        self._add(container)

    def _key(self, key: str) -> None:
        open_ = self._stack[-1]
        if isinstance(open_.container, dict) and key in open_.container:
            self._refuse()  # stated twice: which one is right?
            return
        open_.key = key
        self._weigh(NODE_BYTES + len(key))

    def _scalar(self, value: object) -> None:
        if isinstance(value, Decimal):
            value = float(value)
            if value in (float("inf"), float("-inf")):
                self._refuse()
                return
        if self._weigh(NODE_BYTES + (len(value) if isinstance(value, str) else 0)):
            self._add(value)

    def _add(self, value: object) -> None:
        if not self._stack:
            self._result = value
            return
        open_ = self._stack[-1]
        if isinstance(open_.container, Items):
            self._entry(open_.container, value)
        elif isinstance(open_.container, list):
            open_.container.append(value)
        else:
            open_.container[open_.key] = value

    def _entry(self, items: Items[object], value: object) -> None:
        try:
            parsed = self._parse(value)
        except UnusableShape:
            items.skipped += 1
        else:
            items.parsed.append(parsed)
            self._kept_bytes += kept_bytes(parsed)
        self._entry_ended()

    def _entry_ended(self) -> None:
        self._entry_bytes = 0
        self._items += 1
        self.is_too_long = self._items > MAX_ITEMS or self._kept_bytes > MAX_KEPT_BYTES

    def _weigh(self, size: int) -> bool:
        """Count the memory of a value; False if it was too much and isn't kept."""
        if self._list is None:
            self._around_bytes += size
            if self._around_bytes > MAX_ITEM_BYTES:
                self._refuse()
        else:
            self._entry_bytes += size
            if self._entry_bytes > MAX_ITEM_BYTES:
                self._refuse()
        return not (self.is_broken or self._skipping)

    def _refuse(self) -> None:
        """Skip the entry; outside a list there is nothing to skip, and the answer is unreadable."""
        if self._list is None:
            self.is_broken = True
            return
        while self._stack[-1].container is not self._list:
            self._stack.pop()
            self._skipping += 1
        if not self._skipping:
            self._skipped()

    def _skip(self, kind: str) -> None:
        self._skipping += (kind in ("start_map", "start_array")) - (kind in ("end_map", "end_array"))
        if not self._skipping:
            self._skipped()

    def _skipped(self) -> None:
        if self._list is not None:
            self._list.skipped += 1
        self._entry_ended()
