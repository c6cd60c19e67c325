"""The contents of a sandbox contact centre: campaigns with their leads, users, teams, keys. Saved to a file as JSON."""

import json
import os
import time
import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

READ = "campaigns.read"
MANAGE = "campaigns.manage"
USERS = "users.read"
ALL_SCOPES = frozenset({READ, MANAGE, USERS})

LOGOUT = "logout"
MAX_ATTEMPTS = 3  # dials of one lead


@dataclass(slots=True)
class Lead:
    """A contact as Voiso keeps it. `creator` is the request that created it; 0: it was there at the start."""

    creator: int
    name: str = ""
    source: str = ""
    url: str = ""
    priority: int | None = None
    active: bool = True
    attempts: int = 0
    answered: bool = False

    def is_callable(self) -> bool:
        return self.active and not self.answered and self.attempts < MAX_ATTEMPTS


LEAD_ATTRIBUTES = [attribute.name for attribute in fields(Lead)]  # stored by position: new ones come last


@dataclass(slots=True)
class User:
    id: int
    uuid: str
    name: str
    email: str
    teams: list[str]
    logged_in: bool = True
    status: str = ""  # in a word of the legacy API, lower case; empty: available

    def presence(self) -> str:
        return (self.status or "available") if self.logged_in else LOGOUT


@dataclass(slots=True)
class Campaign:
    id: int
    name: str
    status: str
    live: bool = True
    agents: list[int] = field(default_factory=list)  # ids of users
    teams: list[str] = field(default_factory=list)
    leads: dict[str, Lead] = field(default_factory=dict)
    gone: bool = False
    was_live: bool = False  # before a fault removed it
    strategy: str = "simple"
    dial_level: float = 1.0
    created_at: str = ""
    updated_at: str = ""
    turns_to: str = ""  # the status it is changing to
    turns_at: float = 0.0  # monotonic
    importing_until: float = 0.0  # monotonic
    to_dial: deque[str] = field(default_factory=deque)

    def settle(self, now: float) -> None:
        """Reach the pending status, once its calls have drained."""
        if self.turns_to and now >= self.turns_at:
            self.become(self.turns_to)

    def become(self, status: str) -> None:
        self.status, self.turns_to = status, ""
        self.updated_at = timestamp()

    def turn(self, through: str, to: str, *, now: float, seconds: float) -> None:
        """Change to a status through a transitional one."""
        self.become(through)
        self.turns_to, self.turns_at = to, now + seconds
        self.settle(now)

    def has_callable_leads(self) -> bool:
        while self.to_dial:
            lead = self.leads.get(self.to_dial[0])
            if lead is not None and lead.is_callable():
                return True
            self.to_dial.popleft()
        return False


@dataclass(frozen=True, slots=True)
class Key:
    generation: str
    scopes: frozenset[str]


def timestamp() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Centre:
    """One contact centre. Not thread-safe: the sandbox holds its lock around every use."""

    def __init__(self) -> None:
        self.campaigns: dict[int, Campaign] = {}
        self.users: dict[int, User] = {}
        self.teams: dict[str, int] = {}  # name -> id
        self.keys: dict[str, Key] = {}
        self.revoked: set[str] = set()
        self.next_request = 1

    def add_team(self, name: str) -> None:
        self.teams.setdefault(name, 6001 + len(self.teams))

    def add_user(self, name: str, email: str, *, teams: Sequence[str] = (), logged_in: bool = True) -> User:
        for team in teams:
            self.add_team(team)
        number = 101 + len(self.users)
        user = User(number, str(uuid.uuid5(uuid.NAMESPACE_URL, email)), name, email, list(teams), logged_in)
        self.users[number] = user
        return user

    def user_by_email(self, email: str) -> User | None:
        wanted = email.strip().lower()
        return next((user for user in self.users.values() if user.email.lower() == wanted), None)

    def user_by_id(self, text: str) -> User | None:
        return next((user for user in self.users.values() if text in {str(user.id), user.uuid}), None)

    def staff(self, campaign: Campaign) -> list[User]:
        """Users assigned to a campaign, directly or through a team."""
        return [u for u in self.users.values() if u.id in campaign.agents or not set(u.teams).isdisjoint(campaign.teams)]

    def save(self, path: Path) -> None:
        """Save everything to a file, whole or not at all."""
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(self.to_json(), file, separators=(",", ":"))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        with path.open(encoding="utf-8") as file:
            return cls.from_json(json.load(file))

    def to_json(self) -> dict[str, Any]:
        return {
            "next_request": self.next_request,
            "keys": [[key, held.generation, sorted(held.scopes)] for key, held in self.keys.items()],
            "revoked": sorted(self.revoked),
            "teams": self.teams,
            "users": [[u.id, u.uuid, u.name, u.email, u.teams, u.logged_in, u.status] for u in self.users.values()],
            "campaigns": [_campaign_to_json(campaign) for campaign in self.campaigns.values()],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        centre = cls()
        centre.next_request = data["next_request"]
        centre.keys = {key: Key(generation, frozenset(scopes)) for key, generation, scopes in data["keys"]}
        centre.revoked = set(data["revoked"])
        centre.teams = data["teams"]
        centre.users = {values[0]: User(*values) for values in data["users"]}
        centre.campaigns = {values["id"]: _campaign_from_json(values) for values in data["campaigns"]}
        return centre


PLAIN_FIELDS = (
    "id",
    "name",
    "live",
    "agents",
    "teams",
    "gone",
    "was_live",
    "strategy",
    "dial_level",
    "created_at",
    "updated_at",
)


def _campaign_to_json(campaign: Campaign) -> dict[str, Any]:
    values = {name: getattr(campaign, name) for name in PLAIN_FIELDS}
    # The monotonic clock restarts with a new process, so pending transitions count as finished.
    values["status"] = campaign.turns_to or campaign.status
    values["leads"] = [[number, *(getattr(lead, name) for name in LEAD_ATTRIBUTES)] for number, lead in campaign.leads.items()]
    return values


def _campaign_from_json(values: dict[str, Any]) -> Campaign:
    leads = {number: Lead(*rest) for number, *rest in values.pop("leads")}
    campaign = Campaign(**values, leads=leads)
    campaign.to_dial = deque(number for number, lead in leads.items() if lead.is_callable())
    return campaign


def new_campaign(number: int, name: str, status: str, *, live: bool) -> Campaign:
    now = timestamp()
    return Campaign(number, name, status, live=live, created_at=now, updated_at=now, turns_at=time.monotonic())
