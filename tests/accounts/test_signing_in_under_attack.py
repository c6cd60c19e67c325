"""A real server while 16 connections guess passwords: a known user can sign in, and a supervisor can continue to work."""

import logging
import re
import secrets
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.support.installation import Installation
from tests.support.serving import PASSWORD, Browser, guessing, serving

logger = logging.getLogger(__name__)  # for exact figures, on a free machine: --log-cli-level=INFO

SECONDS = 2.0
PEOPLE = f"""
from voisoadmin.accounts.models import User
User.objects.create_user("ada", password="{PASSWORD}", role="administrator")
User.objects.create_user("ines", password="{PASSWORD}")
"""


@pytest.fixture
def site(tmp_path, request) -> Iterator[Callable[[], Browser]]:
    here = Installation(tmp_path, env={"VOISOADMIN_WORKERS": "3", **getattr(request, "param", {})})
    here.manage("shell", "-v", "0", "-c", PEOPLE)
    with serving(here) as browsers:
        yield browsers


def reload(board: Browser, *, seconds: float) -> list[float]:
    """The duration of each answer."""
    took: list[float] = []
    begin = time.monotonic()
    while time.monotonic() < begin + seconds or len(took) < 20:
        began = time.monotonic()
        assert board.get("/").status_code == 200
        took.append(time.monotonic() - began)
    return took


def p95(took: list[float]) -> float:
    return statistics.quantiles(took, n=20)[-1]


ATTACKS = {
    # Everything comes from one address, also the administrator.
    "one account": ({}, lambda: "ada"),
    # The addresses aren't known and each name is new, so no limit applies, and passwords are hashed without a pause.
    "ever new names": ({"VOISOADMIN_TRUST_PROXY": "true"}, lambda: f"name{secrets.token_hex(4)}"),
}
# What no limit counts is about passwords that are hashed, so it doesn't depend on the database.
ONCE = {"ever new names": [pytest.mark.once]}
CASES = [pytest.param(*given, id=name, marks=ONCE.get(name, [])) for name, given in ATTACKS.items()]


@pytest.mark.kills
@pytest.mark.parametrize(("site", "name"), CASES, indirect=["site"])
def test_a_known_browser_gets_in_and_the_board_stays_quick(site, name):
    with site() as ada, site() as board:
        assert ada.sign_in("ada").status_code == 302
        assert ada.sign_out().status_code == 302
        assert board.sign_in("ines").status_code == 302

        alone = reload(board, seconds=1.0)
        with guessing(site, name) as answers:
            took = reload(board, seconds=SECONDS / 2)
            signed_in = ada.sign_in("ada")
            took += reload(board, seconds=SECONDS / 2)

    statuses = Counter(status for status, _, _ in answers)
    logger.info("board p95 alone %.3f s, under attack %.3f s; guesses %s", p95(alone), p95(took), dict(statuses))
    assert signed_in.status_code == 302
    assert signed_in.headers["Location"] == "/"
    assert set(statuses) == {422, 429}
    for _, _, answer in [entry for entry in answers if entry[0] == 429]:
        seconds = answer.headers["Retry-After"]
        assert re.search(rf"Try again in {seconds} seconds?\b", answer.text)
    if name() == "ada":
        assert statuses[422] <= 11, "ten for the account and the address; a browser that is not known gets no more"
    assert p95(took) < max(3.0, 10 * p95(alone)), "300 ms on two free cores; this machine may be busy with other tests"
