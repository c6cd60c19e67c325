"""`manage.py demo`: web, worker and two sandboxes on the loopback, with everything needed to try them."""

import contextlib
import itertools
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.connections.models import Connection
from voisoadmin.demo import centres, earlier_states, earlier_uploads, first_rules, samples
from voisoadmin.demo.centres import CENTRES, DemoCentre
from voisoadmin.demo.earlier_states import Event
from voisoadmin.runtime import demo_mark, static_files, supervisor
from voisoadmin.runtime.supervisor import ProcessSpec

HOST = "127.0.0.1"


class DemoRefused(Exception):
    """The demo can't be started; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    password: str  # public: the demo listens only on the loopback
    first_name: str
    last_name: str
    role: User.Role


ACCOUNTS = (
    Account("ines", "dial-the-sandbox", "Ines", "Sousa", User.Role.SUPERVISOR),
    Account("ada", "keys-of-the-sandbox", "Ada", "Berg", User.Role.ADMINISTRATOR),
)


Announce = Callable[[dict[str, Any], str], object]
"""Reports that the demo is up: as facts, and as text."""


def run(*, port: int, sandbox_port: int, say: Callable[[str], object], announce: Announce) -> None:
    """Prepare, start and run until Ctrl-C. Raises DemoRefused and supervisor.CannotRun."""
    ports = _ports(port, sandbox_port)
    first_time = not demo_mark.exists()
    say("Preparing the demo ..." if first_time else "Resuming the demo ...")
    _prepare(ports)
    files = samples.write_all(settings.DATA_DIR / "samples")
    env = {
        "VOISOADMIN_HTTPS": "false",
        "VOISOADMIN_TRUST_PROXY": "false",
        "VOISOADMIN_ALLOWED_HOSTS": "127.0.0.1,localhost",
        "VOISOADMIN_EXTRA_HOSTS": ",".join(f"{HOST}:{number}" for number in ports.values()),
        "VOISOADMIN_DEFAULT_REGION": settings.DEFAULT_REGION or "GB",
    }
    parts = [_sandbox(centre, ports[centre.slug]) for centre in CENTRES]
    parts += [supervisor.web(f"{HOST}:{port}", threads=16, env=env), supervisor.work(env=env)]

    def when_up() -> None:
        facts = _facts(port, [str(file) for file in files])
        announce(facts, _words(facts))

    supervisor.Supervisor(parts).run(is_up=lambda: supervisor.answers(HOST, port), when_up=when_up)
    say("Demo stopped. Run it again to continue from here.")


def _ports(port: int, sandbox_port: int) -> dict[str, int]:
    """Check that the demo may run here; return the sandboxes' ports."""
    if not settings.EMBEDDED:
        raise DemoRefused("The demo uses SQLite. Unset DATABASE_URL and start it again.")
    ports = {centre.slug: sandbox_port + n for n, centre in enumerate(CENTRES)}
    if port in ports.values():
        raise DemoRefused(f"Port {port} can't serve both the pages and a sandbox. Choose another with --port.")
    for number, option in [(port, "--port"), *((number, "--sandbox-port") for number in ports.values())]:
        if why := supervisor.why_not_bindable(HOST, number):
            raise DemoRefused(
                f"Can't use port {number} on {HOST}: {why}. Is a demo already running? Choose another with {option}."
            )
    return ports


def _prepare(ports: dict[str, int]) -> None:
    """Create what is missing: database, static files, users, connections, sandboxes."""
    if not demo_mark.exists() and _is_lived_in():
        raise DemoRefused(
            f"{settings.DATA_DIR} is a real installation with its own accounts; the demo won't touch it. "
            "Set VOISOADMIN_DATA_DIR to an empty folder."
        )
    earlier = demo_mark.read()
    demo_mark.write(ports)  # first, so that an interrupted start can be repeated
    call_command("migrate", verbosity=0)
    static_files.collect()
    for centre in CENTRES:
        state = _state(centre)
        if not state.exists():
            centres.build(centre, state, time_scale=settings.TIME_SCALE)
        _connect(centre, ports[centre.slug], earlier.get(centre.slug))
    for account in ACCOUNTS:
        if not User.objects.filter(username=account.username).exists():
            User.objects.create_user(
                account.username,
                password=account.password,
                first_name=account.first_name,
                last_name=account.last_name,
                role=account.role,
            )
    if not Campaign.objects.exists():
        _begin_alive(timezone.now())


def _begin_alive(at: datetime) -> None:
    """With days in which people worked, and something to do: no one learns much from a board of zeros."""
    ines, folder = User.objects.get(username="ines"), settings.DATA_DIR / "samples"
    folder.mkdir(exist_ok=True)
    events: list[Event] = []
    for centre in CENTRES:
        connection = Connection.objects.get(name=centre.name)
        events += earlier_states.live_through(connection, centres.campaigns_of(centre, _state(centre)), ines, at=at)
    events += earlier_uploads.sent_earlier(ines, folder, at=at)
    events.sort(key=lambda event: event.at)
    for is_upload, some in itertools.groupby(events, key=lambda event: event.is_upload):
        with contextlib.nullcontext() if is_upload else transaction.atomic():
            for event in some:
                event.write()
    earlier_uploads.send_one_now(ines, folder, at=at)
    first_rules.make_rules(ines, at=at)


def _is_lived_in() -> bool:
    return User._meta.db_table in database.introspection.table_names() and User.objects.exists()


def _connect(centre: DemoCentre, port: int, earlier_port: int | None) -> None:
    address = f"http://{HOST}:{port}"
    if earlier_port not in {None, port}:
        # The same contact centre at another port: its contacts are still there.
        before = f"http://{HOST}:{earlier_port}"
        Connection.objects.filter(base_url=before).update(base_url=address)
        Lane.objects.filter(address=before).update(address=address)
    Connection.objects.get_or_create(
        name=centre.name,
        defaults={
            "generation": centre.generation,
            "base_url": address,
            "key": centre.key,
            "key_last4": centre.key[-4:],
        },
    )


def _state(centre: DemoCentre) -> Path:
    path: Path = settings.DATA_DIR / f"{centre.slug}.json"
    return path


def _sandbox(centre: DemoCentre, port: int) -> ProcessSpec:
    command = [sys.executable, "-m", "voisoadmin.sandbox", "--port", str(port), "--state", str(_state(centre)), "--simulate"]
    command += ["--time-scale", str(settings.TIME_SCALE), "--behaviour", "transition_seconds=6.0", "--parent", str(os.getpid())]
    return ProcessSpec(f"sandbox of {centre.name}", command, grace=15.0)


def _facts(port: int, files: list[str]) -> dict[str, Any]:
    """The demo's address, the users (the password is None once it was changed), and the sample spreadsheets."""
    accounts = []
    for account in ACCOUNTS:
        unchanged = User.objects.get(username=account.username).check_password(account.password)
        password = account.password if unchanged else None
        accounts.append({"role": account.role.label, "username": account.username, "password": password})
    return {"address": f"http://{HOST}:{port}", "accounts": accounts, "samples": files}


def _words(facts: dict[str, Any]) -> str:
    lines = ["", f"  Open {facts['address']}", ""]
    for account in facts["accounts"]:
        password = account["password"] or "(changed by you)"
        lines.append(f"  {account['role']:<14} {account['username']:<6} {password}")
    lines += ["", "  Sample spreadsheets:", *(f"    {file}" for file in facts["samples"]), "", "  Press Ctrl-C to stop.", ""]
    return "\n".join(lines)
