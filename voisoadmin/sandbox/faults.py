"""What can go wrong between a client and Voiso, on demand."""

import threading
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

CONTACTS = frozenset({"add", "update"})
OPERATIONS = frozenset({"start", "pause", "stop"})
PEOPLE = frozenset({"people"})
LISTS = frozenset({"read"})
LOOKUPS = frozenset({"lookup"})
PRESENCE = frozenset({"presence"})  # a second kind of the requests that say the status of agents
READS = LISTS | LOOKUPS
WRITES = CONTACTS | OPERATIONS | PEOPLE
ANY = WRITES | READS
TARGETS = {
    "contacts": CONTACTS,
    "operations": OPERATIONS,
    "people": PEOPLE,
    "lists": LISTS,
    "lookups": LOOKUPS,
    "presence": PRESENCE,
    "reads": READS,
    "writes": WRITES,
    "any": ANY,
}


class Fault(StrEnum):
    """Options in brackets. `on` names the requests it affects (TARGETS); without it those in `_DEFAULT_TARGET`."""

    ANSWER_LOST = "answer_lost"  # processed, then: how = "reset" | "timeout" | "closed" | "502"
    RESET_BEFORE = "reset_before"  # nothing processed, and the client can't know
    UNREACHABLE = "unreachable"  # no connection; in process only
    HTML_502 = "html_502"  # acted = False
    SERVER_ERROR = "server_error"  # status = 500, acted = False
    RATE_LIMITED = "rate_limited"  # retry_after = None, or the header's text
    BUSY = "busy"  # shape = "409" | "400" | "422" | "429" | "unknown", for_seconds (scaled) instead of times
    TRUNCATED_JSON = "truncated_json"  # processed
    ODD_JSON = "odd_json"  # body = text, bytes, or a function of the true answer; status = 200, acted = True
    OTHER_FORM = "other_form"  # processed; form = one of `forms.FORMS`
    ECHO = "echo"  # refused, repeating our request in the answer: status = 422, text, bare = False; acted = False
    SLOW_DRIP = "slow_drip"  # processed; pause = 1.0 seconds a byte, not scaled; where = "body" | "headers"
    REDIRECT = "redirect"  # location, status = 302; nothing processed
    KEY_REVOKED = "key_revoked"  # from then on, until healed
    CAMPAIGN_GONE = "campaign_gone"  # from then on, until healed
    NOT_LIVE = "not_live"  # from then on, until healed
    PARTIAL_ANSWER = "partial_answer"  # missing = 1 numbers are not named; created = False: nor were they processed
    POISON = "poison"  # numbers (None: any) make Voiso refuse the whole call: status = 422, text; until healed


_DEFAULT_TARGET = {
    Fault.BUSY: "contacts",
    Fault.PARTIAL_ANSWER: "contacts",
    Fault.OTHER_FORM: "contacts",
    Fault.ECHO: "contacts",
    Fault.POISON: "contacts",
    Fault.NOT_LIVE: "contacts",
    Fault.KEY_REVOKED: "any",
    Fault.CAMPAIGN_GONE: "writes",
}
_UNTIL_HEALED = {Fault.POISON}


class ConnectionCut(Exception):
    """The client gets no whole answer. The server, or the test's transport, cuts the connection."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how  # reset, timeout, closed, unreachable


class Drip(ConnectionCut):
    """The answer arrives a byte at a time."""

    def __init__(self, head: bytes, body: bytes, *, pause: float, where: str) -> None:
        super().__init__("timeout")
        self.head, self.body, self.pause, self.where = head, body, pause, where


@dataclass(slots=True)
class Order:
    """One requested fault."""

    fault: Fault
    left: float  # times
    after: int  # requests that pass unharmed first
    campaign: int | None
    targets: frozenset[str]
    options: dict[str, Any]
    until: float = 0.0  # monotonic; of a fault that lasts for a time
    healed: bool = False

    def strikes(self, kinds: frozenset[str], campaign: int | None, numbers: tuple[str, ...]) -> bool:
        if self.healed or kinds.isdisjoint(self.targets) or (self.campaign is not None and self.campaign != campaign):
            return False
        poison = self.options.get("numbers")
        return poison is None or self.fault is not Fault.POISON or not poison.isdisjoint(numbers)


@dataclass(slots=True)
class Faults:
    """The requested faults; each request takes at most one, the oldest that applies."""

    time_scale: float
    orders: list[Order] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, fault: Fault, *, times: float | None, after: int, campaign: int | None, options: dict[str, Any]) -> None:
        targets = TARGETS[options.pop("on", _DEFAULT_TARGET.get(fault, "writes"))]
        if fault is Fault.POISON and options.get("numbers") is not None:
            options["numbers"] = frozenset(options["numbers"])
        if times is None:
            times = float("inf") if fault in _UNTIL_HEALED or "for_seconds" in options else 1
        with self.lock:
            self.orders.append(Order(fault, times, after, campaign, targets, options))

    def take(self, kinds: frozenset[str], campaign: int | None, numbers: tuple[str, ...]) -> Order | None:
        """The fault for this request, if any."""
        now = time.monotonic()
        with self.lock:
            self.orders = [order for order in self.orders if order.left > 0 and not order.healed]
            taken: Order | None = None
            for order in self.orders:
                if not order.strikes(kinds, campaign, numbers):
                    continue
                if order.after > 0:
                    order.after -= 1
                elif taken is None and self._use(order, now):
                    taken = order
            return taken

    def _use(self, order: Order, now: float) -> bool:
        seconds = order.options.get("for_seconds")
        if seconds is not None:
            if not order.until:
                order.until = now + seconds * self.time_scale
            elif now >= order.until:
                order.left = 0
                return False
        order.left -= 1
        return True

    def heal(self, fault: Fault | None) -> None:
        with self.lock:
            for order in self.orders:
                order.healed = order.healed or fault is None or order.fault is fault
