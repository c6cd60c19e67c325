"""Passwords are hashed one at a time, a few attempts wait, and a known browser goes first."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import make_password

from voisoadmin.accounts.gate import Gate, NoPlace

PATIENCE = 60.0


class Line:
    """People who arrive at the gate one by one; the first one's turn ends when the test says so."""

    def __init__(self, gate: Gate, pool: ThreadPoolExecutor) -> None:
        self.gate, self.pool = gate, pool
        self.first_may_go = threading.Event()
        self.order: list[str] = []
        self.tries: dict[str, Future[None]] = {}

    def come(self, name: str, *, is_known: bool = False) -> None:
        """Returns when the attempt waits, has its turn or is refused."""
        before = len(self.gate._line), len(self.order)
        self.tries[name] = self.pool.submit(self._try, name, is_known)
        until = threading.Event()
        while (len(self.gate._line), len(self.order)) == before and not self.tries[name].done():
            if is_known and len(self.gate._line) == self.gate._room and any(try_.done() for try_ in self.tries.values()):
                break  # it took another's place, so the line is as long as before
            until.wait(0.005)

    def _try(self, name: str, is_known: bool) -> None:
        with self.gate.turn(is_known=is_known):
            self.order.append(name)
            if len(self.order) == 1:
                assert self.first_may_go.wait(PATIENCE)

    def sent_away(self) -> set[str]:
        self.first_may_go.set()
        return {name for name, ended in self.tries.items() if isinstance(ended.exception(PATIENCE), NoPlace)}


@pytest.fixture
def line() -> Iterator[Line]:
    with ThreadPoolExecutor(32) as pool:
        line = Line(Gate(room=3), pool)
        yield line
        line.first_may_go.set()


def test_tries_have_their_turns_in_the_order_in_which_they_came(line):
    for name in "abcd":
        line.come(name)

    assert line.sent_away() == set()
    assert line.order == list("abcd")


def test_one_that_finds_the_line_full_is_sent_away_at_once(line):
    for name in "abcde":
        line.come(name)

    assert isinstance(line.tries["e"].exception(PATIENCE), NoPlace), "while the first one still has its turn"
    assert line.sent_away() == {"e"}


def test_known_browsers_go_first_in_the_order_in_which_they_came(line):
    line.come("a")
    line.come("stranger")
    line.come("ines", is_known=True)
    line.come("omar", is_known=True)

    assert line.sent_away() == set()
    assert line.order == ["a", "ines", "omar", "stranger"]


def test_a_known_browser_takes_the_place_of_the_last_stranger_in_a_full_line(line):
    for name in "abcd":
        line.come(name)
    line.come("ines", is_known=True)

    assert line.sent_away() == {"d"}
    assert line.order == ["a", "ines", "b", "c"]


def test_where_only_known_browsers_wait_one_more_is_sent_away(line):
    line.come("a")
    for name in "bcde":
        line.come(name, is_known=True)

    assert line.sent_away() == {"e"}


def test_a_turn_that_fails_lets_the_next_one_in(line):
    with pytest.raises(ZeroDivisionError), line.gate.turn(is_known=False):
        raise ZeroDivisionError

    line.come("next")
    assert line.sent_away() == set()


def test_a_line_that_does_not_move_does_not_hold_a_thread_for_ever(line, monkeypatch):
    monkeypatch.setattr("voisoadmin.accounts.gate.LONGEST_WAIT", 0.05)
    line.come("a")
    line.come("b")

    assert isinstance(line.tries["b"].exception(PATIENCE), NoPlace)
    assert line.sent_away() == {"b"}


def test_only_one_password_is_hashed_at_a_time_for_whatever_purpose(settings, monkeypatch):
    settings.PASSWORD_HASHERS = ["voisoadmin.accounts.hashers.Scrypt"]
    at_once, most = [], []

    def watched(*args: object, **kwargs: object) -> bytes:
        at_once.append(1)
        most.append(len(at_once))
        threading.Event().wait(0.02)
        at_once.pop()
        return b"x" * 64

    monkeypatch.setattr("hashlib.scrypt", watched)  # the library's hasher, which records who is in it at the same time

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(make_password, ["correct horse battery"] * 6))

    assert most == [1] * 6
