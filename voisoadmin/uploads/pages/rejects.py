"""Rejected records as lists: by reason, searched, paged with a key instead of an offset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from voisoadmin.contacts.fields import PHONE
from voisoadmin.contacts.mapped import cell_reader
from voisoadmin.contacts.reasons import FOR_A_PERSON
from voisoadmin.contacts.wording import bucket_of, title_of
from voisoadmin.lib.numbers import whole_number
from voisoadmin.lib.searching import search_text
from voisoadmin.pushes.models import Counted, EditedRow, RejectedRecord, SearchBlock
from voisoadmin.pushes.row_search import RowSearch, records_among
from voisoadmin.uploads.models import Upload

PAGE = 50
AT_ONCE = 1000  # records of a download in memory
ONE_BY_ONE = 3000  # rows that are searched without blocks
TABS_SHOWN = 5  # with "All": fits beside the search


@dataclass(frozen=True, slots=True)
class ListFilter:
    """The filters in a list's address. An invalid filter filters nothing."""

    bucket: str = ""
    reason: str = ""
    query: str = ""
    campaign: int | None = None  # our ID of it
    dismissed: bool = False  # those that a person is done with, instead of the open ones
    after: int | None = None  # the key of the last line on the previous page
    size: int = PAGE

    @classmethod
    def from_query(cls, query: Mapping[str, Any]) -> Self:
        return cls(
            bucket=bucket if (bucket := str(query.get("bucket", ""))) in set(FOR_A_PERSON) else "",
            reason=str(query.get("reason", ""))[:40],
            query=search_text(query),
            campaign=whole_number(str(query.get("campaign", "")), least=1),
            dismissed=bool(query.get("dismissed")),
            after=whole_number(str(query.get("after", ""))),
        )

    def takes(self, code: str) -> bool:
        """Whether rows with this reason are in the list."""
        return self.reason in {"", code} and self.bucket in {"", bucket_of(code)}

    def count(self, rows: Mapping[str, int]) -> int:
        """How many rows are in the list, before any search. `rows`: by reason."""
        return sum(number for code, number in rows.items() if self.takes(code))

    def url(self, **changes: str | int) -> str:
        values: dict[str, str | int | None] = {
            "bucket": self.bucket,
            "reason": self.reason,
            "q": self.query,
            "campaign": self.campaign,
            "dismissed": "1" if self.dismissed else "",
            "after": "",
            **changes,
        }
        return "?" + urlencode({name: value for name, value in values.items() if value})


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    rows: int | None
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class CellInList:
    """A cell that is edited in the list."""

    column: int  # from 0
    label: str  # of its field
    text: str  # with what was saved
    seen_hash: str
    is_phone: bool


@dataclass(frozen=True, slots=True)
class RowToFix:
    record: RejectedRecord
    phone: str  # as read
    sent_as: str  # as sent to Voiso, if that differs
    sentences: list[str]
    advice: str
    upload: Upload | None = None
    fixed: EditedRow | None = None  # it waits to be sent again
    cell: CellInList | None = None

    @property
    def is_dismissed(self) -> bool:
        return self.record.dismissed_at is not None


@dataclass(frozen=True, slots=True)
class RowsToFix:
    wanted: ListFilter
    total: int  # over all reasons, from the counters
    rows: int  # of them with the chosen outcome and reason, whatever is searched in them
    tabs: list[Tab]
    records: list[RowToFix]
    next_url: str  # empty on the last page
    first_url: str  # empty on the first page

    @property
    def shown_tabs(self) -> list[Tab]:
        """The commonest reasons; the chosen one is always included."""
        return [tab for at, tab in enumerate(self.tabs) if at < TABS_SHOWN or tab.current]

    @property
    def more_tabs(self) -> list[Tab]:
        return [tab for at, tab in enumerate(self.tabs) if at >= TABS_SHOWN and not tab.current]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The filters that a search keeps."""
        wanted = self.wanted
        filters = [("bucket", wanted.bucket), ("reason", wanted.reason), ("campaign", str(wanted.campaign or ""))]
        filters.append(("dismissed", "1" if wanted.dismissed else ""))
        return [(name, value) for name, value in filters if value]

    @property
    def download_query(self) -> str:
        """The filters of the list, for its download."""
        return self.wanted.url(after="")

    @property
    def is_first_of_all(self) -> bool:
        return bool(self.total) and not self.is_narrowed and not self.first_url

    @property
    def is_narrowed(self) -> bool:
        wanted = self.wanted
        return bool(wanted.query or wanted.reason or wanted.bucket or wanted.campaign or wanted.dismissed)


def list_address(posted: QueryDict, pk: int) -> str:
    """The list of rows to fix in which a button was pressed, with its filters; "" if it was pressed elsewhere."""
    wanted = ListFilter.from_query(QueryDict(posted.get("filters", "")[:500].removeprefix("?")))
    pages = {"rows": reverse("uploads:rejected_of", args=[pk]), "all": reverse("uploads:rejected")}
    found = pages.get(posted.get("list", ""))
    return f"{found}{wanted.url()}" if found else ""


def counts(pushes: Iterable[Counted], *, dismissed: bool = False) -> dict[str, int]:
    """Reason code to rows that a person can fix, or is done with; the commonest first, from the counters."""
    sums: dict[str, int] = {}
    for push in pushes:
        for code, rows in (push.dismissed if dismissed else push.to_fix).items():
            sums[code] = sums.get(code, 0) + rows
    return dict(sorted(sums.items(), key=lambda pair: (-pair[1], pair[0])))


def counted_of(upload: Upload) -> Sequence[Counted]:
    """What counts the rows that the upload's page shows: the confirmed pushes, or before that the draft."""
    if upload.stage == Upload.Stage.SENT:
        return upload.counters()
    return [upload.draft] if upload.draft is not None else []


