"""The data exchanged with Voiso: frozen dataclasses, the same for both API generations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")
Value = str | int | bool

MAX_CONTACTS_PER_CALL = 1000
MAX_USERS_PER_CALL = 100


class Generation(StrEnum):
    LEGACY = "legacy"
    V4 = "v4"


class Change(StrEnum):
    START = "start"
    PAUSE = "pause"
    STOP = "stop"


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignFacts:
    """A campaign as Voiso reports it. None or empty: not reported."""

    id: str
    name: str = ""
    status: str = ""  # Voiso's word, lower case
    live: bool | None = None
    further: dict[str, object] = field(default_factory=dict)  # strategy, dial_level, created_at ... as `names` allows


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing(Generic[T]):
    """A list that was read to its end, each item once."""

    items: list[T]
    skipped: int = 0  # entries that couldn't be read

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def is_whole(self) -> bool:
        """Whether anything missing from the items is missing in Voiso."""
        return not self.skipped


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactFields:
    """A contact as we send it."""

    number: str  # E.164 digits without +
    # By name, as in `contact_keys`. An empty text or a missing one omits the field (kind update: keeps its value).
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactsAnswer:
    """Voiso's answer to one request with contacts; every tuple holds numbers as digits, as Voiso named them.

    Nothing is proved about a number that is in none of them. A `refusal` (a 4xx, or a false `success`) proves only
    duplicates and rejections, and only of all numbers at once.
    `created` of an update are contacts that Voiso inserted; `updated` of an add is always empty.
    """

    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    http_status: int = 200
    method: str = ""  # the HTTP method that worked, to be remembered for updates
    refusal: bool = False
    reasons: Mapping[str, str] = field(default_factory=dict)  # of individual numbers, in Voiso's words, redacted and cut
    words: str = ""  # Voiso's own sentence, if it gave one


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeAnswer:
    """Voiso accepted a start, pause or stop."""

    status: str = ""  # the status in the answer, possibly transitional; empty if missing
    words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """An agent as a users API reports it."""

    id: str
    name: str = ""
    email: str = ""  # lower case
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PresenceFacts:
    """The status of one agent, for the whole contact centre: no API says on which campaign an agent is."""

    who: str  # v4: the user's ID; legacy: the email, or the extension where there is none
    word: str = ""  # Voiso's own; empty: not reported


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamFacts:
    id: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PeopleAnswer:
    """The result of adding and removing people on one campaign; each tuple holds names as they were sent.

    `left_out`: sent but missing in the answer, which proves nothing about them.
    """

    added_agents: tuple[str, ...] = ()
    removed_agents: tuple[str, ...] = ()
    added_teams: tuple[str, ...] = ()
    removed_teams: tuple[str, ...] = ()
    agent_not_found: tuple[str, ...] = ()
    agent_not_in_campaign: tuple[str, ...] = ()
    team_not_found: tuple[str, ...] = ()
    team_not_in_campaign: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Capabilities:
    """What a generation's API offers. A missing feature is explained on the page and never tried."""

    generation: Generation
    lists_agents: bool  # of a campaign
    assigns_teams: bool
    assigns_by_email: bool  # else by user id
    says_who_waits: bool  # for the Dialer; else the status of an agent is a general one
    reads_one_campaign: bool  # else it is looked up in the list
    list_page: int | None  # most campaigns in one answer to the list; None: all of them
    priority_min: int


CAPABILITIES = {
    Generation.LEGACY: Capabilities(
        generation=Generation.LEGACY,
        lists_agents=False,
        assigns_teams=True,
        assigns_by_email=True,
        says_who_waits=True,
        reads_one_campaign=False,
        list_page=None,
        priority_min=0,
    ),
    Generation.V4: Capabilities(
        generation=Generation.V4,
        lists_agents=True,
        assigns_teams=False,
        assigns_by_email=False,
        says_who_waits=False,
        reads_one_campaign=True,
        list_page=100,
        priority_min=1,
    ),
}
