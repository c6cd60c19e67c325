"""A known key, through everything that VoisoAdmin does and everything that can go wrong; then searched for everywhere."""

import io
import itertools
import logging
import subprocess
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Queue, Value
from urllib.parse import quote

import httpx
import psutil
import psycopg
import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ, Task
from django_q.monitor import monitor
from django_q.worker import worker

from tests.browser.files import mixed_file
from tests.security import canary
from tests.security.answers import content_of
from tests.security.routes import all_routes
from tests.support.forking import Forked
from tests.support.installation import Installation
from tests.support.queue import run_jobs, take_jobs
from tests.support.sandbox import RemoteSandbox
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.families import note_failure
from voisoadmin.connections.models import Connection
from voisoadmin.connections.opening import client_for
from voisoadmin.lib.jobs import enqueue
from voisoadmin.pushes.models import Call
from voisoadmin.sandbox import Fault, Sandbox
from voisoadmin.uploads.models import Upload
from voisoadmin.voiso import Change, ContactFields

KEY = "canary+7f3a=9c51&d20e4b86"
ECHO = f"No such thing: /api/v1/{KEY}/campaigns and ?key={quote(KEY, safe='')} by Bearer {KEY}; {KEY.upper()} &amp; {KEY}"
# Possible answers of Voiso, each containing the key.
ECHOES: list[dict[str, object]] = [
    *(
        {"fault": Fault.ODD_JSON, "status": status, "acted": False, "body": body}
        for status, body in itertools.product(
            (200, 400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 502),
            ({"error": ECHO}, {"errors": {KEY: [ECHO]}, "success": False}, f"<pre>{ECHO}</pre>"),
        )
    ),
    {"fault": Fault.ODD_JSON, "body": {"campaigns": KEY, "leads_import": {KEY: KEY}, "users": KEY}},
    {"fault": Fault.ODD_JSON, "body": f'{{"{KEY}": "{KEY}'},
    {"fault": Fault.REDIRECT, "location": f"https://evil.example/api/v1/{KEY}/login?key={KEY}"},
    {"fault": Fault.RATE_LIMITED, "retry_after": KEY},
    {"fault": Fault.HTML_502},
    {"fault": Fault.SERVER_ERROR, "status": 503},
    {"fault": Fault.TRUNCATED_JSON},
    {"fault": Fault.RESET_BEFORE},
    {"fault": Fault.UNREACHABLE},
    *({"fault": Fault.ANSWER_LOST, "how": how} for how in ("reset", "timeout", "closed", "502")),
]


class BrokenTransport(httpx.BaseTransport):
    """Fails as no transport should, and reveals all it knows."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        authorization = request.headers.get("authorization")
        raise LookupError(f"{request.method} {request.url} {request.headers} {authorization}")


def broken_transport(base_url: str) -> httpx.BaseTransport:
    return BrokenTransport()


class Seen:
    """Every text that reached a person."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.places: dict[str, str] = {}

    def note(self, where: str, text: str) -> None:
        self.places[f"{len(self.places)} {where}"] = text

    def page(self, method: str, address: str, /, **fields: object) -> int:
        answer = getattr(self.client, method)(address, fields, follow=True)
        self.note(f"{method} {address}", content_of(answer).decode("latin-1"))
        self.note(f"{method} {address}, head", f"{answer.headers} {answer.cookies} {answer.redirect_chain}")
        return answer.status_code

    def click(self, name: str, pk: int, **fields: object) -> int:
        return self.page("post", reverse(name, args=[pk]), client_token=str(uuid.uuid4()), **fields)

    def command(self, *words: str, **options: object) -> str:
        out, err = io.StringIO(), io.StringIO()
        try:
            call_command(*words, stdout=out, stderr=err, **options)
        except CommandError as problem:
            err.write(str(problem))
            self.problem(problem)
        self.note(" ".join(words[:1]), out.getvalue() + err.getvalue())
        return out.getvalue() + err.getvalue()

    def problem(self, problem: BaseException) -> None:
        self.note(type(problem).__name__, f"{problem!r} {problem} {vars(problem)}")
        self.note(f"{type(problem).__name__}, with variables", canary.with_variables(problem))

    def failure_of(self, act: Callable[[], object]) -> Exception | None:
        try:
            act()
        except Exception as problem:
            self.problem(problem)
            return problem
        return None


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "voiso-key"
    path.write_text(KEY + "\n")
    return path


