from __future__ import annotations

from typing import Any

from django.db import models

from voisoadmin.campaigns.models import AgentPresence, Campaign
from voisoadmin.connections.models import Connection
from voisoadmin.lib.folded_columns import SearchText, SortKey


class Agent(models.Model):
    """A user of a contact centre who can dial: from the users API, or (legacy) learned from assignments."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="agents")
    voiso_id = models.CharField(max_length=64, blank=True)  # opaque; empty if only the email is known
    email = models.CharField(max_length=254, blank=True)  # lower case
    name = models.CharField(max_length=255, blank=True)
    teams: models.ManyToManyField[Team, Team] = models.ManyToManyField("Team", related_name="members", blank=True)
    seen_at = models.DateTimeField()
    missing_since = models.DateTimeField(null=True, blank=True)
    sort_key = SortKey(of=("name", "email"))
    search_text = SearchText(of=("name", "email", "voiso_id"))

    DERIVED = ("sort_key", "search_text")

    # Where a page shows them: set by `agent_statuses` and `on_campaigns`.
    presence: AgentPresence | None = None
    placements: Any = None

    class Meta:
        ordering = ["name", "email"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "voiso_id"], condition=~models.Q(voiso_id=""), name="one_agent_per_id"
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "email"], name="agent_email"),
            models.Index(fields=["connection", "sort_key", "id"], name="agent_in_list"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def called(self) -> str:
        """What identifies it best for a person."""
        return self.email or self.name or f"ID {self.voiso_id}"


class Team(models.Model):
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="teams")
    voiso_id = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=255)
    seen_at = models.DateTimeField()
    sort_key = SortKey(of=("name",))
    search_text = SearchText(of=("name",))

    placements: Any = None  # where a page shows them: set by `on_campaigns`

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["connection", "name"], name="one_team_per_name")]

    def __str__(self) -> str:
        return self.name


class Assignment(models.Model):
    """An agent or a team on a campaign, and how we know."""

    class Source(models.TextChoices):
        LISTED = "listed", "Listed by Voiso"
        CONFIRMED = "confirmed", "Voiso confirmed our change"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="assignments")
    agent = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.CASCADE, related_name="assignments")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="assignments")
    source = models.CharField(max_length=10, choices=Source.choices)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(agent__isnull=False, team__isnull=True) | models.Q(agent__isnull=True, team__isnull=False),
                name="an_agent_or_a_team",
            ),
            models.UniqueConstraint(fields=["campaign", "agent"], name="one_assignment_per_agent"),
            models.UniqueConstraint(fields=["campaign", "team"], name="one_assignment_per_team"),
        ]

    def __str__(self) -> str:
        return f"{self.agent or self.team} on {self.campaign}"

    @property
    def typed(self) -> str:
        """What a person would type for it in a list of names."""
        if self.agent is not None:
            return self.agent.email or self.agent.name
        return self.team.name if self.team is not None else ""


class Roster(models.Model):
    """How we know the agents and teams of a connection: Voiso's last list."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="roster")
    began_at = models.DateTimeField(null=True, blank=True)  # the claim: one sync at a time
    synced_at = models.DateTimeField(null=True, blank=True)  # last complete list
    problem = models.CharField(max_length=300, blank=True)  # of the last attempt, empty if it was answered
    lists_began_at = models.DateTimeField(null=True, blank=True)  # the claim to read who is on the campaigns, one by one
    pages = models.JSONField(default=list)  # of a list of users that is half read
    reading_since = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Roster of {self.connection}"


class PeopleList(models.Model):
    """How we know who is on a campaign: Voiso's last list, if its API has one."""

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, related_name="people_list")
    began_at = models.DateTimeField(null=True, blank=True)
    listed_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"People of {self.campaign}"
