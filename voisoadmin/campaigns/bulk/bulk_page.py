"""The result of a bulk: one line for each campaign, and how many there are of which outcome."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from django.db.models import Case, Count, IntegerField, Max, Q, Value, When

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.bulk.bulk_job import BULK_LASTS, NOT_SENT
from voisoadmin.campaigns.bulk.bulk_kinds import job_of
from voisoadmin.campaigns.bulk.selection import Shown
from voisoadmin.campaigns.buttons import GOING_ON
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.statuses import STATUSES
from voisoadmin.lib.clock import deadline
from voisoadmin.lib.paging import Page, page_of
from voisoadmin.operations.models import Operation, OperationQuerySet
from voisoadmin.operations.presenting import NameLine, line_of, name_lines
from voisoadmin.operations.templatetags.operations import took
from voisoadmin.voiso import Change

LINES = 100
LINES_ON_BOARD = 10

Status = Operation.Status
_before_its_turn = Q(result__refused__in=sorted(NOT_SENT))
_NOT_SENT = Q(status=Status.REFUSED) & _before_its_turn
# A child that Voiso refused has no such code; in SQL, not having one isn't having another one.
_REFUSED = Q(status=Status.REFUSED) & (Q(result__refused__isnull=True) | ~_before_its_turn)
TABS: dict[str, tuple[str, Q]] = {
    "": ("All", Q()),
    "done": ("Done", Q(status=Status.DONE)),
    "refused": ("Refused", _REFUSED),
    "unconfirmed": ("Not confirmed", Q(status=Status.UNCONFIRMED)),
    "not_sent": ("Not sent", _NOT_SENT),
    "running": ("Running", Q(status=Status.RUNNING)),
    "waiting": ("Waiting", Q(status=Status.QUEUED)),
}
FAILED = ("refused", "unconfirmed", "not_sent")
# What needs a person first, then what moves.
ORDER = ("unconfirmed", "refused", "not_sent", "running", "done", "waiting")


@dataclass(frozen=True, kw_only=True, slots=True)
class BulkLine:
    operation: Operation
    word: str
    glyph: str
    css: str
    said: str  # without Voiso's own words, which are `operation.answer`
    names: list[NameLine] = field(default_factory=list)  # of agents and teams


@dataclass(frozen=True, kw_only=True, slots=True)
class BulkTab:
    name: str
    count: int
    address: str
    current: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class BulkResult:
    operation: Operation
    counts: dict[str, int]  # by the keys of TABS
    tabs: list[BulkTab]
    lines: list[BulkLine]
    page: Page[Operation]
    news: str  # the query with which this part asks for a newer one

    @property
    def total(self) -> int:
        return self.counts[""]

    @property
    def title(self) -> str:
        what = "Change agents of" if self.operation.kind == Operation.Kind.ASSIGN else self.operation.get_kind_display()
        return f"{what} {self.operation.subject_label}"

    @property
    def summary(self) -> str:
        """`288 done, 2 refused, 210 waiting`."""
        parts = (f"{self.counts[key]:,} {name.lower()}" for key, (name, _) in TABS.items() if key and self.counts[key])
        return ", ".join(parts)

    @property
    def waiting(self) -> int:
        return self.counts["waiting"]

    @property
    def failed(self) -> int:
        return sum(self.counts[key] for key in FAILED)

    @property
    def ends_at(self) -> object:
        return self.operation.asked_at + timedelta(seconds=deadline(BULK_LASTS))

    @property
    def left_out(self) -> int:
        """Ticked campaigns for which it wasn't possible when the button was pressed."""
        return int(self.operation.request.get("left_out", 0))


def result_of(bulk: Operation, reader: User, *, shown: str = "", number: int = 1, size: int = LINES) -> BulkResult:
    shown = shown if shown in TABS else ""
    children = children_of(bulk, reader)
    counts = _counts(children)
    found = children.filter(TABS[shown][1]).annotate(place=_place()).order_by("place", "pk")
    page = page_of(found, number=number, size=size, url=lambda to: _address(show=shown, page=to), total=counts[shown])
    problems = job_of(bulk.kind).problems_of(page.items, reader)
    return BulkResult(
        operation=bulk,
        counts=counts,
        tabs=[
            BulkTab(name=name, count=counts[key], address=_address(show=key), current=key == shown)
            for key, (name, _) in TABS.items()
            if counts[key] or key in {"", shown}
        ],
        lines=[_line(child, problems[child.pk]) for child in page.items],
        page=page,
        news=_address(version=_version(bulk, children, counts), show=shown, page=page.number, few=int(size == LINES_ON_BOARD)),
    )


def children_of(bulk: Operation, reader: User) -> OperationQuerySet:
    return Operation.objects.visible_to(reader).filter(parent=bulk)


def failed_of(bulk: Operation, reader: User) -> Shown:
    """The campaigns to retry, with their state now."""
    failed = Q()
    for key in FAILED:
        failed |= TABS[key][1]
    ids = children_of(bulk, reader).filter(failed).values("subject_id")
    rows = Campaign.objects.visible_to(reader).filter(pk__in=ids).order_by("pk").only("status")
    return [(campaign.pk, campaign.status_shown) for campaign in rows]


def version_of(bulk: Operation, reader: User) -> str:
    children = children_of(bulk, reader)
    return _version(bulk, children, _counts(children))


def _version(bulk: Operation, children: OperationQuerySet, counts: dict[str, int]) -> str:
    touched = children.aggregate(at=Max("touched_at"))["at"]
    numbers = ".".join(str(count) for count in counts.values())
    return f"{bulk.status}-{numbers}-{touched.timestamp() if touched else 0:.3f}"


def _counts(children: OperationQuerySet) -> dict[str, int]:
    counts = dict.fromkeys(TABS, 0)
    for row in children.order_by().values("status", "result__refused").annotate(count=Count("pk")):
        counts[_tab_of(row["status"], row["result__refused"])] += row["count"]
        counts[""] += row["count"]
    return counts


def _tab_of(status: str, refused: object) -> str:
    if status == Status.REFUSED and refused in NOT_SENT:
        return "not_sent"
    return "waiting" if status == Status.QUEUED else status


def _place() -> Case:
    cases: Sequence[When] = [When(TABS[key][1], then=Value(place)) for place, key in enumerate(ORDER)]
    return Case(*cases, default=Value(len(ORDER)), output_field=IntegerField())


def _line(child: Operation, problem: str) -> BulkLine:
    key = _tab_of(child.status, child.result.get("refused"))
    word, glyph, css = _chip(key, child)
    said = problem
    if key == "done":
        said = line_of(child).summary if child.kind == Operation.Kind.ASSIGN else f"Confirmed after {took(child)}"
    return BulkLine(operation=child, word=word, glyph=glyph, css=css, said=said, names=name_lines(child))


def _chip(key: str, child: Operation) -> tuple[str, str, str]:
    change = Change(child.kind) if child.kind in set(Change) else None
    if key == "done":
        facts = STATUSES.get(str(child.result.get("status") or ""))
        return (facts.word, facts.glyph, facts.css) if facts else ("Done", "check", "is-good")
    if key == "running":
        return GOING_ON[change] if change else "Running", "loader-2", "is-busy"
    if key == "waiting":
        return "Waiting", "clock", "is-draft"
    name, glyph = TABS[key][0], {"refused": "circle-x", "not_sent": "circle-minus"}.get(key, "help-circle")
    return name, glyph, "is-bad" if key == "refused" else "is-warn"


def _address(**facts: object) -> str:
    wanted = {name: value for name, value in facts.items() if value and (name, value) != ("page", 1)}
    return "?" + urlencode(wanted)
