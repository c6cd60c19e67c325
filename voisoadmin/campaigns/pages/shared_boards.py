"""The board as it was a moment ago, for everyone who sees the same: fifty open boards are read as often as one.

Only polls are answered with it, and none with what was read before a person changed something. Only a server that is the one
process for all requests shares: with several, one wouldn't know what was changed in another.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponseBase

from voisoadmin.accounts.models import User
from voisoadmin.accounts.roles import changes_something
from voisoadmin.campaigns.pages.board import Board, show_board
from voisoadmin.campaigns.pages.board_filter import BoardFilter
from voisoadmin.campaigns.pages.board_reading import read_connections
from voisoadmin.connections.models import Connection
from voisoadmin.lib.clock import monotonic
from voisoadmin.lib.one_process import answers_all_requests

SECONDS = 1.0  # open boards ask every three seconds at most

Sees = tuple[int, ...] | None
"""The contact centres that a user may see; None: all. What a board shows depends on nothing else of a user, but for buttons."""


@dataclass(frozen=True, slots=True)
class _Kept:
    board: Board
    began_at: float


class SharedBoards:
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._kept: dict[tuple[Sees, BoardFilter], _Kept] = {}
        self._changed_at = 0.0

    def now(self, user: User, choice: BoardFilter, *, at: datetime) -> Board:
        """Kept for the polls that follow, which must not go back behind it."""
        began_at = monotonic()
        return self._read(user, choice, read_connections(user, at=at), began_at, at=at)

    def lately(self, user: User, choice: BoardFilter, *, at: datetime) -> Board:
        """As it was a moment ago, with the user's own buttons."""
        if user.sees_all_centres and (kept := self._good(None, choice)):
            return _for(user, kept)
        began_at = monotonic()
        # Read now, because a right may have been withdrawn.
        connections = read_connections(user, at=at)
        if not user.sees_all_centres and (kept := self._good(connections, choice)):
            return _for(user, kept)
        return self._read(user, choice, connections, began_at, at=at)

    def forget(self) -> None:
        """A person has changed something, and must see it now. What is being read at this moment may lack it."""
        self._changed_at = monotonic()
        self._kept.clear()

    def _read(self, user: User, choice: BoardFilter, connections: list[Connection], began_at: float, *, at: datetime) -> Board:
        board = show_board(user, choice, connections, at=at)
        if answers_all_requests.is_set():
            board.versions, board.row_versions  # noqa: B018 - read now, before other threads have it
            key = _seen(None if user.sees_all_centres else connections), choice
            before = self._kept.get(key)
            if before is None or before.began_at < began_at:
                self._kept[key] = _Kept(board, began_at)
            for other, kept in list(self._kept.items()):
                if not self._is_good(kept):
                    self._kept.pop(other, None)
        return _for(user, board)

    def _good(self, connections: list[Connection] | None, choice: BoardFilter) -> Board | None:
        kept = self._kept.get((_seen(connections), choice))
        return kept.board if kept is not None and self._is_good(kept) else None

    def _is_good(self, kept: _Kept) -> bool:
        return kept.began_at > self._changed_at and monotonic() - kept.began_at < self.seconds


boards = SharedBoards(SECONDS)


def _for(user: User, shared: Board) -> Board:
    """A poll leaves in its board only what has changed."""
    board = copy(shared)
    board.user = user
    return board


class ChangesMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            return self.get_response(request)
        finally:
            if changes_something(request):
                boards.forget()


def _seen(connections: list[Connection] | None) -> Sees:
    return None if connections is None else tuple(sorted(connection.pk for connection in connections))
