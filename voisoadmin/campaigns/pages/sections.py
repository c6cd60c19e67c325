"""What other apps add to a campaign's page. They are above this one, so they register it (`additions`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from django.db.models import QuerySet

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.pages.additions import load
from voisoadmin.lib.kept_queries import KeptQueries
from voisoadmin.lib.subqueries import ListOf

Rows = QuerySet[Any, Any]
SectionRows = Callable[[Campaign, User], Sequence[Rows]]
"""For `ListOf`: they change whenever the section would look different. Those of all sections are read in one query."""


class Column(StrEnum):
    MAIN = "main"
    RAIL = "rail"


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of the page with its own view, which is loaded when the page opens and again when `version` changes.

    The view answers htmx with one element that has this ID; without htmx with a page, to which the link leads.
    """

    id: str
    title: str
    view: str  # its name; it takes the campaign's key
    link: str  # shown until it is loaded, and without a script
    column: Column
    place: int  # in its column, from the top
    rows: SectionRows
    known: Callable[[Campaign], object] = lambda _: None  # as `rows`, but read with the campaign


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of the timeline."""

    at: datetime
    glyph: str
    what: str
    css: str = "quiet"  # of the glyph: good, warn, bad or quiet
    who: str = ""  # before `what`
    subject: str = ""  # after `what`, with its address
    url: str = ""
    detail: str = ""
    operations: frozenset[int] = frozenset()  # what it says already: these get no other line


Entries = Callable[[Campaign, User, "datetime | None", int], list[Entry]]
"""The latest entries of a campaign that the user may see: at most the number given, and all before the moment, if given."""


class Urgency(IntEnum):
    """Of several next steps the page shows the first."""

    DECIDE = 1
    FIX_ROWS = 2
    SEND_DRAFT = 3
    ADD_AGENTS = 4
    START = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class NextStep:
    urgency: Urgency
    what: str
    detail: str = ""
    label: str = ""  # of its link; empty: the buttons of the page are enough
    url: str = ""


Sentences = Callable[[Campaign, User, datetime], str]
"""A sentence for the head of the page, as far as anything is known; else empty."""

NextSteps = Callable[[Campaign, User, datetime], list[NextStep]]

_queries = KeptQueries()
_sections: list[Section] = []
_entries: list[Entries] = []
_steps: list[NextSteps] = []
_sentences: list[Sentences] = []


def add_section(section: Section) -> None:
    _sections.append(section)


def add_entries(source: Entries) -> None:
    """Show what this source returns in the timeline, beside states and operations."""
    _entries.append(source)


def add_next_steps(source: NextSteps) -> None:
    _steps.append(source)


def add_sentence(source: Sentences) -> None:
    """Say more about a campaign in the head of its page."""
    _sentences.append(source)


def sections() -> list[Section]:
    load()
    return sorted(_sections, key=lambda section: (section.column, section.place))


def sections_in(column: Column) -> list[Section]:
    return [section for section in sections() if section.column == column]


def read_together(campaign: Campaign, user: User, happened: Callable[[], Rows]) -> tuple[dict[str, object], object]:
    """What the look of each section depends on, by its ID, and the rows of `happened`, in one query."""

    def build() -> QuerySet[Campaign, Any]:
        lists = {
            f"section{at}_{number}": ListOf(rows)
            for at, section in enumerate(sections())
            for number, rows in enumerate(section.rows(campaign, user))
        }
        return Campaign.objects.filter(pk=campaign.pk).values(**lists, happened=ListOf(happened()))

    found = _queries.rows((campaign.pk, campaign.lane_id, user.pk, user.sight), build)
    read: dict[str, object] = found[0] if found else {}
    looks = {
        section.id: (section.known(campaign), [rows for name, rows in read.items() if name.startswith(f"section{at}_")])
        for at, section in enumerate(sections())
    }
    return dict(looks), read.get("happened")


def entries_of(campaign: Campaign, user: User, *, before: datetime | None, most: int) -> list[Entry]:
    load()
    return [entry for source in _entries for entry in source(campaign, user, before, most)]


def next_steps_of(campaign: Campaign, user: User, *, at: datetime) -> list[NextStep]:
    load()
    return [step for source in _steps for step in source(campaign, user, at)]


def sentences_of_others(campaign: Campaign, user: User, *, at: datetime) -> list[str]:
    load()
    return [sentence for source in _sentences if (sentence := source(campaign, user, at))]
