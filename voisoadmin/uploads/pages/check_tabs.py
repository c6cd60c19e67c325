"""The verdict of a check: its tabs with their counts, the reasons behind a tab, and which rows a tab has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from voisoadmin.contacts.optional_fields import KEPT, TAKEN_BACK
from voisoadmin.contacts.questions import PUT_BACK, kind_of, offers_of
from voisoadmin.contacts.reasons import BY_CODE, FOR_A_PERSON, LEFT_OUT, Bucket
from voisoadmin.contacts.wording import advice_of, sentence_of, title_of
from voisoadmin.lib.numbers import whole_number
from voisoadmin.lib.searching import contains, search_text
from voisoadmin.pushes.models import Batch, EditedRow, Push, RejectedRecord
from voisoadmin.pushes.row_search import MOST_ROWS
from voisoadmin.pushes.rows_of_drafts import READY, RowsWanted
from voisoadmin.uploads.fixes.bulk import Offer, offers
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages.buckets import reasons_of

CARDS_SHOWN = 7


class TabCode(StrEnum):
    """In addresses."""

    ALL = "all"
    READY = "ready"
    TO_FIX = "fix"
    REPEATS = "repeats"
    THERE = "there"
    DO_NOT_CALL = "do-not-call"
    LEFT_OUT = "left-out"
    WARNINGS = "warnings"


LABELS = {
    TabCode.ALL: ("All", "", "Every row of the file"),
    TabCode.READY: ("Ready", "b-progress", "Valid numbers that will be sent"),
    TabCode.TO_FIX: ("To fix", "b-invalid", "Not sent until they are fixed"),
    TabCode.REPEATS: ("Repeats", "b-dupfile", "Same number as an earlier row, which is used"),
    TabCode.THERE: ("Already there", "b-duplicate", "Already known in the campaign; not sent again"),
    TabCode.DO_NOT_CALL: ("Do-not-call", "b-suppressed", "Marked do-not-call; not sent"),
    TabCode.LEFT_OUT: ("Left out", "b-notsent", "Not sent, by choice"),
    TabCode.WARNINGS: ("Warnings", "", "Will be sent, but have a look; counted in Ready"),
}
BUCKETS = {
    TabCode.REPEATS: Bucket.DUPLICATE_IN_FILE,
    TabCode.THERE: Bucket.DUPLICATE,
    TabCode.DO_NOT_CALL: Bucket.SUPPRESSED,
    TabCode.LEFT_OUT: Bucket.NOT_SENT,
}
"""Tabs of rows that are left out, by their bucket."""


@dataclass(frozen=True, slots=True)
class CheckFilter:
    """What the address of a check asks for. An invalid filter filters nothing."""

    tab: TabCode
    reason: str = ""  # code
    query: str = ""
    after: int = -1  # the row number before the page

    @classmethod
    def from_query(cls, query: Mapping[str, Any], *, tabs: Sequence[CheckTab]) -> Self:
        asked = str(query.get("tab", ""))
        offered = {tab.code: tab for tab in tabs}
        default = next((code for code in (TabCode.TO_FIX, TabCode.READY) if offered[code].rows), TabCode.ALL)
        after = whole_number(str(query.get("after", "")), most=MOST_ROWS)
        return cls(
            tab=TabCode(asked) if asked in offered else default,
            reason=str(query.get("reason", ""))[:40],
            query=search_text(query),
            after=-1 if after is None else after,
        )

    @property
    def row(self) -> int | None:
        """The row that is looked for."""
        return whole_number(self.query.replace(",", ""), most=MOST_ROWS)

    def url(self, **changes: str | int) -> str:
        values = {"tab": self.tab.value, "reason": self.reason, "q": self.query, "after": "", **changes}
        return "?" + urlencode({name: value for name, value in values.items() if value != ""})


@dataclass(frozen=True, slots=True)
class CheckTab:
    code: TabCode
    rows: int

    @property
    def label(self) -> str:
        return LABELS[self.code][0]

    @property
    def css(self) -> str:
        return LABELS[self.code][1]

    @property
    def meaning(self) -> str:
        return LABELS[self.code][2]

    @property
    def url(self) -> str:
        return f"?tab={self.code}"


@dataclass(frozen=True, slots=True)
class OtherAnswer:
    """What one click decides otherwise about a repair that the check made or left out."""

    question: str  # code
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class ReasonCard:
    """A reason or a warning of a tab's rows."""

    code: str
    rows: int
    url: str
    is_chosen: bool
    other_answer: OtherAnswer | None = None
    fixes: tuple[Offer, ...] = ()  # that fit these rows

    @property
    def title(self) -> str:
        return title_of(self.code)

    @property
    def sentence(self) -> str:
        return sentence_of(self.code)

    @property
    def advice(self) -> str:
        return advice_of(self.code)