@pytest.fixture
def seen(transactional_db, client, ada, sandbox, generation, caplog, settings) -> Seen:
    assert not settings.DEBUG
    sandbox.add_key(KEY, generation=generation)
    for name in ("", "httpx", "httpcore", "django", "django.request", "django.db.backends", "django.template", "django-q"):
        caplog.set_level(logging.DEBUG, logger=name)
    database.force_debug_cursor = True  # so that each statement is logged with its parameters
    client.force_login(ada)
    client.raise_request_exception = False
    yield Seen(client)
    database.force_debug_cursor = False


def connect(seen: Seen, sandbox: Sandbox, generation: str, key_file) -> Connection:
    """By the page and by the command, with everything that can be wrong about it."""
    form = {"name": "Berlin", "address": "cc-test01", "generation": generation, "key": KEY}
    other = "legacy" if generation == "v4" else "v4"
    for wrong in ({"address": "https://evil.example"}, {"name": ""}, {"generation": "v5"}, {"key": f"{KEY} {KEY}"}):
        assert seen.page("post", "/connections/new/", **form | wrong) == 422
    seen.page("post", "/connections/new/", **form | {"name": "Other", "generation": other})
    seen.page("post", "/connections/new/", **form)
    connection = Connection.objects.get(name="Berlin")
    seen.page("post", f"/connections/{connection.pk}/", **form | {"name": "Other"})
    sandbox.revoke_key(KEY)
    seen.click("connections:check", connection.pk)
    sandbox.restore_key(KEY)
    command = ["connect", "Berlin", "--cluster", "cc-test01", "--api", generation, "--key-file"]
    assert "Berlin answers" in seen.command(*command, str(key_file))
    seen.command(*command, str(key_file), json=True)
    seen.command(*command, str(key_file.with_name("nowhere")))
    seen.command("connect", "B", "--cluster", "not a cluster", "--api", generation, "--key-file", str(key_file))
    seen.click("connections:remove", Connection.objects.get(name="Other").pk)
    return connection


def echo_everything(seen: Seen, sandbox: Sandbox, connection: Connection, voiso_id: str) -> None:
    """Each request of the client, each odd answer."""
    contact = ContactFields(number="447415992548", values={"active": True})
    with client_for(connection) as voiso:
        calls: list[Callable[[], object]] = [
            voiso.list_campaigns,
            lambda: voiso.add_contacts(voiso_id, [contact]),
            lambda: voiso.update_contacts(voiso_id, [contact]),
            lambda: voiso.change(voiso_id, Change.PAUSE),
            lambda: voiso.change_people(voiso_id, add_agents=["101"]),
            voiso.users,
            voiso.teams,
        ]
        seen.note("client", f"{voiso!r} {vars(voiso)} {vars(voiso).values()}")
        for echo in ECHOES:
            for call in calls:
                sandbox.faults.orders.clear()
                sandbox.fault(**{"times": 9, "on": "any", **echo})
                problem = seen.failure_of(call)
                if problem is not None:
                    note_failure(connection, problem, timezone.now())
    sandbox.heal()
    sandbox.faults.orders.clear()
    Connection.objects.filter(pk=connection.pk).update(held_reason="", held_kind="", held_until=None, failures=0)


def work(seen: Seen, sandbox: Sandbox, campaign: Campaign, folder) -> None:
    """Upload, push, control and assign, undisturbed and with answers that repeat the key."""
    file = mixed_file(folder)
    with file.open("rb") as stream:
        fields = {"file": stream, "client_token": str(uuid.uuid4()), "kind": "add"}
        seen.page("post", reverse("uploads:new") + f"?campaign={campaign.pk}", **fields)
    run_jobs()
    upload = Upload.objects.latest("pk")
    assert seen.click("uploads:send", upload.pk, version=upload.version) == 200
    run_jobs()
    assert sandbox.numbers_in(campaign.voiso_id) >= {"447400300001", "447400300002"}
    for number, echo in enumerate(({"fault": Fault.POISON, "numbers": None, "text": ECHO}, *ECHOES[1:36:7])):
        path = folder / f"leads {number}.csv"
        path.write_text(f"Phone,Name\n+4474155{number:05},{number}\n+4474156{number:05},{number}\n")
        sandbox.fault(**{"times": 2, "on": "contacts", **echo})
        seen.command("push", str(path), campaign=campaign.voiso_id, wait=False)
        run_jobs()
        sandbox.heal()
        Connection.objects.update(held_reason="", held_kind="", held_until=None)
    for change, echo in zip(itertools.cycle(["pause", "start"]), ECHOES[::5], strict=False):
        sandbox.fault(**{"times": 2, "on": "operations", **echo})
        seen.click("controls:operate", campaign.pk, change=change)
        sandbox.fault(**{"times": 2, "on": "people", **echo})
        seen.click("assignments:change", campaign.pk, names="tom.okafor@example.com", do="add", step="apply")
        sandbox.fault(**{"times": 2, "on": "reads", **echo})
        seen.click("assignments:refresh_roster", campaign.connection_id)
        seen.page("post", "/looking/", campaign=str(campaign.pk))
        seen.command("sync")
        seen.click("connections:check", campaign.connection_id)
        run_jobs()
        sandbox.faults.orders.clear()
        Connection.objects.update(held_reason="", held_kind="", held_until=None)