def _records_of(upload: Upload) -> QuerySet[RejectedRecord]:
    return upload.records() if upload.stage == Upload.Stage.SENT else RejectedRecord.objects.filter(push=upload.draft_id)


def of_upload(upload: Upload, wanted: ListFilter) -> RowsToFix:
    """The records of one upload in the order of its file."""
    pushes = counted_of(upload)
    reasons = counts(pushes, dismissed=wanted.dismissed)
    page = _page(upload, wanted, wanted.size + 1)
    address = reverse("uploads:rejected_of", args=[upload.pk])
    total = sum(counts(pushes).values())
    is_all = not (wanted.reason or wanted.bucket or wanted.dismissed)
    tabs = [Tab("All", total, wanted.url(reason="", bucket="", dismissed=""), is_all)]
    tabs += [
        Tab(title_of(code), rows, wanted.url(reason=code, bucket=""), wanted.reason == code) for code, rows in reasons.items()
    ]
    tabs += dismissed_tab(pushes, wanted)
    return RowsToFix(
        wanted=wanted,
        total=total,
        rows=wanted.count(reasons),
        tabs=tabs,
        records=with_fixes([shown(record, upload) for record in page[: wanted.size]]),
        next_url=address + wanted.url(after=page[wanted.size - 1].row_number) if len(page) > wanted.size else "",
        first_url="" if wanted.after is None else address + wanted.url(),
    )


def dismissed_tab(pushes: Iterable[Counted], wanted: ListFilter) -> list[Tab]:
    rows = sum(push.dismissed_rows for push in pushes)
    is_current = wanted.dismissed and not wanted.reason
    return [Tab("Dismissed", rows, wanted.url(reason="", bucket="", dismissed="1"), is_current)] if rows else []


def with_fixes(rows: list[RowToFix]) -> list[RowToFix]:
    """The rows, with what waits to be sent instead of them."""
    drafts = {row.upload.resend_draft_id for row in rows if row.upload is not None and row.upload.resend_draft_id}
    if not drafts:
        return rows
    edited = EditedRow.objects.filter(push__in=drafts, row_number__in=[row.record.row_number for row in rows])
    fixed = {(one.push_id, one.row_number): one for one in edited}
    return [
        replace(row, fixed=fixed.get((row.upload.resend_draft_id or 0, row.record.row_number))) if row.upload else row
        for row in rows
    ]


def all_records(upload: Upload, wanted: ListFilter) -> Iterator[RejectedRecord]:
    """The records of all pages of a list, a thousand at a time: no database keeps a cursor open during a long download."""
    rest = replace(wanted, after=None)
    while chunk := _page(upload, rest, AT_ONCE):
        yield from chunk
        rest = replace(rest, after=chunk[-1].row_number)


def _page(upload: Upload, wanted: ListFilter, size: int) -> list[RejectedRecord]:
    records = narrowed(_records_of(upload), wanted).order_by("row_number", "pk")
    if wanted.after is not None:
        records = records.filter(row_number__gt=wanted.after)
    if not wanted.query:
        return list(records[:size])
    search = RowSearch(query=wanted.query, takes=wanted.takes)
    if wanted.count(counts(counted_of(upload), dismissed=wanted.dismissed)) <= ONE_BY_ONE:
        found = search.one_by_one(records)[:size]
    else:
        found = records_among(records, search.in_blocks(_blocks_of(upload, wanted), records), most=size)
    by_key = RejectedRecord.objects.in_bulk(found)
    return [by_key[key] for key in found if key in by_key]


def _blocks_of(upload: Upload, wanted: ListFilter) -> QuerySet[SearchBlock]:
    blocks = SearchBlock.objects.filter(last_row__gt=wanted.after) if wanted.after is not None else SearchBlock.objects.all()
    if upload.stage != Upload.Stage.SENT:
        return blocks.filter(push=upload.draft_id)
    if upload.intake_id is not None:
        return blocks.filter(push__intake=upload.intake_id)
    return blocks.filter(push__in=[push.pk for push in upload.counters()])


def narrowed(records: QuerySet[RejectedRecord], wanted: ListFilter) -> QuerySet[RejectedRecord]:
    """By all filters but the search."""
    records = records.filter(replaced_by=None, dismissed_at__isnull=not wanted.dismissed)
    if wanted.bucket:
        records = records.filter(bucket=wanted.bucket)
    if wanted.reason:
        records = records.filter(bucket=bucket_of(wanted.reason), reason=wanted.reason)
    return records


def shown(record: RejectedRecord, upload: Upload | None) -> RowToFix:
    """`upload`: the row's upload; None if its file is no longer known."""
    problems = [problem for problem in record.problems if isinstance(problem, dict)]
    sentences = [str(problem.get("sentence", "")) for problem in problems] or [title_of(record.reason)]
    advice = " ".join(dict.fromkeys(str(problem["advice"]) for problem in problems if problem.get("advice")))
    phone = _phone_as_read(record, upload)
    differs = record.batch_id is not None and phone.strip().removeprefix("+") != record.phone
    return RowToFix(record, phone, f"+{record.phone}" if differs else "", sentences, advice, upload)


def _phone_as_read(record: RejectedRecord, upload: Upload | None) -> str:
    mapped = upload.mapped.get(PHONE) if upload is not None else None
    if record.batch_id is None or mapped is None:
        return record.phone
    return cell_reader(mapped)(record.cells)[:200] or record.phone
