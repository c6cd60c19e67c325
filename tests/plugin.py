"""Loaded before Django reads its settings: gives every test process its own data directory and database.

`TEST_DATABASE=postgres` starts a PostgreSQL server in a temporary folder on a free port; without it, SQLite in a file.
"""

import gc
import itertools
import os
import signal
import sys

import pytest
from cryptography.fernet import Fernet

from tests.support import template
from tests.support.folders import own_folder
from tests.support.postgres import PostgresServer

DATABASES = ("sqlite", "postgres")


def _prepare() -> None:
    gc.disable()  # until the tests are collected: they all stay, and looking at them again and again takes a sixth of that time
    # A run in the background, or with nohup, ignores these signals for us and for every process that a test starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # each of hundreds of processes would compile the program again
    database = os.environ.get("TEST_DATABASE", "sqlite")
    if database not in DATABASES:
        raise SystemExit(f"TEST_DATABASE must be one of {', '.join(DATABASES)}, not {database!r}.")
    folder = own_folder()
    (folder / "static").mkdir()  # WhiteNoise warns where it is missing
    (folder / "tmp").mkdir()  # a command would create it
    os.environ["VOISOADMIN_DATA_DIR"] = str(folder)
    os.environ["VOISOADMIN_HTTPS"] = "false"
    os.environ["VOISOADMIN_TIME_SCALE"] = "0.01"
    os.environ["VOISOADMIN_LOG_LEVEL"] = "WARNING"
    os.environ["VOISOADMIN_SECRET_KEY"] = "only-for-tests-" * 5
    os.environ["VOISOADMIN_ENCRYPTION_KEYS"] = Fernet.generate_key().decode()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs beside the live server
    first = "PYTEST_XDIST_WORKER" not in os.environ
    if database == "sqlite":
        os.environ.pop("DATABASE_URL", None)
    elif first:
        # Workers of xdist inherit the address; each creates a database on the one server.
        os.environ["DATABASE_URL"] = PostgresServer(forgetful=True).url
    if first and "--collect-only" not in sys.argv:
        template.begin(folder)


_prepare()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """On the CI machine a skipped test is a failed test: everything it needs can be installed there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter and reporter.stats.get("skipped") and session.exitstatus == 0:
        reporter.write_line("Skipped tests are failures on CI.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as `once` what `tests/run` runs only on the first database: tests without one, those in a browser, which are about
    pages whose views other tests ask on both, and those of the second API, which means other requests, not another database.
    """
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        uses_database = fixtures & {"db", "transactional_db", "live_server"} or item.get_closest_marker("django_db")
        if not (uses_database or item.get_closest_marker("kills") or _is_django_case(item)):
            item.add_marker(pytest.mark.once)
        if "legacy" in _params(item):
            item.add_marker(pytest.mark.once)
        if "browser" in fixtures:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.once)
            # One chromium at a time: several of them and their servers starve each other on two cores.
            item.add_marker(pytest.mark.xdist_group("browser"))
    items[:] = mixed(items)


def mixed(items: list[pytest.Item]) -> list[pytest.Item]:
    """Groups first: each is done by one process, and takes minutes. Then slow tests, and those that mostly wait for processes
    between all the others, so that the cores have something to do meanwhile; none of them among the last, for which all wait.
    """
    places: dict[str, list[pytest.Item]] = {"group": [], "kills": [], "slow": [], "": []}
    for item in items:
        if item.get_closest_marker("xdist_group"):
            places["group"].append(item)
        else:
            places[next((name for name in ("kills", "slow") if item.get_closest_marker(name)), "")].append(item)
    others = [*places["slow"], *places[""]]
    every = max(1, len(others) * 3 // 4 // max(1, len(places["kills"])))
    waiting = iter(places["kills"])
    between = [test for at, item in enumerate(others) for test in ([*itertools.islice(waiting, at % every == 0), item])]
    return [*places["group"], *between, *waiting]


def pytest_make_parametrize_id(val: object) -> str | None:
    """Names of tests are short, and the same in each process: a workbook contains the time it was made."""
    if isinstance(val, str | bytes) and len(val) > 100:
        return f"{'text' if isinstance(val, str) else 'content'} of {len(val)}"
    return None


def _params(item: pytest.Item) -> list[object]:
    return list(item.callspec.params.values()) if hasattr(item, "callspec") else []


def _is_django_case(item: pytest.Item) -> bool:
    case = getattr(item, "cls", None)
    return case is not None and any(base.__module__ == "django.test.testcases" for base in case.__mro__)