def break_everything(seen: Seen, settings, connection: Connection, campaign: Campaign, folder) -> None:
    """Unexpected exceptions with the key in their message: in a view, in a job, in the engine, in a command."""
    settings.VOISO_TRANSPORT = f"{__name__}.broken_transport"
    form = {"name": "Porto", "address": "cc-test01", "generation": connection.generation, "key": KEY}
    assert seen.page("post", "/connections/new/", **form) == 500
    assert seen.click("connections:check", connection.pk) == 500
    for job in ("voisoadmin.campaigns.tasks.try_connection", "voisoadmin.assignments.tasks.sync_roster"):
        run_as_the_queue_does(job, connection.pk)
    assert not Task.objects.exists(), "what went wrong is in the log, which is looked at as well"
    path = folder / "broken.csv"
    path.write_text("Phone\n+447415599999\n")
    take_jobs()
    # Named, because the one that couldn't be tested above was never asked for its campaigns, and would be now.
    seen.command("push", str(path), campaign=campaign.voiso_id, connection=campaign.connection.name)
    settings.SLICE_SECONDS = 1
    for name, args in take_jobs():  # the file is read and sent, the engine meets the fault; it would try for ever
        if "uploads" in name:
            import_string(name)(*args)
    run_as_the_queue_does("voisoadmin.pushes.tasks.drain_lanes")
    assert Call.objects.filter(outcome=Call.Result.UNCERTAIN, batch__push__uploads__file_name="broken.csv").exists()
    settings.VOISO_TRANSPORT = "voisoadmin.no_such_module.transport"
    assert seen.page("post", "/connections/new/", **form | {"name": "Lima"}) == 500
    assert seen.failure_of(lambda: seen.command("sync"))


def run_as_the_queue_does(job: str, *ids: int) -> None:
    """With django-q2's own worker and monitor, which log a failure."""
    OrmQ.objects.all().delete()
    enqueue(job, *ids)
    tasks, results = Queue(), Queue()
    for row in OrmQ.objects.all():
        tasks.put({**row.task, "name": "a job", "started": timezone.now()})
    tasks.put("STOP")
    worker(tasks, results, Value("d", -1))
    results.put("STOP")
    monitor(results)
    for queue in (tasks, results):
        queue.close()
        queue.join_thread()


def look_at_everything(seen: Seen, campaign: Campaign, ada_pk: int) -> None:
    uploads = list(Upload.objects.order_by("pk"))
    for upload in (*uploads[:2], uploads[-1]):  # one that succeeded, one that Voiso answered with the key, one that failed
        for route in all_routes():
            owner = {"campaigns": campaign.pk, "connections": campaign.connection_id, "people": campaign.connection_id}
            pk = {**owner, "users": ada_pk}.get(route.pattern.split("/")[0], upload.pk)
            if pk != upload.pk and upload != uploads[0]:
                continue
            for ending in ("csv", "xlsx") if "ending" in route.parameters else ("",):
                seen.page("get", route.address(pk=pk, ending=ending))


