"""A browser, a server and a worker: what the supervisor sees. Voiso is a sandbox in this process."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connections
from django.utils.module_loading import import_string
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.support import programs
from tests.support.queue import take_jobs

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = programs.chromium()
    if chromium is None:
        pytest.skip(programs.why_skipped(programs.BROWSER))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def worker(transactional_db) -> Iterator[None]:
    """Runs jobs as they are queued, in parallel to the server, like `manage.py work`."""
    stop = threading.Event()
    problems: list[BaseException] = []

    def work() -> None:
        try:
            while not stop.wait(0.05):
                for name, args in take_jobs():
                    import_string(name)(*args)
        except BaseException as problem:  # raised again below, in the test itself
            problems.append(problem)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work, name="worker")
    thread.start()
    yield
    stop.set()
    thread.join()
    if problems:
        raise problems[0]


@pytest.fixture
def context(browser: Browser, live_server) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)  # on a machine that is busy with other tests
    yield context
    context.close()


@pytest.fixture
def complaints() -> list[str]:
    """The browser's complaints: failed scripts, missing files, violations of the policy."""
    return []


@pytest.fixture
def page(context: BrowserContext, complaints: list[str]) -> Iterator[Page]:
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    assert complaints == []


@pytest.fixture
def signed_in(page: Page, ines) -> Page:
    """Ines has signed in."""
    sign_in(page, "ines")
    return page


@pytest.fixture
def plain(browser: Browser, live_server, ines) -> Iterator[Page]:
    """Ines has signed in with a narrow browser that runs no scripts."""
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False, viewport={"width": 390, "height": 844})
    context.set_default_timeout(60_000)
    page = context.new_page()
    sign_in(page, "ines")
    yield page
    context.close()


def sign_in(page: Page, username: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
