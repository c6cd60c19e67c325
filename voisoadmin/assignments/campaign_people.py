"""Agents and teams, as a part of the campaign's page."""

from voisoadmin.accounts.models import User
from voisoadmin.assignments.models import PeopleList
from voisoadmin.campaigns.models import Campaign, Presence
from voisoadmin.campaigns.pages.sections import Column, Section, add_section
from voisoadmin.operations.models import Operation


def version(campaign: Campaign, _: User) -> str:
    presence = Presence.of(campaign.connection)
    listed = PeopleList.objects.filter(campaign=campaign).values_list("listed_at", "problem").first()
    changes = Operation.objects.about_campaign(campaign.pk).filter(kind=Operation.Kind.ASSIGN)
    last = changes.values_list("pk", "status", "touched_at").first()
    return repr([presence and (presence.read_at, presence.problem), listed, last])


def register() -> None:
    add_section(
        Section(
            id="campaign-people",
            title="Agents and teams",
            view="assignments:panel",
            link="See who is assigned",
            column=Column.RAIL,
            place=10,
            version=version,
        )
    )
