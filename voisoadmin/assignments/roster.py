"""The agents and teams of a contact centre, and who is on a campaign: mirrored if the API lists it, else learned."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from voisoadmin.assignments.models import Agent, Assignment, PeopleList, Roster, Team
from voisoadmin.assignments.on_campaigns import running_campaigns
from voisoadmin.campaigns.mirroring import chunks
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.status_writes import note_agents
from voisoadmin.connections.families import note_failure, note_read
from voisoadmin.connections.models import Connection, Family
from voisoadmin.connections.opening import client_for, remember_users_path
from voisoadmin.lib.jobs import enqueue
from voisoadmin.voiso import Forbidden, Pages, Person, TeamFacts, Unfinished, VoisoClient, VoisoError

ROSTER_FRESH = timedelta(minutes=5)
LIST_FRESH = timedelta(seconds=20)
LISTS_FRESH = timedelta(minutes=10)  # while the roster is open
CLAIM_LASTS = timedelta(minutes=3)
CHUNK = 500
LEARNED_AT_ONCE = 20  # agents written one by one in a transaction, so that other writers wait no longer than that
KEPT_FOR = timedelta(hours=1)  # the first pages of a list of users that takes longer are too old


def sync_roster(
    connection: Connection, client: VoisoClient, *, at: datetime, may_ask: Callable[[], bool] = lambda: True
) -> str:
    """Read all agents and teams and mirror them; return an error message, or an empty text.

    `may_ask`: before each request. If it may not be sent, a later go reads the rest.
    """
    roster, _ = Roster.objects.get_or_create(connection=connection)
    row = Roster.objects.filter(pk=roster.pk)
    if roster.reading_since is None or not at - KEPT_FOR < roster.reading_since <= at:
        roster.pages, roster.reading_since = [], at
    since = roster.reading_since
    pages = Pages[Person](may_ask, lambda person: person.id, lambda name: Person(id=name), seen=roster.pages)
    try:
        client.users(pages)
        remember_users_path(connection, client)
        pages.must_ask()
        teams = _teams(client)
    except Unfinished:
        _mirror(connection, pages.fresh, (), at=since)
        row.update(began_at=None, pages=pages.seen, reading_since=since)
        return ""
    except VoisoError as problem:
        note_failure(connection, problem, at, family=Family.LOOKUPS)
        row.update(problem=problem.message[:300], began_at=None, pages=[], reading_since=None)
        return problem.message
    note_read(connection, at, family=Family.LOOKUPS)
    _mirror(connection, pages.fresh, teams, at=since)
    # Keep a team that is on a campaign: removing it there needs its name.
    Team.objects.filter(connection=connection, seen_at__lt=since, assignments=None).delete()
    Agent.objects.filter(connection=connection, seen_at__lt=since, missing_since=None).exclude(voiso_id="").update(
        missing_since=at
    )
    row.update(problem="", began_at=None, synced_at=at, pages=[], reading_since=None)
    return ""


def _mirror(connection: Connection, people: list[Person], teams: Iterable[TeamFacts], *, at: datetime) -> None:
    known_teams = _mirror_teams(connection, teams, people, at=at)
    _mirror_people(connection, people, known_teams, at=at)


def _teams(client: VoisoClient) -> list[TeamFacts]:
    try:
        return client.teams(listed_only=True)
    except Forbidden:
        return []  # may need a separate permission; the teams that people belong to are still known


def sync_people(campaign: Campaign, client: VoisoClient, *, at: datetime) -> list[Person]:
    """Read who is on the campaign and mirror it; raises VoisoError. For an API that lists them."""
    people = client.campaign_agents(campaign.voiso_id)
    mirror_people_of(campaign, people, at=at)
    return people


def mirror_people_of(campaign: Campaign, people: Sequence[Person], *, at: datetime) -> None:
    agents = list(_agents_of(campaign.connection, people, at=at).values())
    with transaction.atomic():
        _note_assigned(campaign, agents, at=at)


def _note_assigned(campaign: Campaign, agents: Sequence[Agent], *, at: datetime) -> None:
    PeopleList.objects.update_or_create(campaign=campaign, defaults={"listed_at": at, "began_at": None, "problem": ""})
    mine = Assignment.objects.filter(campaign=campaign, agent__isnull=False)
    mine.exclude(agent__in=[agent.pk for agent in agents]).delete()
    there = set(mine.values_list("agent_id", flat=True))
    Assignment.objects.bulk_create(
        [
            Assignment(campaign=campaign, agent=agent, source=Assignment.Source.LISTED, since=at)
            for agent in agents
            if agent.pk not in there
        ],
        ignore_conflicts=True,
    )
    mine.exclude(source=Assignment.Source.LISTED).update(source=Assignment.Source.LISTED)
    note_agents(campaign, len(agents), at=at)


def learn(connection: Connection, person: Person, *, at: datetime) -> Agent:
    """The agent for this person; created if unknown. Fields that Voiso leaves out keep their value."""
    agents = Agent.objects.filter(connection=connection)
    email = person.email.lower()
    found = None
    if person.id:
        found = agents.filter(voiso_id=person.id).first()
    if found is None and email:
        # An agent learned from an assignment has only an email until a list names them.
        found = agents.filter(email=email).filter(Q(voiso_id="") | Q(voiso_id=person.id)).first()
        if found is None and not person.id:
            found = agents.filter(email=email).first()
    if found is None:
        try:
            with transaction.atomic():
                return Agent.objects.create(
                    connection=connection, voiso_id=person.id, email=email, name=person.name[:255], seen_at=at
                )
        except IntegrityError:
            # Roster and people of a campaign are read in parallel: the other job has just created this person.
            found = agents.get(voiso_id=person.id)
    changes = {
        name: value
        for name, value in (("voiso_id", person.id), ("email", email), ("name", person.name[:255]))
        if value and value != getattr(found, name)
    }
    for name, value in {"seen_at": at, "missing_since": None, **changes}.items():
        setattr(found, name, value)
    found.save(update_fields=["seen_at", "missing_since", *changes, *(Agent.DERIVED if changes else ())])
    return found


def ask_for_roster(connection: Connection, *, at: datetime, fresh: timedelta = ROSTER_FRESH) -> bool:
    """Queue a sync of the roster if the last one is older than `fresh`; of fifty pages at once, one does."""
    roster, _ = Roster.objects.get_or_create(connection=connection)
    due = Roster.objects.filter(pk=roster.pk).filter(
        Q(synced_at=None) | Q(synced_at__lt=at - fresh), Q(began_at=None) | Q(began_at__lt=at - CLAIM_LASTS)
    )
    return _enqueue_once(due, "voisoadmin.assignments.tasks.sync_roster", connection.pk, at=at)


def ask_for_people(campaign: Campaign, *, at: datetime) -> bool:
    """Queue a read of who is on the campaign, if the last one isn't fresh."""
    people_list, _ = PeopleList.objects.get_or_create(campaign=campaign)
    due = PeopleList.objects.filter(pk=people_list.pk).filter(
        Q(listed_at=None) | Q(listed_at__lt=at - LIST_FRESH), Q(began_at=None) | Q(began_at__lt=at - LIST_FRESH)
    )
    return _enqueue_once(due, "voisoadmin.assignments.tasks.sync_people", campaign.pk, at=at)


