"""An invalid setting stops the start with a message that doesn't contain the value."""

import ast
import os
import re
import runpy
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.views.debug import SafeExceptionReporterFilter

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
CANARY = "canary#7d/x41:e0"  # no part of it is the number of a line
FERNET_KEY = "A" * 43 + "="  # well-formed, and the same in every process that collects these tests
GOOD_SECRET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP"
POSTGRES = {
    "DATABASE_URL": "postgres://voisoadmin:pass@127.0.0.1:5432/voisoadmin",
    "VOISOADMIN_SECRET_KEY": GOOD_SECRET,
    "VOISOADMIN_ENCRYPTION_KEYS": FERNET_KEY,
}


@pytest.fixture
def start(monkeypatch, tmp_path):
    """Read the settings with only these variables."""

    def read(**variables: str) -> dict[str, object]:
        for name in list(os.environ):
            if name.startswith("VOISOADMIN_") or name == "DATABASE_URL":
                monkeypatch.delenv(name)
        for name, value in {"VOISOADMIN_DATA_DIR": str(tmp_path / "data"), **variables}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delitem(sys.modules, "voisoadmin.variables", raising=False)
        return runpy.run_path(str(ROOT / "voisoadmin" / "settings.py"))

    monkeypatch.setattr(tempfile, "tempdir", tempfile.tempdir)  # they change it for the whole process
    return read


@pytest.fixture
def run(tmp_path):
    """Run a command of a checkout that has nothing yet, with only these variables."""

    def start(*arguments: str, python: tuple[str, ...] = ("manage.py",), **variables: str) -> subprocess.CompletedProcess[str]:
        ours = {name for name in os.environ if name.startswith("VOISOADMIN_") or name == "DATABASE_URL"}
        clean = {name: value for name, value in os.environ.items() if name not in ours}
        return subprocess.run(
            [sys.executable, *python, *arguments],
            cwd=ROOT,
            env={**clean, "VOISOADMIN_DATA_DIR": str(tmp_path / "data"), **variables},
            capture_output=True,
            text=True,
        )

    return start


def test_without_settings_it_creates_its_keys_once_readable_only_by_its_owner(start, tmp_path):
    first, second = start(), start()
    assert not (tmp_path / "data").exists(), "nothing is written before a key is needed"

    secret = str(first["SECRET_KEY"])
    (key,) = map(str, first["ENCRYPTION_KEYS"])

    assert len(secret) >= 50
    Fernet(key)
    for read in (second, start()):
        assert (read["SECRET_KEY"], read["ENCRYPTION_KEYS"]) == (secret, [key])
    made = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "data").iterdir()}
    assert made == {"secret_key": 0o600, "encryption_key": 0o600}
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_with_a_database_server_it_starts_with_the_keys_it_is_given(start):
    read = start(**POSTGRES)

    assert read["DATABASES"]["default"]["HOST"] == "127.0.0.1"
    settings = {name: value for name, value in read.items() if name.isupper()}
    shown = SafeExceptionReporterFilter().cleanse_setting("all", settings)
    for secret in (":pass@", "'pass'", GOOD_SECRET, FERNET_KEY):
        assert secret not in str(shown), "what a report of an error would show"


@pytest.mark.parametrize("missing", ["VOISOADMIN_SECRET_KEY", "VOISOADMIN_ENCRYPTION_KEYS"])
def test_with_a_database_server_it_creates_no_key(start, tmp_path, missing):
    # Two hosts would each create one, and neither could read the other's data.
    for variables in (
        {name: value for name, value in POSTGRES.items() if name != missing},
        POSTGRES | {missing: ""},
        POSTGRES | {missing: " "},
        POSTGRES | {missing: ","},
    ):
        with pytest.raises(ImproperlyConfigured, match=missing):
            start(**variables)
    assert not (tmp_path / "data").exists()


