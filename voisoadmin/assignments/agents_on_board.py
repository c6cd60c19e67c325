"""Who is assigned to a campaign, with the status of each, as an expression for the rows of the board."""

from django.db.models import Count, OuterRef, Q
from django.db.models.functions import JSONObject

from voisoadmin.assignments.models import Agent, Assignment
from voisoadmin.campaigns.models import AgentPresence
from voisoadmin.lib.subqueries import CountOf, ListOf


def agents_of_campaign() -> JSONObject:
    assigned = Assignment.objects.filter(campaign=OuterRef("pk"))
    agents = Agent.objects.filter(assignments__campaign=OuterRef(OuterRef("pk")))
    # Which of the two names an agent depends on the contact centre's API; no ID is an email.
    whose = Q(who__in=agents.values("voiso_id")) | Q(who__in=agents.values("email"))
    groups = AgentPresence.objects.filter(whose, connection=OuterRef("connection")).order_by().values("group")
    return JSONObject(
        agents=CountOf(assigned.filter(agent__isnull=False)),
        teams=CountOf(assigned.filter(team__isnull=False)),
        by_group=ListOf(groups.annotate(count=Count("pk")).values(row=JSONObject(group="group", count="count"))),
    )