def ask_for_lists(connection: Connection, *, at: datetime) -> bool:
    """Queue a read of who is on each campaign, where the last one is older than `LISTS_FRESH`."""
    if not connection.capabilities.lists_agents or not stale_lists(connection, at=at).exists():
        return False
    roster, _ = Roster.objects.get_or_create(connection=connection)
    due = Roster.objects.filter(pk=roster.pk).filter(Q(lists_began_at=None) | Q(lists_began_at__lt=at - CLAIM_LASTS))
    return _enqueue_once(due, "voisoadmin.assignments.tasks.sync_lists", connection.pk, at=at, claim="lists_began_at")


def stale_lists(connection: Connection, *, at: datetime) -> QuerySet[Campaign]:
    """The campaigns whose agents are to be listed again: those that failed last, and else the oldest list first."""
    due = Q(people_list=None) | Q(people_list__listed_at=None) | Q(people_list__listed_at__lt=at - LISTS_FRESH)
    in_order = [F(f"people_list__{name}").asc(nulls_first=True) for name in ("problem", "listed_at")]
    return running_campaigns(connection).filter(due).select_related("connection").order_by(*in_order, "pk")


def read_people(campaign: Campaign, *, at: datetime) -> str:
    """Read who is on the campaign, if its API lists that; return an error message, or an empty text."""
    with client_for(campaign.connection) as client:
        if not client.capabilities.lists_agents:
            return ""
        try:
            sync_people(campaign, client, at=at)
        except VoisoError as problem:
            note_failure(campaign.connection, problem, at, family=Family.PEOPLE, is_read=True)
            PeopleList.objects.filter(campaign=campaign).update(problem=problem.message[:300], began_at=None)
            return problem.message
    note_read(campaign.connection, at, family=Family.PEOPLE)
    return ""


