"""Which row of a number is sent: the first one. After an edit, the next one moves up, or a later one down."""

from __future__ import annotations

from typing import NamedTuple

from voisoadmin.contacts.verdicts import SAME_NUMBER, UNANSWERED
from voisoadmin.pushes.draft_places import WAITING, DraftPlaces, Place
from voisoadmin.pushes.models import EditedRow, RejectedRecord
from voisoadmin.uploads.fixes.judging import KNOWN, NeedsCheck, RowJudge
from voisoadmin.uploads.intake.number_index import NumberIndex

MOST_ROWS = 20  # with the same number: more of them are left to a check
CONTENDING = (WAITING, KNOWN, SAME_NUMBER)


class Contender(NamedTuple):
    row: int
    first_row: int | None  # the row that is sent instead, as far as the draft says now


def settle(number: str, places: DraftPlaces, index: NumberIndex, judge: RowJudge) -> None:
    """Let the first row with this number be sent, and the others point to it. Raises NeedsCheck."""
    contenders = _contenders(number, places, index)
    if not contenders:
        return
    first = contenders[0].row
    for one in contenders:
        wanted = None if one.row == first else first
        if one.first_row == wanted:
            continue
        place = places.find(one.row)
        if place is None or place.reason not in CONTENDING:
            raise NeedsCheck
        row, reason = judge.first(place.row) if wanted is None else (place.row._replace(first_row=first), SAME_NUMBER)
        places.take(place)
        places.put(row, reason)


def number_of_contender(place: Place, index: NumberIndex) -> str:
    """The number of a row that is sent if it is the first one with it; "" for any other row. Raises NeedsCheck."""
    number = place.row.number
    if place.reason in CONTENDING:
        return number
    is_of_check = isinstance(place.source, int)
    if number and is_of_check and place.row.row_number in index.rows(int(number), most=MOST_ROWS + 1):
        raise NeedsCheck  # the answer to a question about the file keeps it back
    return ""


def _contenders(number: str, places: DraftPlaces, index: NumberIndex) -> list[Contender]:
    """In file order: rows as the check found them, and edited ones."""
    of_check = index.rows(int(number), most=MOST_ROWS + 1)
    edited = EditedRow.objects.filter(push=places.push, number=number, reason__in=CONTENDING)
    found: dict[int, int | None] = dict(edited.values_list("row_number", "first_row")[: MOST_ROWS + 1])
    if len(of_check) > MOST_ROWS or len(found) > MOST_ROWS:
        raise NeedsCheck
    own = {"push": places.push, "row_number__in": of_check}
    records = dict(RejectedRecord.objects.filter(**own).values_list("row_number", "reason"))
    if UNANSWERED in records.values():
        raise NeedsCheck
    elsewhere = {*EditedRow.objects.filter(**own).values_list("row_number", flat=True), *records}
    for row in of_check:
        if row not in elsewhere:
            found[row] = None if row == of_check[0] else of_check[0]
    return [Contender(row, found[row]) for row in sorted(found)]
