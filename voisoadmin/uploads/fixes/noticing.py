"""The counts that a check stored beside the draft, after rows moved: of its questions and its warnings."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from voisoadmin.contacts.bare_digits import OPEN_CODES
from voisoadmin.contacts.questions import COUNTRY, SHIFTED
from voisoadmin.contacts.verdicts import SAME_NUMBER, SHIFTED_ROW
from voisoadmin.pushes.draft_places import WAITING

ASKED_ABOUT = {**dict.fromkeys(OPEN_CODES, COUNTRY), SHIFTED_ROW: SHIFTED}
"""Reasons of rows that a question counts, to its code."""
WARNED = frozenset({WAITING, SAME_NUMBER, "known_here"})


class Moved(NamedTuple):
    reason_before: str
    reason_after: str
    warnings_before: tuple[str, ...]
    warnings_after: tuple[str, ...]


def note_moved(notices: dict[str, Any], moved: Iterable[Moved]) -> None:
    for one in moved:
        _count_warnings(notices, one.reason_before, one.warnings_before, -1)
        _count_warnings(notices, one.reason_after, one.warnings_after, +1)
        asked_before, asked_after = ASKED_ABOUT.get(one.reason_before, ""), ASKED_ABOUT.get(one.reason_after, "")
        ready = (one.reason_after == WAITING) - (one.reason_before == WAITING)
        for question in notices.get("questions", []):
            concerned = question["code"] in {asked_before, asked_after} and not question["chosen"]
            if concerned and asked_before != asked_after:
                question["count"] += 1 if question["code"] == asked_after else -1
            elif not concerned:
                for answer in question["answers"]:
                    if answer.get("ready") is not None:
                        answer["ready"] += ready
    # The last row was fixed by hand: there is nothing left to ask.
    notices["questions"] = [one for one in notices.get("questions", []) if one["count"] > 0 or one["chosen"]]


def _count_warnings(notices: dict[str, Any], reason: str, codes: tuple[str, ...], change: int) -> None:
    if not codes or reason not in WARNED:
        return
    counts = [notices.setdefault("warnings", {})]
    if reason == WAITING:
        of_ready = notices.setdefault("ready_with_warnings", {"rows": 0, "codes": {}})
        of_ready["rows"] += change
        counts.append(of_ready["codes"])
    for count in counts:
        for code in dict.fromkeys(codes):
            count[code] = count.get(code, 0) + change
            if count[code] <= 0:
                del count[code]