NONSENSE = {
    "VOISOADMIN_SECRET_KEY": [CANARY, "x" * 60, " " * 60, CANARY + " " * 60],
    "VOISOADMIN_ENCRYPTION_KEYS": [
        CANARY,
        CANARY * 3,
        FERNET_KEY[:-2],
        f"{FERNET_KEY},{CANARY}",
    ],
    "DATABASE_URL": [
        CANARY,
        f"mysql://root:{CANARY}@db/voiso",
        f"postgres://voisoadmin:{CANARY}@db/voiso",  # an unquoted password: the port is not a number
        f"postgres://voisoadmin:p@db:{CANARY}/voiso",
        f"postgres://[{CANARY}/voiso",
        "sqlite:///voiso.sqlite3",
    ],
    "VOISOADMIN_DEBUG": ["maybe", "2"],
    "VOISOADMIN_HTTPS": ["ja", "off course"],
    "VOISOADMIN_HSTS_PRELOAD": ["please"],
    "VOISOADMIN_TRUST_PROXY": ["10.0.0.1"],
    "VOISOADMIN_IDLE_MINUTES": ["-1", "721", "1.5", "never"],
    "VOISOADMIN_PROXIES": ["-1", "11", "one", "10.0.0.1"],
    "VOISOADMIN_ALLOWED_HOSTS": ["https://dialer.example.com", "dialer.example.com:443", "a b", " , "],
    "VOISOADMIN_CSRF_TRUSTED_ORIGINS": ["dialer.example.com", "ftp://dialer.example.com", "https://"],
    "VOISOADMIN_TIME_ZONE": ["Europe/Nowhere", "../../etc/passwd", "UTC+1", "/etc/localtime", "\u00fc"],
    "VOISOADMIN_EXTRA_HOSTS": [
        "localhost",
        "https://localhost:1",
        "localhost:port",
        "localhost:99999",
        "localhost:0",
        "a:1;b:2",
    ],
    "VOISOADMIN_TIME_SCALE": ["0", "-1", "nan", "inf", "11", "fast"],
    "VOISOADMIN_SLICE_SECONDS": ["0", "61", "nan", "x"],
    "VOISOADMIN_BULK_REQUESTS": ["0", "51", "nan", "x"],
    "VOISOADMIN_DEFAULT_REGION": ["GBR", "44", "XX", "\u00c4\u00c4"],
    "VOISOADMIN_WORKERS": ["2", "33", "four", "4.5"],
    "VOISOADMIN_MAX_ROWS": ["0", "-5", "many", "99999999999"],
    "VOISOADMIN_MAX_COLUMNS": ["0", "100000"],
    "VOISOADMIN_MAX_CSV_MIB": ["0", "-1", "1e3"],
    "VOISOADMIN_MAX_WORKBOOK_MIB": ["0", "99999999"],
    "VOISOADMIN_LOG_LEVEL": ["LOUD", "11", ""],
    "VOISOADMIN_DATA_DIR": ["/dev/null/data", "", " ", ".", "~/voiso"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in NONSENSE.items() for value in values])
def test_an_invalid_value_stops_the_start_and_is_not_repeated(start, name, value):
    with pytest.raises(ImproperlyConfigured) as caught:
        start(**{name: value} if name == "VOISOADMIN_DATA_DIR" else POSTGRES | {name: value})

    text = "".join(traceback.format_exception(caught.value))
    assert name in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    for part in re.split(r"[#/:]", CANARY):
        assert part not in text.replace("canary", "" if "canary" not in value else "canary")
    assert POSTGRES["VOISOADMIN_SECRET_KEY"] not in text


@pytest.mark.parametrize("name", ["secret_key", "encryption_key"])
@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe canary", b"canary-cut-sho", None], ids=["empty", "binary", "short", "folder"]
)
def test_a_damaged_key_file_stops_the_start_and_is_not_changed(start, tmp_path, name, content):
    path = tmp_path / "data" / name
    path.parent.mkdir()
    path.mkdir() if content is None else path.write_bytes(content)

    with pytest.raises(ImproperlyConfigured) as caught:
        start()

    assert "canary" not in str(caught.value)
    assert content is None or path.read_bytes() == content


