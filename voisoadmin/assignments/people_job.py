"""Carries out a change of people in requests of the size Voiso takes, with a true outcome for every name.

Each name is in the operation's `result`, and is marked `sending` before its request is sent. If the API lists who is on a
campaign, that list decides the outcome of a lost answer; if not, the names of a lost answer are unconfirmed.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar

from django.utils import timezone

from voisoadmin.assignments.models import Agent, Assignment, Team
from voisoadmin.assignments.preview import NameChange, entries_from
from voisoadmin.assignments.roster import learn, mirror_people_of
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.status_writes import leave_lane
from voisoadmin.connections.families import note_answer, note_failure, note_read, why_not
from voisoadmin.connections.models import Family
from voisoadmin.connections.opening import client_for
from voisoadmin.lib.clock import scaled
from voisoadmin.lib.stopping import stop_requested
from voisoadmin.operations import services
from voisoadmin.operations.carrying import OperationJob
from voisoadmin.operations.models import Operation
from voisoadmin.voiso import NoReply, NotSent, PeopleAnswer, Person, VoisoClient, VoisoError

Answer = TypeVar("Answer")
ADDS_IN_A_CALL = 100
REMOVES_IN_A_JOB_STEP = 5  # each is a separate request in v4
MOST_TRIES = 3
LEFT_OUT = "Sent, but missing from Voiso's answer. Check this agent's licence in Voiso."


class PeopleJob(OperationJob):
    job = "voisoadmin.assignments.tasks.run_assignment"
    most_attempts = 200
    new_requests_until = 60.0

    def __init__(self, operation: Operation) -> None:
        super().__init__(operation)
        self.campaign = Campaign.objects.select_related("connection", "lane").get(pk=operation.subject_id)
        self.entries = entries_from(operation.result)
        self.problem = self.words = ""
        self.tries = 0
        self.listed: set[str] | None = None  # ids on the campaign, as last read

    def run(self) -> bool:
        with client_for(self.campaign.connection) as client:
            return self._go(client)

    # How it waits for Voiso: in a bulk, beside a sign of life.

    def ask(self, request: Callable[[], Answer]) -> Answer:
        return request()

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def _go(self, client: VoisoClient) -> bool:
        why_not = self._why_not()
        if why_not:
            return self.give_up(why_not)
        if client.capabilities.lists_agents:
            if any(entry.is_open for entry in self.entries) and not self._read_back(client):
                return self.give_up(self.problem)
        else:
            self._change(
                lambda entry: entry.outcome == "sending",
                lambda entry: entry.ended("unconfirmed", "The background worker stopped before Voiso answered."),
            )
        while some := self._next(client):
            if stop_requested() or self.is_over_time:
                return not self.note()
            self._mark(some, "sending")
            if not self.note():
                return True
            if not self._send(client, some):
                return self.give_up(self.problem)
        return self._end(client)

    def _why_not(self) -> str:
        connection = self.campaign.connection
        connection.refresh_from_db()
        if connection.removed_at is not None:
            return f"The connection {connection.name} was removed."
        return why_not(connection, Family.PEOPLE, timezone.now(), by_person=True)

    def _next(self, client: VoisoClient) -> list[NameChange]:
        """The names of the next request: a hundred to add, or a few to remove."""
        waiting = [entry for entry in self.entries if entry.outcome == "waiting"]
        if not client.capabilities.lists_agents:
            return waiting[:ADDS_IN_A_CALL]
        adds = [entry for entry in waiting if entry.action == "add"]
        return adds[:ADDS_IN_A_CALL] or waiting[:REMOVES_IN_A_JOB_STEP]

    def _send(self, client: VoisoClient, some: Sequence[NameChange]) -> bool:
        """Send one request and save the result; False if nothing more is to be sent."""
        connection = self.campaign.connection
        if self.tries:
            self.wait(scaled(2.0**self.tries))
        change = partial(
            client.change_people,
            self.campaign.voiso_id,
            add_agents=_keys(some, "add", "agent"),
            remove_agents=_keys(some, "remove", "agent"),
            add_teams=_keys(some, "add", "team"),
            remove_teams=_keys(some, "remove", "team"),
        )
        try:
            answer = self.ask(change)
        except VoisoError as problem:
            note_failure(connection, problem, timezone.now(), family=Family.PEOPLE)
            self.problem, self.words = problem.message, problem.words
            return self._failed(client, some, problem)
        note_answer(connection, timezone.now(), family=Family.PEOPLE)
        self.problem, self.tries = "", 0
        self._apply(some, answer)
        return True

    def _failed(self, client: VoisoClient, some: Sequence[NameChange], problem: VoisoError) -> bool:
        self.tries += 1
        if isinstance(problem, NotSent):
            self._mark(some, "waiting")
            return self.tries < MOST_TRIES
        if not client.capabilities.lists_agents:
            outcome = "unconfirmed" if isinstance(problem, NoReply) else "refused"
            self._mark(some, outcome, problem.message)
            return False
        sure, read = not isinstance(problem, NoReply), self._read_back(client)
        if not sure and read and self.tries < MOST_TRIES:
            return True  # missing names are sent again: adding and removing are safe to repeat
        if sure and read:
            self._mark(some, "refused", problem.message)
        elif read:
            self._mark(some, "unconfirmed", f"{problem.message} Checked again: nothing has changed for this name.")
        else:
            # A refused add did nothing; of several removals some may have been done before one failed.
            for action in ("add", "remove"):
                part = [entry for entry in some if entry.action == action]
                self._mark(part, "refused" if sure and action == "add" else "unconfirmed", problem.message)
        return False

    def _read_back(self, client: VoisoClient) -> bool:
        """Compare the open names with who is on the campaign now; False if that can't be read."""
        why = why_not(self.campaign.connection, Family.PEOPLE, timezone.now(), by_person=True)
        if why:
            self.problem = self.problem or why
            return False
        try:
            people = self.ask(partial(client.campaign_agents, self.campaign.voiso_id))
        except VoisoError as problem:
            note_failure(self.campaign.connection, problem, timezone.now(), family=Family.PEOPLE, is_read=True)
            self.problem = self.problem or problem.message
            self.words = self.words or problem.words
            return False
        mirror_people_of(self.campaign, people, at=timezone.now())
        note_read(self.campaign.connection, timezone.now(), family=Family.PEOPLE)
        self.listed = {person.id for person in people}
        self._change(lambda entry: entry.is_open, self._compared)
        return True

    def _compared(self, entry: NameChange) -> NameChange:
        is_there, was_sent = entry.key in (self.listed or ()), entry.outcome == "sending"
        if entry.action == "add" and is_there:
            return entry.ended("added" if was_sent else "already_there")
        if entry.action == "remove" and not is_there:
            return entry.ended("removed" if was_sent else "not_in_campaign")
        return entry.ended("waiting")

    def _apply(self, some: Sequence[NameChange], answer: PeopleAnswer) -> None:
        """Give every name of a request its outcome. Names missing from the answer were left out, which proves nothing."""
        self.words = answer.words
        outcome_of: dict[tuple[str, str, str], str] = {}
        for action, kind, outcome, names in (
            ("add", "agent", "added", answer.added_agents),
            ("remove", "agent", "removed", answer.removed_agents),
            ("add", "team", "added", answer.added_teams),
            ("remove", "team", "removed", answer.removed_teams),
            ("", "agent", "not_found", answer.agent_not_found),
            ("", "team", "not_found", answer.team_not_found),
            ("remove", "agent", "not_in_campaign", answer.agent_not_in_campaign),
            ("remove", "team", "not_in_campaign", answer.team_not_in_campaign),
        ):
            for name in names:
                for each in (action,) if action else ("add", "remove"):
                    outcome_of[each, kind, name.casefold()] = outcome
        for entry in some:
            outcome = outcome_of.get((entry.action, entry.kind, entry.key.casefold()), "left_out")
            note = LEFT_OUT if outcome == "left_out" else ""
            if outcome == "not_found" and entry.nearest:
                note = f"Did you mean {entry.nearest}?"
            self._mark([entry], outcome, note)

    # Saving

    def _mark(self, some: Iterable[NameChange], outcome: str, note: str = "") -> None:
        keys = {(entry.action, entry.kind, entry.key) for entry in some}
        self._change(
            lambda entry: entry.is_open and (entry.action, entry.kind, entry.key) in keys,
            lambda entry: entry.ended(outcome, note),
        )

    def _change(self, which: Callable[[NameChange], bool], how: Callable[[NameChange], NameChange]) -> None:
        self.entries = [how(entry) if which(entry) else entry for entry in self.entries]

    def as_json(self) -> services.Facts:
        return {"names": [entry.as_json() for entry in self.entries]}

    def give_up(self, why: str) -> bool:
        """Stop sending: waiting names weren't sent, those in flight aren't confirmed."""
        self._change(lambda entry: entry.outcome == "waiting", lambda entry: entry.ended("refused", "Not sent."))
        self._change(lambda entry: entry.outcome == "sending", lambda entry: entry.ended("unconfirmed"))
        self.problem = why
        return self._close()

    def _end(self, client: VoisoClient) -> bool:
        if client.capabilities.lists_agents and any(entry.outcome in {"added", "removed"} for entry in self.entries):
            # Voiso's answer decides the outcome; this only updates the page sooner.
            self._read_back(client)
            self.problem = ""
        return self._close()

    def _close(self) -> bool:
        outcomes = {entry.outcome for entry in self.entries}
        outcome = Operation.Status.DONE
        if "unconfirmed" in outcomes:
            outcome = Operation.Status.UNCONFIRMED
        elif outcomes & {"refused", "left_out"}:
            outcome = Operation.Status.REFUSED
        problem = "" if outcome == Operation.Status.DONE else self._problem(outcome)
        return self.end(outcome, problem=problem, answer=self.words)

    def ended(self, outcome: Operation.Status) -> None:
        self._remember()
        leave_lane(self.campaign, self.operation.pk)

    def _problem(self, outcome: Operation.Status) -> str:
        done = sum(entry.outcome in {"added", "removed"} for entry in self.entries)
        if any(entry.outcome == "left_out" for entry in self.entries) and not self.problem:
            self.problem = "Voiso left out some of the names."
        begin = f"{done} of {len(self.entries)} were changed before this. " if done else ""
        end = (
            "Not everything is confirmed. Check in Voiso, then decide."
            if outcome == Operation.Status.UNCONFIRMED
            else "You can try again with the names that were not changed."
        )
        return " ".join(f"{begin}{self.problem} {end}".split())

    def _remember(self) -> None:
        """Store what Voiso confirmed if its API has no list: it is all we know about who is on the campaign."""
        if self.listed is not None:
            return
        at = timezone.now()
        for entry in self.entries:
            if entry.outcome not in {"added", "removed", "not_in_campaign"}:
                continue
            who: dict[str, Agent | Team] = {}
            if entry.kind == "agent":
                who["agent"] = learn(self.campaign.connection, Person(id="", email=entry.key), at=at)
            else:
                who["team"], _ = Team.objects.get_or_create(
                    connection=self.campaign.connection, name=entry.key, defaults={"seen_at": at}
                )
            if entry.outcome == "added":
                Assignment.objects.get_or_create(
                    campaign=self.campaign, **who, defaults={"source": Assignment.Source.CONFIRMED, "since": at}
                )
            else:
                Assignment.objects.filter(campaign=self.campaign, **who).delete()


def _keys(some: Iterable[NameChange], action: str, kind: str) -> list[str]:
    return [entry.key for entry in some if (entry.action, entry.kind) == (action, kind)]
