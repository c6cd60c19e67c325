"""The one interface to Voiso. `open_client` chooses the generation; callers don't know which one they use."""

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from voisoadmin.voiso.page_by_page import Pages
from voisoadmin.voiso.payloads import (
    CampaignFacts,
    Capabilities,
    Change,
    ChangeAnswer,
    ContactFields,
    ContactsAnswer,
    Listing,
    PeopleAnswer,
    Person,
    PresenceFacts,
    TeamFacts,
)
from voisoadmin.voiso.sent_forms import DOCUMENTED, SentForms

TOTAL_SECONDS = 60.0  # of a request, unless the caller says otherwise


class VoisoClient(Protocol):
    """Blocking; one client serves one thread. Each method raises only kinds of `errors.VoisoError`.

    Every request ends within its total deadline, however slowly the answer arrives.
    """

    capabilities: Capabilities
    users_path: str  # legacy: which of the two paths gave the users, for the next client; else empty

    @property
    def clock_ahead(self) -> float | None:
        """By how many seconds our clock is ahead of Voiso's; None if no answer said so."""

    def list_campaigns(self, pages: Pages[CampaignFacts] | None = None) -> Listing[CampaignFacts]:
        """All campaigns the key may see, all pages, without repetition. Safe to repeat.

        `pages`: the list is read in several goes; raises Unfinished until the last one. It then doesn't ask which
        campaigns are Live.
        """

    def live_ids(self, pages: Pages[CampaignFacts]) -> set[str] | None:
        """The IDs of the Live campaigns, in several goes; None if Voiso can't list them separately. Safe to repeat."""

    def get_campaign(self, campaign_id: str) -> CampaignFacts:
        """One campaign. Legacy has no such request: it is looked up in the list. Safe to repeat."""

    def probe(self) -> int:
        """The smallest read that proves the key, the permission to read campaigns and the generation; returns the
        reported total."""

    def probe_presence(self) -> None:
        """The smallest read that proves the permission to read the status of agents. Safe to repeat."""

    def probe_users(self) -> None:
        """The smallest read that proves the permission to read users. Safe to repeat."""

    def add_contacts(
        self, campaign_id: str, contacts: Sequence[ContactFields], *, spelling: SentForms = DOCUMENTED
    ) -> ContactsAnswer:
        """Add up to 1000 contacts to a live campaign. Repeating is safe for the campaign, not for the report."""

    def update_contacts(
        self,
        campaign_id: str,
        contacts: Sequence[ContactFields],
        *,
        method: str = "",
        spelling: SentForms = DOCUMENTED,
    ) -> ContactsAnswer:
        """Change up to 1000 contacts, found by number. `method`: the one known to work, else the generation's own.

        Give `active` for each: leaving it out may re-activate a contact. Safe to repeat.
        """

    def change(self, campaign_id: str, change: Change) -> ChangeAnswer:
        """Start, pause or stop. Pause and stop are safe to repeat; a start must not be sent late."""

    def count_agents(self, campaign_id: str) -> int | None:
        """How many agents are assigned, by one request; None if the answer doesn't say. Safe to repeat."""

    def campaign_agents(self, campaign_id: str) -> list[Person]:
        """Who is assigned (where `capabilities.lists_agents`). Safe to repeat."""

    def change_people(
        self,
        campaign_id: str,
        *,
        add_agents: Sequence[str] = (),
        remove_agents: Sequence[str] = (),
        add_teams: Sequence[str] = (),
        remove_teams: Sequence[str] = (),
    ) -> PeopleAnswer:
        """Add and remove agents and teams. Agents by email where `capabilities.assigns_by_email`, else by user ID.

        A large change takes several requests. If one of them fails, the error is raised and the results of the earlier
        ones are lost, so the caller reads the campaign's agents back.
        """

    def users(self, pages: Pages[Person] | None = None) -> list[Person]:
        """All users of the contact centre, all pages. Safe to repeat.

        `pages`: the list is read in several goes; raises Unfinished until the last one.
        """

    def agent_statuses(self, pages: Pages[PresenceFacts] | None = None) -> Listing[PresenceFacts]:
        """The status of every agent of the contact centre, all pages. Safe to repeat.

        `pages`: the list is read in several goes; raises Unfinished until the last one.
        """

    def teams(self, *, listed_only: bool = False) -> list[TeamFacts]:
        """The teams of the contact centre. v4: derived from the users if there is no list. Safe to repeat.

        `listed_only`: for a caller who has read the users, so that they aren't read again; empty if there is no list.
        """

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