def test_a_relative_data_directory_is_below_the_project_wherever_a_command_runs(start, monkeypatch, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    read = start(VOISOADMIN_DATA_DIR=os.path.relpath(tmp_path / "data", ROOT))

    assert read["DATA_DIR"] == tmp_path / "data"
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("variables", [{}, POSTGRES], ids=["sqlite", "postgres"])
@pytest.mark.parametrize("folder", ["/proc/nowhere", "/dev/null/data"])  # only the second is known without trying
def test_a_data_directory_that_cannot_be_created_stops_the_start_with_a_database_server_too(run, folder, variables):
    for command in (["serve"], ["work"], ["sync", "--json"], ["demo"], *([] if variables else [["migrate"]])):
        done = run(*command, **variables, VOISOADMIN_DATA_DIR=folder)

        assert "VOISOADMIN_DATA_DIR" in done.stderr
        assert "Traceback" not in done.stderr
        assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize(
    "program", [["-c", "import django; django.setup()"], ["manage.py", "check"], ["manage.py", "help", "demo"]]
)
@pytest.mark.parametrize("variables", [{}, POSTGRES], ids=["sqlite", "postgres"])
def test_reading_the_settings_writes_nothing(run, tmp_path, program, variables):
    done = run(*program[1:], **variables, python=program[:1], DJANGO_SETTINGS_MODULE="voisoadmin.settings")

    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_first_command_that_needs_the_database_creates_it_and_no_key(run, tmp_path):
    run("migrate", "-v0")

    made = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "data").iterdir()}
    assert made == {"voisoadmin.sqlite3": 0o600, "voisoadmin.sqlite3-turn": 0o600, "tmp": 0o700}


def test_folders_above_the_data_directory_are_created_for_their_owner_only(start, tmp_path):
    folder = tmp_path / "share" / "voiso" / "data"

    str(start(VOISOADMIN_DATA_DIR=str(folder))["SECRET_KEY"])

    assert {path.stat().st_mode & 0o777 for path in (folder, folder.parent, folder.parent.parent)} == {0o700}


def test_the_files_of_sqlite_are_readable_only_by_their_owner(tmp_path):
    variables = {**os.environ, "VOISOADMIN_DATA_DIR": str(tmp_path / "data")}
    variables.pop("DATABASE_URL", None)
    hold = "from django.db import connection as c; c.ensure_connection(); import pathlib; from django.conf import settings as s"
    tell = "print({p.name: oct(p.stat().st_mode) for p in pathlib.Path(s.DATA_DIR).iterdir() if 'sqlite3' in p.name})"
    write = "c.cursor().execute('CREATE TABLE t (x)')"

    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", f"{hold}; {write}; {tell}"],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=True,
        umask=0,
    )

    modes = ast.literal_eval(done.stdout)
    assert len(modes) == 3, "the database, its log, and the memory that its processes share"
    assert set(modes.values()) == {"0o100600"}


COMMANDS = [["check"], ["migrate"], ["sync", "--json"], ["push", "x.csv", "--campaign", "1"], ["work"], ["serve"], ["demo"], []]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_ends_with_a_message_when_the_settings_are_invalid(tmp_path, command):
    variables = {**os.environ, "VOISOADMIN_DATA_DIR": str(tmp_path), "VOISOADMIN_SECRET_KEY": CANARY}

    done = subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=variables, capture_output=True, text=True)

    assert "VOISOADMIN_SECRET_KEY must have at least 50" in done.stderr + done.stdout
    assert CANARY not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    if command:  # without an argument Django lists what there is, with the problem as a note
        assert done.returncode == 2
        assert done.stdout == ""


def test_over_https_cookies_are_bound_to_the_host_and_no_preload_is_promised(start):
    https, asked, http = start(), start(VOISOADMIN_HSTS_PRELOAD="true"), start(VOISOADMIN_HTTPS="false")

    assert (https["SESSION_COOKIE_NAME"], https["CSRF_COOKIE_NAME"]) == ("__Host-sessionid", "__Host-csrftoken")
    assert (https["SESSION_COOKIE_SECURE"], https["CSRF_COOKIE_SECURE"]) == (True, True)
    assert (http["SESSION_COOKIE_NAME"], http["CSRF_COOKIE_NAME"]) == ("sessionid", "csrftoken")
    assert [read["SECURE_HSTS_PRELOAD"] for read in (https, asked, http)] == [False, True, False]
