"""Tests a connection: one harmless read, and the result in words."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from voisoadmin.accounts.models import User
from voisoadmin.connections.families import end_rests, lines_of_requests, needs, note_failure, note_read
from voisoadmin.connections.holding import release
from voisoadmin.connections.models import Connection, Family
from voisoadmin.connections.opening import client_for, remember_users_path
from voisoadmin.connections.request_forms import remembered
from voisoadmin.connections.signals import connection_answered
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import ask, end
from voisoadmin.voiso import (
    Forbidden,
    Generation,
    KeyRefused,
    NoReply,
    NotConnected,
    RateLimited,
    Redirected,
    Refused,
    UnknownName,
    UntrustedAddress,
    VoisoClient,
    VoisoError,
    open_client,
)

# A user is waiting; a healthy contact centre answers faster than this.
CHECK_SECONDS = 15.0
NAMES = {Generation.V4: "the current API (v4)", Generation.LEGACY: "the legacy API"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionTestResult:
    """The result of a test. `words` explain it to an administrator; `campaigns` is the number Voiso reported, if it
    answered."""

    ok: bool
    words: str
    campaigns: int | None = None
    answer: str = ""  # Voiso's own words
    lines: tuple[str, ...] = ()  # a sentence for each family of requests


def check(connection: Connection, at: datetime) -> ConnectionTestResult:
    """Read the list of campaigns, users, teams and the status of agents; store what each of them answered.

    Only documented reads are asked: whether contacts may be added, or a campaign started, is what earlier requests showed.
    A list that answers ends every hold except a wait that Voiso asked for, and every rest.
    """
    generation = Generation(connection.generation)
    end_rests(connection)
    lines: list[str] = []
    try:
        with client_for(connection, total=CHECK_SECONDS) as client:
            campaigns = client.probe()
            note_read(connection, at)
            lines = [*_lines_of_lookups(connection, client, at), *lines_of_requests(connection, at)]
    except VoisoError as problem:
        note_failure(connection, problem, at, family=Family.LIST)
        found = ConnectionTestResult(ok=False, words=_in_words(connection, generation, problem), answer=problem.words)
    else:
        if Connection.objects.only("held_kind").get(pk=connection.pk).held_kind != Connection.HoldKind.RATE:
            release(connection, at)
        connection_answered.send(Connection, connection=connection)
        listed = f"{campaigns:,} campaign{'' if campaigns == 1 else 's'}"
        words = f"{connection.name} answers and lists {listed}."
        if not lines[0].endswith("can be read."):
            words += f" {lines[0]}"
        # Not stored with the other lines: pages show what is remembered now, each with its button.
        forms = [known.sentence for known in remembered(connection)]
        found = ConnectionTestResult(ok=True, words=words, campaigns=campaigns, lines=(*lines, *forms))
    Connection.objects.filter(pk=connection.pk).update(
        checked_at=at, check_words=found.words[:500], check_passed=found.ok, check_lines=lines
    )
    return found


def _lines_of_lookups(connection: Connection, client: VoisoClient, at: datetime) -> list[str]:
    """Users and teams, and the status of agents: what the key may read of them."""
    lines = []
    try:
        client.probe_users()
    except VoisoError as problem:
        note_failure(connection, problem, at, family=Family.LOOKUPS)
        by_email = " Agents can still be added by email." if connection.generation == Generation.LEGACY else ""
        lines.append(f"Users and teams: {_why_not_read(connection, problem, Family.LOOKUPS, by_email)}")
    else:
        remember_users_path(connection, client)
        note_read(connection, at, family=Family.LOOKUPS)
        lines.append("Users and teams: can be read.")
    try:
        client.probe_presence()
    except VoisoError as problem:
        note_failure(connection, problem, at, family=Family.PRESENCE)
        lines.append(f"Status of agents: {_why_not_read(connection, problem, Family.PRESENCE)}")
    else:
        note_read(connection, at, family=Family.PRESENCE)
        lines.append("Status of agents: can be read.")
    return lines


def _why_not_read(connection: Connection, problem: VoisoError, family: Family, otherwise: str = "") -> str:
    if isinstance(problem, Forbidden | KeyRefused):
        return f"the key can't read them. That needs {needs(connection, family)}.{otherwise}"
    return f"couldn't be read. {_quoted(problem)}"


def check_for(connection: Connection, *, at: datetime, by: User | None = None, by_label: str = "") -> ConnectionTestResult:
    """A test at a user's request, with its Operation."""
    return carry_out_check(begin_check(connection, at=at, by=by, by_label=by_label), at=at)


