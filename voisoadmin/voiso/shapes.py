"""From JSON values to the dataclasses of `payloads`: tolerant of every shape the documentation leaves open, strict about
the values.

All readers raise UnusableShape for an invalid value; the clients turn that into NoReply.
"""

import re
import sys
from collections.abc import Collection, Iterable, Sequence

from voisoadmin.voiso.field_names import HIDDEN, MOST_NAMES, shown_name
from voisoadmin.voiso.payloads import CampaignFacts, PeopleAnswer, Person, PresenceFacts, TeamFacts

ID_LENGTH = 40  # what campaigns.Campaign and pushes.Lane can hold
STATUS_LENGTH = 60
NAME_LENGTH = 500
MAX_FURTHER = 60  # fields of a campaign kept unchanged


class UnusableShape(Exception):
    """The value doesn't have a usable shape."""


def list_of(data: object, *names: str) -> list[object]:
    """The list in an answer: bare, or under one of the names."""
    if isinstance(data, dict):
        data = next((data[name] for name in names if name in data), None)
    if not isinstance(data, list):
        raise UnusableShape
    return data


def text_of(value: object, length: int = NAME_LENGTH) -> str:
    """A text that a database can store; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    # Lone surrogates and NUL are legal in JSON, but no database stores them.
    clean = str(value).encode("utf-8", "replace").decode().replace("\x00", "")
    return clean.strip()[:length]


def id_of(data: dict[str, object], *names: str) -> str:
    """An ID, opaque: a number or a text. Empty if there is none."""
    for name in names:
        value = data.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool):
            text = text_of(value, ID_LENGTH + 1)
            if len(text) > ID_LENGTH:
                raise UnusableShape
            if text:
                return text
    return ""


def id_to_send(text: str) -> int | str:
    """An ID for a request body: a JSON number when it is purely numeric (voiso-api.md, C7)."""
    return int(text) if re.fullmatch(r"0|[1-9][0-9]{0,17}", text) else text


def campaign_of(data: object, *, known_id: str = "", secrets: Collection[str] = ()) -> CampaignFacts:
    """A campaign, wrapped or bare. `known_id`: the one requested; another one isn't an answer.

    `secrets`: what the name of a further field may not contain.
    """
    if isinstance(data, dict):
        for wrapper in ("campaign", "data"):
            if isinstance(data.get(wrapper), dict):
                return campaign_of(data[wrapper], known_id=known_id, secrets=secrets)
    if not isinstance(data, dict):
        raise UnusableShape
    told_id = id_of(data, "id", "campaign_id")
    status = status_of(data)
    name = text_of(data.get("name") or data.get("title"))
    if (not told_id and not known_id) or (known_id and told_id not in ("", known_id)):
        raise UnusableShape
    if known_id and not (told_id or status or name):
        raise UnusableShape
    return CampaignFacts(
        id=told_id or known_id,
        name=name,
        status=status,
        live=_live(data),
        further=_named([item for item in data.items() if item[0] not in SAID][:MAX_FURTHER], secrets),
    )


SAID = ("id", "campaign_id", "name", "title", "status", "state", "live", "is_live")


def status_of(data: dict[str, object]) -> str:
    """Voiso's word for the status, spelt as in v4: lower case with underscores."""
    for name in ("status", "state"):
        value = data.get(name)
        if isinstance(value, str) and value.strip():
            return re.sub(r"[ -]+", "_", text_of(value, STATUS_LENGTH).lower())
    return ""


def _live(data: dict[str, object]) -> bool | None:
    for name in ("live", "is_live"):
        value = data.get(name)
        if value is not None:
            return _yes_or_no(value)
    kind = data.get("campaign_type") or data.get("type")
    return True if isinstance(kind, str) and kind.strip().lower() == "live" else None