def tabs_of(upload: Upload, draft: Push) -> list[CheckTab]:
    """Every tab that says something about this file; its rows come from stored counters."""
    rows = {
        TabCode.ALL: draft.rows,
        TabCode.READY: draft.pending,
        TabCode.TO_FIX: sum(getattr(draft, bucket.value) for bucket in FOR_A_PERSON),
        **{code: getattr(draft, bucket.value) for code, bucket in BUCKETS.items()},
        TabCode.WARNINGS: upload.notices.get("ready_with_warnings", {}).get("rows", 0),
    }
    unknown = set()
    if draft.kind != Push.Kind.ADD or draft.resends_known:
        unknown.add(TabCode.THERE)
    if not upload.notices.get("flag_columns"):
        unknown.add(TabCode.DO_NOT_CALL)
    return [CheckTab(code, count) for code, count in rows.items() if count or code not in {*unknown, TabCode.LEFT_OUT}]


def cards_of(upload: Upload, draft: Push, wanted: CheckFilter) -> list[ReasonCard]:
    """The reasons of a tab's rows, the commonest first."""
    others: dict[str, OtherAnswer] = {}
    fixes: dict[str, list[Offer]] = {}
    if wanted.tab == TabCode.WARNINGS:
        others = _repairs_of(upload)
        counted = warnings_of(upload) | dict.fromkeys(others.keys() - warnings_of(upload).keys(), 0)
    elif wanted.tab in BUCKETS:
        counted = {code: rows for code, rows in reasons_of([draft]).items() if code in codes_of(wanted.tab)}
        if len(counted) < 2:
            return []  # the tab is the reason
    elif wanted.tab == TabCode.TO_FIX:
        counted = {code: rows for code, rows in reasons_of([draft]).items() if code not in BY_CODE}
        for offer in offers(upload):
            fixes.setdefault(offer.reason, []).append(offer)
    else:
        return []
    return [
        ReasonCard(
            code,
            rows,
            wanted.url(q="", reason="" if code == wanted.reason else code),
            code == wanted.reason,
            others.get(code),
            tuple(fixes.get(code, ())),
        )
        for code, rows in counted.items()
    ]


def _repairs_of(upload: Upload) -> dict[str, OtherAnswer]:
    """How each repair can be taken back, or made again, by the code of its warning."""
    found = {}
    for offer in offers_of(upload.notices):
        if kind_of(offer["code"]) == PUT_BACK:
            is_made = offer["chosen"] == KEPT
            label = "Put the cells back" if is_made else "Repair again"
            found[offer["code"].partition(":")[2]] = OtherAnswer(offer["code"], TAKEN_BACK if is_made else KEPT, label)
    return found


def warnings_of(upload: Upload) -> dict[str, int]:
    """The warnings of rows that would be sent, by code, the commonest first."""
    counted: dict[str, int] = upload.notices.get("ready_with_warnings", {}).get("codes", {})
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def codes_of(tab: TabCode) -> list[str]:
    return sorted(code for code in LEFT_OUT if BY_CODE[code].bucket == BUCKETS[tab])


def rows_wanted(upload: Upload, draft: Push, wanted: CheckFilter) -> RowsWanted:
    records = RejectedRecord.objects.filter(push=draft, bucket=Bucket.INVALID)
    edited = EditedRow.objects.filter(push=draft)
    match wanted.tab:
        case TabCode.ALL:
            return RowsWanted(states=[Batch.State.PLANNED, Batch.State.LEFT_OUT], records=records, edited=edited)
        case TabCode.READY:
            return RowsWanted(states=[Batch.State.PLANNED], edited=edited.filter(reason=READY))
        case TabCode.TO_FIX:
            if wanted.reason:
                records = records.filter(reason=wanted.reason)
            return RowsWanted(records=_found(records, wanted.query))
        case TabCode.WARNINGS:
            return RowsWanted(codes=_chosen(list(warnings_of(upload)), wanted.reason), codes_state=Batch.State.PLANNED)
        case _:
            codes = _chosen(codes_of(wanted.tab), wanted.reason)
            return RowsWanted(codes=codes, edited=edited.filter(reason__in=codes))


def _found(records: QuerySet[RejectedRecord], query: str) -> QuerySet[RejectedRecord]:
    """By phone, name and row number. An edit changes the rows of a draft, so none of them is in a block for search."""
    if not query:
        return records
    found = contains(query, "phone", "name")
    if (row := whole_number(query.replace(",", ""), most=MOST_ROWS)) is not None:
        found |= Q(row_number=row)
    return records.filter(found)


def _chosen(codes: list[str], reason: str) -> list[str]:
    return [reason] if reason in codes else codes