@pytest.mark.slow
def test_the_key_is_nowhere_but_encrypted_in_its_column(
    seen, sandbox, generation, key_file, tmp_path_factory, settings, written, caplog, ada
):
    folder = tmp_path_factory.mktemp("files")
    voiso_id = str(sandbox.add_campaign("Spring renewals"))

    connection = connect(seen, sandbox, generation, key_file)
    seen.command("sync")
    campaign = Campaign.objects.get(voiso_id=voiso_id)
    echo_everything(seen, sandbox, connection, voiso_id)
    work(seen, sandbox, campaign, folder)
    break_everything(seen, settings, connection, campaign, folder)
    look_at_everything(seen, campaign, ada.pk)

    assert Connection.objects.get(pk=connection.pk).key == KEY, "it is there to be found"
    assert len(seen.places) > 500
    assert written.getvalue().count("\n") > 500
    rows = canary.rows()
    assert any("gAAAA" in text for place, text in rows.items() if place.startswith("connections_connection"))
    assert canary.find(KEY, seen.places) == []
    assert canary.find(KEY, {"log": written.getvalue()}) == []
    assert canary.find(KEY, canary.records(caplog.records)) == []
    assert canary.find(KEY, rows) == []
    files = canary.files(django_settings.DATA_DIR)
    files.pop(str(key_file), None)  # the test's own, there if it runs in one process
    assert canary.find(KEY, files) == []
    seen.note("connection", f"{connection} {connection!r} {vars(connection)} {Connection.objects.values()}")
    assert canary.find(KEY, seen.places) == []


@pytest.mark.parametrize("before", ["", "x", "Bearer ", "key="])
def test_the_search_itself_finds_a_key_however_it_is_encoded(before):
    hidden = f"{before}{KEY}&page=2"
    texts = [hidden, quote(hidden), hidden.encode().hex(), canary.base64.b64encode(hidden.encode()).decode()]
    texts.append(canary.base64.urlsafe_b64encode(hidden.encode()).decode())

    for text in texts:
        assert len(canary.find(KEY, {"somewhere": f"<p>{text}</p>"})) >= 1
    assert canary.find(KEY, {"somewhere": "canary, 4b86"}) == []


@pytest.mark.kills
def test_no_process_of_an_installation_shows_it(tmp_path, generation):
    """Real processes: their command lines, environments, output and logs, and the files they leave."""
    shown: dict[str, str] = {}
    with RemoteSandbox() as sandbox:
        key = sandbox.V4_KEY if generation == "v4" else sandbox.LEGACY_KEY
        voiso_id = str(sandbox.add_campaign("Spring renewals"))
        (tmp_path / "key").write_text(key)
        (tmp_path / "leads.csv").write_text("Phone\n+447400300001\n")
        (tmp_path / "data").mkdir()
        here = Installation(tmp_path / "data", extra_hosts=sandbox.host, env={"VOISOADMIN_LOG_LEVEL": "DEBUG"})
        here.popen = subprocess.Popen  # what is forked would show another command line

        def run(*words: str, input: str = "") -> None:
            process = here.start(*words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            with ThreadPoolExecutor(1) as pool:
                ended = pool.submit(process.communicate, input, 120)
                while not ended.done():
                    watch(shown, process.pid)
            shown[" ".join(words)] = "".join(ended.result())
            assert process.returncode == 0, ended.result()

        connect = ["connect", "Berlin", "--base-url", sandbox.address, "--api", generation]
        run(*connect, "--key-file", str(tmp_path / "key"))
        run(*connect, input=key)
        worker = here.start("work", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        here.popen = Forked
        try:
            run("sync", "--json")
            run("push", str(tmp_path / "leads.csv"), "--campaign", voiso_id)
            while not sandbox.numbers_in(voiso_id):
                watch(shown, worker.pid)
        finally:
            worker.terminate()
            shown["work"] = worker.communicate(timeout=300)[0]

    files = canary.files(here.folder)
    assert any(place.startswith("command line") and "connect Berlin" in text for place, text in shown.items())
    assert any(place.startswith("environment") for place in shown)
    assert "Stopping" in shown["work"]
    assert any("gAAAA" in text for text in [*files.values(), *stored(here)])
    assert canary.find(key, shown) == []
    assert canary.find(key, files) == []
    assert canary.find(key, {str(number): row for number, row in enumerate(stored(here))}) == []


def watch(shown: dict[str, str], pid: int) -> None:
    """Record the command line and the environment of a process and its children, as others on the machine may see them."""
    try:
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            line = " ".join(process.cmdline()) + process.name()  # empty for a process that is ending
            shown[f"command line {process.pid} {line}"] = line
            shown[f"environment {process.pid} {line}"] = str(process.environ())
    except psutil.Error:
        pass  # it has ended
    time.sleep(0.05)


def stored(here: Installation) -> list[str]:
    """The rows of the installation's database, if it is a server; SQLite is one of the files."""
    if "DATABASE_URL" not in here.env:
        return []
    with psycopg.connect(here.env["DATABASE_URL"]) as server:
        tables = server.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return [str(row) for (table,) in tables for row in server.execute(f'SELECT * FROM "{table}"').fetchall()]