def _yes_or_no(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    if isinstance(value, str):
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(value.strip().lower())
    return None


def _plain(value: object, secrets: Collection[str], depth: int = 0) -> object:
    """A JSON value that any database can store, bounded in size."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)[:50]
    if isinstance(value, str):
        return text_of(value)
    if depth >= 4:
        return None
    if isinstance(value, list):
        return [_plain(item, secrets, depth + 1) for item in value[:50]]
    if isinstance(value, dict):
        if len(value) > MOST_NAMES:
            return {HIDDEN: len(value)}
        return _named(value.items(), secrets, depth + 1)
    raise UnusableShape


def _named(items: Iterable[tuple[str, object]], secrets: Collection[str], depth: int = 0) -> dict[str, object]:
    """Fields by name. Those whose name may be a value are only counted."""
    named: dict[str, object] = {}
    hidden = 0
    for name, value in items:
        if shown_name(name, secrets) == HIDDEN:
            hidden += 1
        else:
            # Interned: a list of campaigns repeats the same names thousands of times.
            named[sys.intern(name)] = _plain(value, secrets, depth)
    return named | ({HIDDEN: hidden} if hidden else {})


def kept_bytes(value: object) -> int:
    """Roughly how much memory a value from this module takes."""
    if isinstance(value, CampaignFacts | Person | PresenceFacts | TeamFacts):
        return 64 + sum(kept_bytes(getattr(value, name)) for name in value.__dataclass_fields__)
    if isinstance(value, dict):
        return sys.getsizeof(value) + sum(map(kept_bytes, value.values()))
    if isinstance(value, list | tuple):
        return sys.getsizeof(value) + sum(map(kept_bytes, value))
    return sys.getsizeof(value)


def person_of(data: object) -> Person:
    """A user. Raises UnusableShape without an ID or an email, because nothing could be done with them."""
    if not isinstance(data, dict):
        raise UnusableShape
    email = text_of(data.get("email"), 254).lower()
    told_id = id_of(data, "id", "user_id", "uuid")
    if not told_id and not email:
        raise UnusableShape
    name = text_of(data.get("name") or data.get("full_name"), 255)
    if not name:
        name = " ".join(part for part in (text_of(data.get("first_name")), text_of(data.get("last_name"))) if part)[:255]
    return Person(id=told_id or email, name=name, email=email, teams=tuple(team.name for team in _teams_of_person(data)))


PRESENCE_FIELDS = ("status", "presence", "state", "agent_status", "current_status")
WORD_FIELDS = ("current", "name", "status", "title", "label", "value")  # of a status that is an object
EXTENSION_FIELDS = ("ext", "extension")


def presence_of_user(data: object) -> PresenceFacts:
    """The status of a user of the current API."""
    return PresenceFacts(who=person_of(data).id, word=_presence_word(data))


def presence_of_agent(data: object) -> PresenceFacts:
    """The status of an agent of the legacy API. Raises UnusableShape if nothing says whose it is."""
    if not isinstance(data, dict):
        raise UnusableShape
    who = text_of(data.get("email"), 254).lower() or id_of(data, *EXTENSION_FIELDS)
    if not who:
        raise UnusableShape
    return PresenceFacts(who=who, word=_presence_word(data))


def _presence_word(data: object) -> str:
    if not isinstance(data, dict):
        return ""
    for name in PRESENCE_FIELDS:
        value = data.get(name)
        if isinstance(value, dict):
            value = next((value[inner] for inner in WORD_FIELDS if isinstance(value.get(inner), str)), None)
        if isinstance(value, str) and value.strip():
            return text_of(value, STATUS_LENGTH)
    return ""


def _teams_of_person(data: dict[str, object]) -> list[TeamFacts]:
    """The teams with a usable name: other data must not make the person unreadable."""
    teams = data.get("teams")
    if not isinstance(teams, list):
        return []
    named = [item for item in teams if isinstance(item, str) or (isinstance(item, dict) and text_of(item.get("name")))]
    return [team_of(item) for item in named if item]


def team_of(data: object) -> TeamFacts:
    if isinstance(data, str) and data.strip():
        return TeamFacts(id="", name=text_of(data, 255))
    if not isinstance(data, dict):
        raise UnusableShape
    name = text_of(data.get("name") or data.get("title"), 255)
    if not name:
        raise UnusableShape
    return TeamFacts(id=id_of(data, "id", "team_id"), name=name)


def membership_of(data: object) -> tuple[str, list[TeamFacts]]:
    """The ID and the teams of a user."""
    person = person_of(data)
    return person.id, _teams_of_person(data) if isinstance(data, dict) else []


def teams_of_people(memberships: Iterable[tuple[str, list[TeamFacts]]]) -> list[TeamFacts]:
    """The teams that the users belong to: the best we know without a list of teams."""
    found: dict[str, TeamFacts] = {}
    for _, teams in memberships:
        for team in teams:
            if team.id or team.name not in found:
                found[team.name] = team
    return sorted(found.values(), key=lambda team: team.name.casefold())


PEOPLE_LISTS = (
    "added_agents",
    "removed_agents",
    "added_teams",
    "removed_teams",
    "agent_not_found",
    "agent_not_in_campaign",
    "team_not_found",
    "team_not_in_campaign",
)


def people_answer(data: object, *, agents: Sequence[str], teams: Sequence[str], words: str = "") -> PeopleAnswer:
    """The legacy answer to a change of people: eight lists of names, compared with the names sent."""
    if data is None:
        return PeopleAnswer(left_out=(*agents, *teams), words=words)
    if not isinstance(data, dict) or not any(isinstance(data.get(name), list) for name in PEOPLE_LISTS):
        raise UnusableShape
    lists: dict[str, tuple[str, ...]] = {}
    left_out: list[str] = []
    for kind, texts in (("agent", agents), ("team", teams)):
        asked = {text.casefold(): text for text in texts}
        for name in (name for name in PEOPLE_LISTS if kind in name):
            found = [text.casefold() for text in _names(data.get(name))]
            lists[name] = tuple(dict.fromkeys(asked[text] for text in found if text in asked))
        named = {text for name in lists if kind in name for text in lists[name]}
        left_out += [text for text in texts if text not in named]
    return PeopleAnswer(**lists, left_out=tuple(left_out), words=words)


def _names(value: object) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise UnusableShape
    return [text_of(item.get("email") or item.get("name")) if isinstance(item, dict) else text_of(item) for item in value]
