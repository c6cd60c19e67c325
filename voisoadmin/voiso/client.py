"""The one interface to Voiso. `open_client` chooses the generation; nothing above knows which one it talks to."""

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from voisoadmin.voiso.payloads import (
    CampaignFacts,
    Capabilities,
    Change,
    ChangeAnswer,
    ContactFields,
    ContactsAnswer,
    PeopleAnswer,
    Person,
    TeamFacts,
)


class VoisoClient(Protocol):
    """Blocking; one client serves one thread. Each method raises the kinds of `errors.VoisoError` and nothing else.

    A call ends within its total deadline, whatever drips in.
    """

    capabilities: Capabilities

    def list_campaigns(self) -> list[CampaignFacts]:
        """All campaigns the key may see, all pages, without repetition. May be repeated."""

    def get_campaign(self, campaign_id: str) -> CampaignFacts:
        """One campaign. Legacy has no such call: it is looked up in the list. May be repeated."""

    def probe(self) -> int:
        """Read as little as proves the key, the right to read campaigns, and the generation; return what total is told."""

    def probe_users(self) -> None:
        """Read as little as proves the right to read users. May be repeated."""

    def add_contacts(self, campaign_id: str, contacts: Sequence[ContactFields]) -> ContactsAnswer:
        """Add up to 1000 contacts to a live campaign. Safe for the campaign to repeat, not for the report."""

    def update_contacts(self, campaign_id: str, contacts: Sequence[ContactFields], *, method: str = "") -> ContactsAnswer:
        """Change up to 1000 contacts, found by number. `method`: the one known to work, else the generation's own.

        `active` of each must be given: an omitted one may re-activate a contact. May be repeated.
        """

    def change(self, campaign_id: str, change: Change) -> ChangeAnswer:
        """Start, pause or stop. Pause and stop may be repeated; a start must not be sent late."""

    def campaign_agents(self, campaign_id: str) -> list[Person]:
        """Who is assigned (where `capabilities.lists_agents`). May be repeated."""

    def change_people(
        self,
        campaign_id: str,
        *,
        add_agents: Sequence[str] = (),
        remove_agents: Sequence[str] = (),
        add_teams: Sequence[str] = (),
        remove_teams: Sequence[str] = (),
    ) -> PeopleAnswer:
        """Add and remove agents and teams. Agents by e-mail where `capabilities.assigns_by_email`, else by user id.

        More than Voiso takes in one call goes in several. If one of several calls fails, the error is raised and what was
        done before is lost to the answer, so the caller reads the campaign's agents back.
        """

    def users(self) -> list[Person]:
        """Everybody of the contact centre, all pages. May be repeated."""

    def teams(self) -> list[TeamFacts]:
        """The teams of the contact centre. v4: derived from the users where no list is found. May be repeated."""

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
