"""The current generation: `/api/v4`, a scoped key as Bearer, objects called leads. Sources: voiso-api.md, section 5."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote

from voisoadmin.voiso.answers import Asked
from voisoadmin.voiso.auth import BearerKey
from voisoadmin.voiso.base_client import READ_SECONDS, BaseClient, check_size
from voisoadmin.voiso.contact_keys import contact_body
from voisoadmin.voiso.errors import CampaignGone, MethodNotAllowed, Refused
from voisoadmin.voiso.http.wire import Query, Wire
from voisoadmin.voiso.keys import Key
from voisoadmin.voiso.page_by_page import ListPage, Pages, all_pages
from voisoadmin.voiso.payloads import (
    CAPABILITIES,
    MAX_USERS_PER_CALL,
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
    ID_LENGTH,
    UnusableShape,
    id_of,
    id_to_send,
    list_of,
    membership_of,
    person_of,
    presence_of_user,
    status_of,
    team_of,
    teams_of_people,
    text_of,
)

T = TypeVar("T")
ROOT = "/api/v4"
PAGE = 100  # Voiso's maximum


class V4Client(BaseClient):
    capabilities = CAPABILITIES[Generation.V4]

    def __init__(self, wire: Wire, key: Key) -> None:
        super().__init__(wire, key)
        self.users_path = ""
        self._auth = BearerKey(key)

    def list_campaigns(self, pages: Pages[CampaignFacts] | None = None) -> Listing[CampaignFacts]:
        """GET /campaigns. If the answer doesn't say which ones are Live, the filter `live` is used, unless the list is read
        in several goes."""
        listing = self._all("/campaigns", "campaigns", self._campaign_of, _campaign_id, pages=pages)
        if pages is None and any(campaign.live is None for campaign in listing):
            live = self.live_ids()
            if live is not None:
                known = [
                    replace(campaign, live=campaign.id in live) if campaign.live is None else campaign for campaign in listing
                ]
                return replace(listing, items=known)
        return listing

    def live_ids(self, pages: Pages[CampaignFacts] | None = None) -> set[str] | None:
        """GET /campaigns?live=true: the IDs of the Live campaigns, or None if Voiso has no such filter or ignores it."""
        further: Query = {"live": "true"}
        try:
            live = self._all("/campaigns", "campaigns", self._campaign_of, _campaign_id, further=further, pages=pages).items
            if pages:
                pages.must_ask()
            # A filter that is ignored would list the same campaigns for the opposite.
            first = self._part("/campaigns", "campaigns", self._campaign_of, {"limit": 1, "live": "false"}).items
        except Refused:
            return None
        ids = {campaign.id for campaign in live}
        return None if any(campaign.id in ids for campaign in first) else ids

    def get_campaign(self, campaign_id: str) -> CampaignFacts:
        """GET /campaigns/{id}, wrapped in `campaign` as documented, or bare."""
        return self._ask(
            "GET",
            ROOT + _campaign(campaign_id),
            lambda data, _: self._campaign_of(data, campaign_id),
            asked=Asked.CAMPAIGN,
            auth=self._auth,
            answers_within=READ_SECONDS,
        )

    def probe(self) -> int:
        total = self._part("/campaigns", "campaigns", self._campaign_of, {"limit": 1}).total
        return len(self.list_campaigns()) if total is None else total

    def probe_presence(self) -> None:
        """The status of the agents is part of the users. Safe to repeat."""
        self.probe_users()

    def probe_users(self) -> None:
        """Read one user, which needs the scope users.read. Raises the same errors as reading the whole list."""
        self._part("/users", "users", person_of, {"limit": 1})

    def add_contacts(
        self, campaign_id: str, contacts: Sequence[ContactFields], *, spelling: SentForms = DOCUMENTED
    ) -> ContactsAnswer:
        """POST /campaigns/{id}/leads with a bare array."""
        check_size(contacts)
        return self._send("POST", campaign_id, contacts, spelling, update=False)

    def update_contacts(
        self,
        campaign_id: str,
        contacts: Sequence[ContactFields],
        *,
        method: str = "",
        spelling: SentForms = DOCUMENTED,
    ) -> ContactsAnswer:
        """PATCH (or PUT) /campaigns/{id}/leads: neither is documented. Raises MethodNotAllowed if Voiso lacks one."""
        check_size(contacts)
        method = method or "PATCH"
        with self._wire.one_deadline():
            try:
                return self._send(method, campaign_id, contacts, spelling, update=True)
            except CampaignGone as gone:
                problem = gone
            # If the campaign exists, the request doesn't: some servers answer 404 where others answer 405.
            self.get_campaign(campaign_id)
        raise MethodNotAllowed(
            f"Voiso doesn't accept updates of contacts by {method}.", http_status=problem.http_status, words=problem.words
        )

    def change(self, campaign_id: str, change: Change) -> ChangeAnswer:
        """POST /campaigns/{id}/start, pause or stop; the answer is the campaign, in its new or a transitional status."""

        def read(data: object, _: int) -> ChangeAnswer:
            if data is None or (isinstance(data, dict) and data.get("success") is True):
                reported = data if isinstance(data, dict) else {}
                return ChangeAnswer(status=status_of(reported), words=text_of(reported.get("message"), 300))
            return ChangeAnswer(status=self._campaign_of(data, campaign_id).status)

        with self._wire.one_deadline():
            try:
                return self._ask("POST", ROOT + _campaign(campaign_id, f"/{change}"), read, asked=Asked.CHANGE, auth=self._auth)
            except CampaignGone as gone:
                problem = gone
            # The path is inferred. If the campaign exists, the request doesn't.
            self.get_campaign(campaign_id)
        raise Refused(
            f"Voiso knows the campaign, but offers no way to {change} it at the documented address.",
            http_status=problem.http_status,
            words=problem.words,
        )

    def count_agents(self, campaign_id: str) -> int | None:
        """GET /campaigns/{id}/users?limit=1 and its total; None if the answer doesn't say how many there are."""
        part = self._part(_campaign(campaign_id, "/users"), "users", person_of, {"limit": 1}, asked=Asked.CAMPAIGN)
        return part.total if part.total is not None or part.count else 0

    def campaign_agents(self, campaign_id: str) -> list[Person]:
        """GET /campaigns/{id}/users: only directly assigned users."""
        path = _campaign(campaign_id, "/users")
        return self._all(path, "users", person_of, _person_id, asked=Asked.CAMPAIGN).items

    def change_people(
        self,
        campaign_id: str,
        *,
        add_agents: Sequence[str] = (),
        remove_agents: Sequence[str] = (),
        add_teams: Sequence[str] = (),
        remove_teams: Sequence[str] = (),
    ) -> PeopleAnswer:
        """POST /campaigns/{id}/users, 100 IDs a request, and DELETE for each one removed. There is no request for teams."""
        if add_teams or remove_teams:
            raise Refused("Voiso's current API (v4) can't assign teams. List the agents instead.")
        added: list[str] = []
        for start in range(0, len(add_agents), MAX_USERS_PER_CALL):
            some = add_agents[start : start + MAX_USERS_PER_CALL]
            reported = self._add_users(campaign_id, some)
            if reported is None:  # accepted without naming anyone
                reported = {person.id for person in self.campaign_agents(campaign_id)}
            added += [user_id for user_id in some if user_id in reported]
        removed = [user_id for user_id in remove_agents if self._remove_user(campaign_id, user_id)]
        return PeopleAnswer(
            added_agents=tuple(added),
            removed_agents=tuple(removed),
            agent_not_in_campaign=tuple(user_id for user_id in remove_agents if user_id not in removed),
            left_out=tuple(user_id for user_id in add_agents if user_id not in added),
        )

    def users(self, pages: Pages[Person] | None = None) -> list[Person]:
        """GET /users, all pages."""
        return self._all("/users", "users", person_of, _person_id, pages=pages).items

    def agent_statuses(self, pages: Pages[PresenceFacts] | None = None) -> Listing[PresenceFacts]:
        """GET /users, all pages: each user has a general status."""
        return self._all("/users", "users", presence_of_user, lambda presence: presence.who, pages=pages)

    def teams(self, *, listed_only: bool = False) -> list[TeamFacts]:
        """GET /teams, which isn't documented; if it is missing, the teams that the users belong to."""
        try:
            return self._all("/teams", "teams", team_of, lambda team: team.id or team.name).items
        except Refused as problem:
            if problem.http_status not in (404, 405):
                raise
        if listed_only:
            return []
        memberships = self._all("/users", "users", membership_of, lambda membership: membership[0]).items
        return teams_of_people(memberships)

    def _add_users(self, campaign_id: str, user_ids: Sequence[str]) -> set[str] | None:
        """The IDs in the answer; None for an answer without content."""

        def read(data: object, _: int) -> set[str] | None:
            return (
                None if data is None else {_user_id(item) for item in list_of(data, "added_users", "users", "user_ids", "data")}
            )

        return self._ask(
            "POST",
            ROOT + _campaign(campaign_id, "/users"),
            read,
            asked=Asked.CHANGE,
            auth=self._auth,
            body={"user_ids": [id_to_send(user_id) for user_id in user_ids]},
        )

    def _remove_user(self, campaign_id: str, user_id: str) -> bool:
        """Whether the user was removed; False if they weren't on the campaign."""

        def read(data: object, _: int) -> bool:
            if data is None or (isinstance(data, dict) and data.get("success") is True and "user" not in data):
                return True
            reported = data.get("user", data) if isinstance(data, dict) else None
            if _user_id(reported) != user_id:
                raise UnusableShape
            return True

        try:
            path = ROOT + _campaign(campaign_id, f"/users/{quote(user_id, safe='')}")
            return self._ask("DELETE", path, read, asked=Asked.REMOVAL, auth=self._auth)
        except CampaignGone:
            pass
        # A 404 may mean the user or the campaign; reading the campaign decides.
        self.get_campaign(campaign_id)
        return False

    def _send(
        self, method: str, campaign_id: str, contacts: Sequence[ContactFields], spelling: SentForms, *, update: bool
    ) -> ContactsAnswer:
        path = ROOT + _campaign(campaign_id, "/leads")
        body = [contact_body(contact, Generation.V4, spelling) for contact in contacts]
        return self._send_contacts(method, path, contacts, auth=self._auth, body=body, update=update)

    def _all(
        self,
        path: str,
        name: str,
        parse: Callable[[object], T],
        identity: Callable[[T], Hashable],
        *,
        asked: Asked = Asked.READ,
        further: Query | None = None,
        pages: Pages[T] | None = None,
    ) -> Listing[T]:
        def read(offset: int, _: int) -> ListPage[T]:
            return self._part(path, name, parse, {"limit": PAGE, "offset": offset, **(further or {})}, asked)

        # A server may return fewer items than requested, so even a short page may have a successor.
        return all_pages(pages.kept(read) if pages else read, identity, may_go_on=bool)

    def _part(self, path: str, name: str, parse: Callable[[object], T], query: Query, asked: Asked = Asked.READ) -> ListPage[T]:
        is_first = not query.get("offset")
        return self._ask_for_part(ROOT + path, name, parse, auth=self._auth, query=query, asked=asked, is_first=is_first)


def _campaign(campaign_id: str, rest: str = "") -> str:
    return f"/campaigns/{quote(campaign_id, safe='')}{rest}"


def _campaign_id(campaign: CampaignFacts) -> str:
    return campaign.id


def _person_id(person: Person) -> str:
    return person.id


def _user_id(reported: object) -> str:
    return id_of(reported, "id", "user_id") if isinstance(reported, dict) else text_of(reported, ID_LENGTH)
