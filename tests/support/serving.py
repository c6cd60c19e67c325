"""`manage.py serve` of a test's installation, and browsers that use it."""

import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import psutil

from tests.support.installation import Installation
from tests.support.ports import free_port

CONNECTIONS = 16
PASSWORD = "correct horse battery"
Guess = tuple[int, float, httpx.Response]  # status, seconds, answer


class Browser(httpx.Client):
    def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        if "csrftoken" not in self.cookies:
            self.get("/sign-in/")
        return self.send_form("/sign-in/", {"username": name, "password": password})

    def sign_out(self) -> httpx.Response:
        return self.send_form("/sign-out/", {})

    def send_form(self, path: str, fields: Mapping[str, str], **more: object) -> httpx.Response:
        form = {**fields, "csrfmiddlewaretoken": self.cookies["csrftoken"]}
        return self.post(path, data=form, **more)  # type: ignore[arg-type]

    def fill_in(self, page: str, form: str, fields: Mapping[str, str], **more: object) -> httpx.Response:
        """Open a page, then submit a form of it with the token that it carries. `form`: text in or before the form."""
        text = self.get(page).text
        token = re.search(r'name="client_token" value="([^"]+)"', text[text.index(form) :])
        assert token is not None, text
        return self.send_form(more.pop("to", page), {**fields, "client_token": token[1]}, **more)  # type: ignore[arg-type]


@contextmanager
def serving(here: Installation) -> Iterator[Callable[[], Browser]]:
    """Each call opens another browser."""
    address = f"http://127.0.0.1:{free_port()}"
    process = here.start("serve", "--bind", address.removeprefix("http://"))
    try:
        until = time.monotonic() + 300
        while not _answers(address):
            assert process.poll() is None
            assert time.monotonic() < until, "the server did not come up"
            time.sleep(0.2)
        # The server ends a line that was idle for a scaled while; a request sent at that very moment would meet a reset.
        yield lambda: Browser(base_url=address, timeout=120, limits=httpx.Limits(keepalive_expiry=0.2))
    finally:
        everyone = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        process.terminate()
        process.wait(240)
        for left in psutil.wait_procs(everyone, timeout=30)[1]:
            left.kill()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health").status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def in_a_loop(site: Callable[[], Browser], act: Callable[[Browser], object], *, number: int = CONNECTIONS) -> Iterator[None]:
    """Browsers that each do the same, again and again, until the block ends."""
    stop = threading.Event()

    def repeat() -> None:
        with site() as browser:
            while not stop.is_set():
                act(browser)

    with ThreadPoolExecutor(number) as pool:
        running = [pool.submit(repeat) for _ in range(number)]
        try:
            yield
        finally:
            stop.set()
    for thread in running:
        thread.result()


@contextmanager
def guessing(site: Callable[[], Browser], name: Callable[[], str]) -> Iterator[list[Guess]]:
    """Sixteen connections that try passwords as fast as they get answers."""
    answers: list[Guess] = []

    def guess(browser: Browser) -> None:
        began = time.monotonic()
        answer = browser.sign_in(name(), secrets.token_hex(8))
        answers.append((answer.status_code, time.monotonic() - began, answer))

    with in_a_loop(site, guess):
        yield answers