def _enqueue_once(
    due: QuerySet[Roster] | QuerySet[PeopleList], job: str, pk: int, *, at: datetime, claim: str = "began_at"
) -> bool:
    with transaction.atomic():
        won = due.update(**{claim: at}) == 1
        if won:
            enqueue(job, pk)
    return won


def _mirror_teams(
    connection: Connection, teams: Iterable[TeamFacts], people: Iterable[Person], *, at: datetime
) -> dict[str, Team]:
    named = {team.name: team.id for team in teams if team.name}
    for person in people:
        for name in person.teams:
            named.setdefault(name, "")
    Team.objects.bulk_create(
        [Team(connection=connection, name=name[:255], voiso_id=voiso_id, seen_at=at) for name, voiso_id in named.items()],
        update_conflicts=True,
        unique_fields=["connection", "name"],
        update_fields=["voiso_id", "seen_at"],
    )
    return {team.name: team for team in Team.objects.filter(connection=connection)}


def _mirror_people(connection: Connection, people: list[Person], teams: dict[str, Team], *, at: datetime) -> None:
    for part in chunks(people, CHUNK):
        agents = _agents_of(connection, part, at=at)
        with transaction.atomic():
            _mirror_memberships([(agent, person) for person, agent in agents.items()], teams)


def _agents_of(connection: Connection, people: Sequence[Person], *, at: datetime) -> dict[Person, Agent]:
    """Create those that are new and learn those that differ; of the others only that they were seen."""
    agents: dict[Person, Agent] = {}
    for part in chunks(people, CHUNK):
        ids = [person.id for person in part if person.id]
        known = {agent.voiso_id: agent for agent in Agent.objects.filter(connection=connection, voiso_id__in=ids)}
        same = {person: known[person.id] for person in part if person.id in known and _is_same(known[person.id], person)}
        Agent.objects.filter(pk__in=[agent.pk for agent in same.values()]).update(seen_at=at, missing_since=None)
        agents |= same
        agents |= _created(connection, [person for person in part if person.id and person.id not in known], at=at)
        for some in chunks([person for person in part if person not in agents], LEARNED_AT_ONCE):
            with transaction.atomic():
                agents |= {person: learn(connection, person, at=at) for person in some}
    return agents


def _created(connection: Connection, people: Sequence[Person], *, at: datetime) -> dict[Person, Agent]:
    """The agents of these people, in one statement; without those whose email an agent has, who may be the same person."""
    here = Agent.objects.filter(connection=connection)
    emails = {person.email.lower() for person in people} - {""}
    taken = set(here.filter(email__in=emails).values_list("email", flat=True))
    new = {person.id: person for person in people if person.email.lower() not in taken}
    Agent.objects.bulk_create(
        [
            Agent(connection=connection, voiso_id=key, email=person.email.lower(), name=person.name[:255], seen_at=at)
            for key, person in new.items()
        ],
        ignore_conflicts=True,  # another job may have just created some of them, with other facts
    )
    return {new[agent.voiso_id]: agent for agent in here.filter(voiso_id__in=new) if _is_same(agent, new[agent.voiso_id])}


def _is_same(agent: Agent, person: Person) -> bool:
    return agent.email == person.email.lower() and agent.name == person.name[:255]


def _mirror_memberships(people: list[tuple[Agent, Person]], teams: dict[str, Team]) -> None:
    through: Any = Agent.teams.through  # the stubs don't know the model in between
    wanted = {(agent.pk, teams[name].pk) for agent, person in people for name in person.teams if name in teams}
    rows = through.objects.filter(agent_id__in=[agent.pk for agent, _ in people])
    there = {(row.agent_id, row.team_id): row.pk for row in rows}
    through.objects.filter(pk__in=[pk for pair, pk in there.items() if pair not in wanted]).delete()
    through.objects.bulk_create(
        [through(agent_id=agent, team_id=team) for agent, team in wanted if (agent, team) not in there], ignore_conflicts=True
    )