def begin_check(connection: Connection, *, at: datetime, by: User | None = None, by_label: str = "") -> Operation:
    """Record that a test was requested. Needs no answer of Voiso, so it may be part of a transaction."""
    return ask(Operation.Kind.CHECK_CONNECTION, connection.subject, Click(by=by, by_label=by_label, at=at))


def carry_out_check(operation: Operation, *, at: datetime) -> ConnectionTestResult:
    """Also re-encrypts the stored key, so the old encryption key can be dropped."""
    connection = Connection.objects.get(pk=operation.subject_id)
    _encrypt_anew(connection)
    found = check(connection, at)
    end(
        operation,
        Operation.Status.DONE if found.ok else Operation.Status.REFUSED,
        at=at,
        problem="" if found.ok else found.words,
        answer=found.answer,
        result={"words": found.words, "campaigns": found.campaigns},
    )
    return found


def found_by(operation: Operation) -> ConnectionTestResult:
    """The result of an earlier test."""
    words = operation.problem or str(operation.result.get("words", "The check is in progress."))
    return ConnectionTestResult(ok=operation.status == Operation.Status.DONE, words=words)


def _encrypt_anew(connection: Connection) -> None:
    with transaction.atomic():
        stored = Connection.objects.select_for_update().filter(pk=connection.pk, removed_at=None).first()
        if stored is not None:
            stored.save(update_fields=["key"])


def _in_words(connection: Connection, generation: Generation, problem: VoisoError) -> str:
    """What is wrong and what to do. If the API version may be the reason, the other one is tried."""
    name, host = connection.name, connection.base_url.partition("://")[2]
    answered_oddly = isinstance(problem, NoReply) and problem.http_status is not None and problem.http_status < 500
    if isinstance(problem, KeyRefused | Refused | Redirected | Forbidden) or answered_oddly:
        other = Generation.LEGACY if generation is Generation.V4 else Generation.V4
        if _works_with(connection, other):
            return (
                f"This key is for {NAMES[other]}, but {name} is set to {NAMES[generation]}. "
                "Change the connection's API version."
            )
    match problem:
        case KeyRefused():
            return f"Voiso at {host} doesn't accept the key. Create a new one in Voiso and enter it here. {_quoted(problem)}"
        case Forbidden():
            right = "campaigns.read" if generation is Generation.V4 else "see campaigns"
            return f"The key works, but lacks a permission: {right}. Add it to the key in Voiso. {_quoted(problem)}"
        case RateLimited():
            return "Voiso answered and asked us to wait. Check again in a minute."
        case Redirected():
            return f"{host} redirects to another address, which VoisoAdmin doesn't follow. Check the cluster ID."
        case UntrustedAddress():
            return problem.message
        case UnknownName():
            return (
                f"Host {host} wasn't found, or DNS isn't working. Check the cluster ID and this server's internet connection."
            )
        case NotConnected():
            return f"Can't reach {host}. Check the cluster ID and this server's internet connection."
        case Refused():
            return f"{host} doesn't offer {NAMES[generation]}. Check the cluster ID and the API version. {_quoted(problem)}"
        case NoReply() if answered_oddly:
            return f"The answer from {host} isn't {NAMES[generation]}. Check the cluster ID and the API version."
        case NoReply():
            return f"{host} gave no usable answer: {problem.message} Try again later."
    return f"{problem.message} {_quoted(problem)}".strip()


def _works_with(connection: Connection, generation: Generation) -> bool:
    try:
        with open_client(
            generation=generation, base_url=connection.base_url, key=connection.key, total=CHECK_SECONDS
        ) as client:
            client.probe()
    except VoisoError:
        return False  # report the first error
    return True


def _quoted(problem: VoisoError) -> str:
    return f"Voiso: “{problem.words}”." if problem.words else problem.message
