"""Reads a sentence from JSON, as `Sentence.as_json` writes it."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from voisoadmin.rules.sentence import (
    ASSIGNED,
    CENTRE,
    EVERY_DAY,
    TEAM,
    Accepted,
    Agents,
    AtMostOnce,
    AutoPaused,
    Condition,
    Hours,
    Join,
    NotASentence,
    Problem,
    Sentence,
    Since,
    Then,
    TimeLine,
    Times,
    WaitingContacts,
    Which,
)


def understood(data: object) -> Sentence:
    """A sentence that may have problems, as a half filled form is. Raises NotASentence if the shape itself is wrong."""
    try:
        return _understood(data)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        raise NotASentence([Problem("lines", "This isn't a rule's sentence.")]) from None


def _understood(data: object) -> Sentence:
    if not isinstance(data, Mapping):
        raise ValueError
    join = Join.ALL if Join.ALL.value in data else Join.ANY
    hours = data.get("hours")
    sentence = Sentence(
        join=join,
        parts=tuple(_part(part) for part in data[join.value]),
        states=tuple(str(status) for status in data.get("while") or ()),
        then=Then(data["then"]),
        at_most_once=AtMostOnce(data.get("at_most_once", AtMostOnce.DAY)),
        window=_whole(data.get("window", 10)),
        hours=Hours(_days(hours["weekdays"]), _clock(hours["from"]), _clock(hours["to"])) if hours else None,
        zone=str(data.get("zone") or ""),
        days_off=str(data.get("days_off") or ""),
    )
    return sentence


def _part(data: Mapping[str, Any]) -> Times | Condition:
    match data["kind"]:
        case "times":
            return Times(
                tuple(TimeLine(_days(line["weekdays"]), _clock(line["at"]), Then(line["then"])) for line in data["lines"])
            )
        case "accepted":
            return Accepted(Since(data["since"]), _whole(data["at_least"]))
        case "waiting_contacts":
            return WaitingContacts(_whole(data["fewer_than"]))
        case "auto_pause":
            return AutoPaused(_whole(data["minutes"]))
        case "agents":
            bounds = {name: _whole(data[name]) for name in ("at_least", "fewer_than") if data.get(name) is not None}
            if len(bounds) != 1:
                raise ValueError
            return Agents(Which(data["which"]), _whose(data["of"]), _whole(data["minutes"]), **bounds)
    raise ValueError


def _whose(of: str) -> str:
    if of in (ASSIGNED, CENTRE) or (
        of.startswith(TEAM) and of.removeprefix(TEAM).isascii() and of.removeprefix(TEAM).isdigit()
    ):
        return of
    raise ValueError


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError
    return value


def _days(value: object) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or any(day not in EVERY_DAY for day in value):
        raise ValueError
    return tuple(sorted({int(day) for day in value}))


def _clock(text: object) -> time:
    if not isinstance(text, str) or len(text) != 5:
        raise ValueError
    return time.fromisoformat(text)
