from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from voisoadmin.assignments import people_job, services
from voisoadmin.assignments.preview import NameChange, entries_from, plan, teams_in
from voisoadmin.assignments.roster import read_people, sync_roster
from voisoadmin.campaigns.lookup import find_campaign
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.families import why_not
from voisoadmin.connections.models import Family
from voisoadmin.connections.opening import client_for
from voisoadmin.lib.commands import JsonCommand, bad_input, command_line_label, refused
from voisoadmin.operations.models import Operation

LISTS = {
    "added_agents": ("agent", {"added"}),
    "removed_agents": ("agent", {"removed"}),
    "added_teams": ("team", {"added"}),
    "removed_teams": ("team", {"removed"}),
    "agent_not_found": ("agent", {"not_found", "ambiguous"}),
    "agent_not_in_campaign": ("agent", {"not_in_campaign"}),
    "team_not_found": ("team", {"not_found"}),
    "team_not_in_campaign": ("team", {"not_in_campaign"}),
}
NEEDS_A_PERSON = {"left_out", "not_possible", "ambiguous", "unconfirmed", "refused"}


class Command(JsonCommand):
    help = "Add agents and teams to a campaign, or remove them, with a result for each name. Exit 1 if any needs attention."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("campaign", help="the campaign's ID in Voiso")
        parser.add_argument("--connection", default="", help="the connection's name, if two connections list this campaign")
        for name, what in (("agent", "email or name"), ("team", "team name")):
            parser.add_argument(f"--add-{name}", action="append", default=[], metavar=name[0].upper(), help=what)
            parser.add_argument(f"--remove-{name}", action="append", default=[], metavar=name[0].upper(), help=what)

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = {name: options[name] for name in ("add_agent", "remove_agent", "add_team", "remove_team")}
        if not any(wanted.values()):
            raise bad_input("Nothing to do. Use --add-agent, --remove-agent, --add-team or --remove-team.")
        campaign = find_campaign(options["campaign"], options["connection"])
        planned = self._plan(campaign, wanted)
        for team, members in teams_in(planned).items():
            names = ", ".join(entry.name for entry in members)
            self.stderr.write(f"This contact centre takes no teams; {team} is sent as its {len(members):,} agents: {names}.")
        operation = services.request_people(
            campaign,
            planned,
            by=None,
            by_label=command_line_label(),
            at=timezone.now(),
            in_background=False,
        )
        if not operation.has_ended:
            people_job.PeopleJob.carry_out(operation)
            operation.refresh_from_db()
        entries = entries_from(operation.result)
        problem = _problem(operation, entries)
        self.emit(
            {"campaign": campaign.id_as_told}
            | {
                key: [entry.name for entry in entries if entry.kind == kind and entry.outcome in outcomes and _fits(key, entry)]
                for key, (kind, outcomes) in LISTS.items()
            }
            | {"problem": problem}
        )
        if operation.status != Operation.Status.DONE or any(entry.outcome in NEEDS_A_PERSON for entry in entries):
            raise refused(problem)

    def _plan(self, campaign: Campaign, wanted: dict[str, list[str]]) -> list[NameChange]:
        """Match the names against a fresh roster; on a command line no one can correct them."""
        connection = campaign.connection
        if not why_not(connection, Family.LOOKUPS, timezone.now()):
            with client_for(connection) as client:
                problem = sync_roster(connection, client, at=timezone.now())
            if problem:
                self.stderr.write(f"Couldn't load the list of agents; using the last known list. {problem}")
                read_people(campaign, at=timezone.now())  # people on the campaign can be named anyway
        return plan(
            campaign,
            add=wanted["add_agent"],
            remove=wanted["remove_agent"],
            add_teams=wanted["add_team"],
            remove_teams=wanted["remove_team"],
        )


def _fits(key: str, entry: NameChange) -> bool:
    verb = {"added": "add", "removed": "remove"}.get(key.partition("_")[0])
    return verb is None or entry.action == verb


def _problem(operation: Operation, entries: list[NameChange]) -> str:
    """What the lists don't show."""
    sentences = [f"Voiso: “{operation.answer}”."] if operation.answer and operation.status != Operation.Status.DONE else []
    sentences += [operation.problem] if operation.problem else []
    for outcome, words in (
        ("already_there", "Already assigned"),
        ("left_out", "Missing from Voiso's answer"),
        ("not_possible", "Not possible"),
        ("ambiguous", "More than one match"),
        ("unconfirmed", "Not confirmed"),
        ("refused", "Not done"),
    ):
        some = [entry for entry in entries if entry.outcome == outcome]
        if some:
            notes = " ".join(dict.fromkeys(entry.note for entry in some if entry.note))
            sentences.append(f"{words}: {', '.join(entry.name for entry in some)}. {notes}".strip())
    return " ".join(sentences)
