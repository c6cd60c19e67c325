"""The legacy generation: the key goes in the path, in the query or as Bearer, depending on the family of requests.

Sources: voiso-api.md, section 4.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import quote

import httpx

from voisoadmin.voiso.answers import Asked
from voisoadmin.voiso.auth import KEY_HERE, BearerKey, PathKey, QueryKey
from voisoadmin.voiso.base_client import BaseClient, check_size
from voisoadmin.voiso.contact_keys import contact_body
from voisoadmin.voiso.errors import (
    CampaignGone,
    Forbidden,
    KeyRefused,
    NameRequired,
    NoReply,
    Redirected,
    Refused,
    VoisoError,
)
from voisoadmin.voiso.http.wire import Query, Wire
from voisoadmin.voiso.keys import Key
from voisoadmin.voiso.page_by_page import ListPage, Pages, all_pages
from voisoadmin.voiso.payloads import (
    CAPABILITIES,
    CampaignFacts,
    Change,
    ChangeAnswer,
    ContactFields,
    ContactsAnswer,
    Generation,
    Listing,
    PeopleAnswer,
    Person,
    PresenceFacts,
    TeamFacts,
)
from voisoadmin.voiso.sent_forms import DOCUMENTED, SentForms
from voisoadmin.voiso.shapes import (
    UnusableShape,
    id_of,
    people_answer,
    person_of,
    presence_of_agent,
    status_of,
    team_of,
    text_of,
)

T = TypeVar("T")
DIALER = "/api/dialer/v1/campaigns"
CDR_CAMPAIGNS = "/api/v2/cdr/campaigns"
CDR_TEAMS = "/api/v2/cdr/teams"
CDR_USERS = "/api/v3/cdr/users"
USERS = "/user_management/v1/users"
# The maximum length of these lists isn't documented; v4 takes a hundred.
MAX_NAMES_PER_CALL = 100


class LegacyClient(BaseClient):
    capabilities = CAPABILITIES[Generation.LEGACY]

    def __init__(self, wire: Wire, key: Key, *, user_key: Key | None = None, users_path: str = "") -> None:
        super().__init__(wire, key)
        self.users_path = users_path
        self._in_path, self._as_bearer, self._in_query = PathKey(key), BearerKey(key), QueryKey(user_key or key)

    def list_campaigns(self, pages: Pages[CampaignFacts] | None = None) -> Listing[CampaignFacts]:
        """GET /api/v1/{key}/campaigns; on a cluster without it, the lookup for call records, which gives only ID and
        name."""
        path = f"/api/v1/{KEY_HERE}/campaigns"
        try:
            return self._list(path, "campaigns", self._campaign_of, _campaign_id, self._in_path, pages)
        except Refused as problem:
            if problem.http_status not in (404, 405):
                raise
        listing = self._look_up(CDR_CAMPAIGNS, "campaigns", self._campaign_of, _campaign_id)
        if pages:  # in one go: pages that were kept must not be taken for those of the other path
            pages.fresh = listing.items
        return listing

    def live_ids(self, pages: Pages[CampaignFacts]) -> set[str] | None:
        """The legacy API has no filter for Live campaigns."""
        return None

    def get_campaign(self, campaign_id: str) -> CampaignFacts:
        for campaign in self.list_campaigns():
            if campaign.id == campaign_id:
                return campaign
        raise CampaignGone("Voiso doesn't list this campaign for this key.")

    def probe(self) -> int:
        return len(self.list_campaigns())

    def probe_presence(self) -> None:
        """GET /api/v1/{key}/agents_status: whether the status of the agents may be read. Safe to repeat."""
        self.agent_statuses()

    def probe_users(self) -> None:
        """Read the users, which needs a user key. Raises the same errors as reading the whole list."""
        self.users()

    def add_contacts(
        self, campaign_id: str, contacts: Sequence[ContactFields], *, spelling: SentForms = DOCUMENTED
    ) -> ContactsAnswer:
        """POST /api/v1/{key}/campaigns/{id}/contacts."""
        check_size(contacts)
        try:
            return self._send("POST", campaign_id, contacts, spelling, update=False)
        except NameRequired as problem:
            if not all(contact.values.get("name") for contact in contacts):
                raise
            words, status = problem.words, problem.http_status
        raise Refused("Voiso refused the contacts.", http_status=status, words=words)

    def update_contacts(
        self,
        campaign_id: str,
        contacts: Sequence[ContactFields],
        *,
        method: str = "",
        spelling: SentForms = DOCUMENTED,
    ) -> ContactsAnswer:
        """PUT on the same path as the add. Raises MethodNotAllowed if the cluster refuses it."""
        check_size(contacts)
        method = method or "PUT"
        try:
            return self._send(method, campaign_id, contacts, spelling, update=True)
        except NameRequired as problem:
            words, status = problem.words, problem.http_status
        # Don't retry with a name: on an update it would overwrite the existing one.
        raise Refused("Voiso refused the update.", http_status=status, words=words)

    def change(self, campaign_id: str, change: Change) -> ChangeAnswer:
        """POST /api/dialer/v1/campaigns/{id}/operation. `success` decides, whatever the status."""

        def read(data: object, _: int) -> ChangeAnswer:
            reported = {} if data is None else _about(data, campaign_id)
            if data is not None and (reported.get("success") is not True or reported.get("operation", change) != change):
                raise UnusableShape
            return ChangeAnswer(status=status_of(reported), words=text_of(reported.get("message"), 300))

        body = {"operation": str(change)}
        return self._ask(
            "POST",
            f"{DIALER}/{quote(campaign_id, safe='')}/operation",
            read,
            asked=Asked.CHANGE,
            auth=self._as_bearer,
            body=body,
        )

    def count_agents(self, campaign_id: str) -> int | None:
        return None

    def campaign_agents(self, campaign_id: str) -> list[Person]:
        raise Refused("The legacy Voiso API can't list who is assigned to a campaign.")

    def change_people(
        self,
        campaign_id: str,
        *,
        add_agents: Sequence[str] = (),
        remove_agents: Sequence[str] = (),
        add_teams: Sequence[str] = (),
        remove_teams: Sequence[str] = (),
    ) -> PeopleAnswer:
        """PATCH /api/dialer/v1/campaigns/{id}/agents: agents by sign-in email, teams by name; partial success is normal."""
        wanted = {
            "add_agents": add_agents,
            "remove_agents": remove_agents,
            "add_teams": add_teams,
            "remove_teams": remove_teams,
        }
        longest = max(len(names) for names in wanted.values())
        answer = PeopleAnswer()
        for start in range(0, longest, MAX_NAMES_PER_CALL):
            part = {name: list(texts[start : start + MAX_NAMES_PER_CALL]) for name, texts in wanted.items()}
            answer = _joined(answer, self._change_people(campaign_id, {name: texts for name, texts in part.items() if texts}))
        return answer

    def users(self, pages: Pages[Person] | None = None) -> list[Person]:
        """GET /user_management/v1/users, the path since October 2024, which takes the contact centre's key; where it
        fails, GET /api/v3/cdr/users, which needs a user key. The path that worked last comes first."""
        paths = [CDR_USERS, USERS] if self.users_path == CDR_USERS else [USERS, CDR_USERS]
        try:
            return self._users(paths[0], pages)
        except VoisoError as problem:
            if not _may_work_elsewhere(problem):
                raise
        if pages:  # those of one path must not be taken for those of the other
            pages.seen.clear()
            pages.fresh.clear()
        return self._users(paths[1], pages)

    def agent_statuses(self, pages: Pages[PresenceFacts] | None = None) -> Listing[PresenceFacts]:
        """GET /api/v1/{key}/agents_status: a list without pages, or the one agent on its own."""
        path = f"/api/v1/{KEY_HERE}/agents_status"
        return self._list(path, "agents", presence_of_agent, _whose, self._in_path, pages, may_be_one=True)

    def teams(self, *, listed_only: bool = False) -> list[TeamFacts]:
        """GET /api/v2/cdr/teams, which needs a user key."""
        return self._look_up(CDR_TEAMS, "teams", team_of, _team_id).items

    def _users(self, path: str, pages: Pages[Person] | None) -> list[Person]:
        if path == CDR_USERS:
            found = self._look_up(path, "users", person_of, _person_id, pages)
        else:
            found = self._list(path, "users", person_of, _person_id, self._as_bearer, pages)
        self.users_path = path
        return found.items

    def _change_people(self, campaign_id: str, body: dict[str, list[str]]) -> PeopleAnswer:
        agents = [*body.get("add_agents", ()), *body.get("remove_agents", ())]
        teams = [*body.get("add_teams", ()), *body.get("remove_teams", ())]

        def read(data: object, _: int) -> PeopleAnswer:
            reported = None if data is None else _about(data, campaign_id)
            return people_answer(reported, agents=agents, teams=teams, words=text_of((reported or {}).get("message"), 300))

        path = f"{DIALER}/{quote(campaign_id, safe='')}/agents"
        return self._ask("PATCH", path, read, asked=Asked.CHANGE, auth=self._as_bearer, body=body)

    def _send(
        self, method: str, campaign_id: str, contacts: Sequence[ContactFields], spelling: SentForms, *, update: bool
    ) -> ContactsAnswer:
        path = f"/api/v1/{KEY_HERE}/campaigns/{quote(campaign_id, safe='')}/contacts"
        body = {"contacts": [contact_body(contact, Generation.LEGACY, spelling) for contact in contacts]}
        return self._send_contacts(method, path, contacts, auth=self._in_path, body=body, update=update)

    def _look_up(
        self,
        path: str,
        name: str,
        parse: Callable[[object], T],
        identity: Callable[[T], str],
        pages: Pages[T] | None = None,
    ) -> Listing[T]:
        """A lookup of the call-record family. It takes user keys; a contact-centre key may still work for everything
        else."""
        try:
            return self._list(path, name, parse, identity, self._in_query, pages)
        except KeyRefused as problem:
            words, status = problem.words, problem.http_status
        raise Forbidden("The legacy API needs a user's key for this.", http_status=status, words=words)

    def _list(
        self,
        path: str,
        name: str,
        parse: Callable[[object], T],
        identity: Callable[[T], str],
        auth: httpx.Auth,
        pages: Pages[T] | None = None,
        may_be_one: bool = False,
    ) -> Listing[T]:
        """A list without documented pages. If there may be more, the next page is requested."""

        def read(_: int, page_no: int) -> ListPage[T]:
            query: Query = {"page": page_no} if page_no > 1 else {}
            is_first = page_no == 1
            return self._ask_for_part(
                path, name, parse, auth=auth, query=query, is_first=is_first, may_be_one=may_be_one and is_first
            )

        return all_pages(pages.kept(read) if pages else read, identity, may_go_on=lambda size: size in USUAL_PAGES)


USUAL_PAGES = frozenset({50, 100, 1000})  # a list of exactly this length may be the first page of a longer one


def _may_work_elsewhere(problem: VoisoError) -> bool:
    """Whether the path, or the key that it wants, is to blame, rather than the contact centre."""
    unreadable = isinstance(problem, NoReply) and problem.http_status == 200
    return unreadable or isinstance(problem, Refused | KeyRefused | Forbidden | Redirected)


def _about(data: object, campaign_id: str) -> dict[str, object]:
    """The answer, if it is about this campaign."""
    if not isinstance(data, dict) or id_of(data, "id", "campaign_id") not in ("", campaign_id):
        raise UnusableShape
    return data


def _joined(first: PeopleAnswer, second: PeopleAnswer) -> PeopleAnswer:
    lists = {
        name: (*getattr(first, name), *getattr(second, name)) for name in PeopleAnswer.__dataclass_fields__ if name != "words"
    }
    return PeopleAnswer(**lists, words="; ".join(filter(None, (first.words, second.words))))


def _campaign_id(campaign: CampaignFacts) -> str:
    return campaign.id


def _person_id(person: Person) -> str:
    return person.id


def _whose(presence: PresenceFacts) -> str:
    return presence.who


def _team_id(team: TeamFacts) -> str:
    return team.id or team.name
