"""Two supervisors click in the same second: each page shows the outcome of its reader's own click."""

import os
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection as database
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.controls.conftest import NUMBERS, set_state
from tests.support.markup import markup
from tests.support.queue import run_jobs
from tests.support.sandbox import mirror
from voisoadmin.accounts.models import User
from voisoadmin.operations.models import Operation

RACES = int(os.environ.get("TEST_RACES", "8"))


@pytest.fixture
def paused(sandbox, connection):
    campaign = mirror(sandbox, connection, sandbox.add_campaign("Spring renewals", numbers=NUMBERS))
    return set_state(sandbox, campaign, "paused")


@pytest.fixture
def other_ines(db) -> User:
    """Another person with the same name."""
    return User.objects.create_user("ines2", password="correct horse battery", first_name="Ines", last_name="Sousa")


def click(user, campaign, change, *, shown="paused", htmx=True):
    client = Client()
    client.force_login(user)
    data = {"change": change, "client_token": uuid.uuid4(), "shown_status": shown}
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(reverse("controls:operate", args=[campaign.pk]), data, headers=headers)


def panel(user, campaign) -> str:
    client = Client()
    client.force_login(user)
    return said(client.get(reverse("controls:panel", args=[campaign.pk])))


def said(answer) -> str:
    page = markup(answer)
    notes = re.findall(r'role="(?:status|alert)">(.*?)</div></div>', page, re.DOTALL)
    return " ".join(re.sub("<[^>]+>", "", " ".join(notes)).split())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["a fragment", "a page"])
def test_each_user_sees_the_true_outcome_of_their_own_click(sandbox, connection, ines, omar, how):
    for number in range(RACES):
        campaign = mirror(sandbox, connection, sandbox.add_campaign(f"Spring {number}", numbers=NUMBERS))
        set_state(sandbox, campaign, "paused")
        together = Barrier(2)

        def press(user, *, campaign=campaign, together=together):
            together.wait()
            try:
                return click(user, campaign, "start", htmx=how == "a fragment")
            finally:
                database.close()

        with ThreadPoolExecutor(2) as pool:
            answers = dict(zip((ines, omar), pool.map(press, (ines, omar)), strict=True))

        loser = next(user for user, answer in answers.items() if answer.status_code == 409)
        winner = omar if loser == ines else ines
        assert f"{winner.label} started this just before you; Voiso hasn't confirmed it yet." in _plain(said(answers[loser]))
        assert answers[winner].status_code == (200 if how == "a fragment" else 302)
        run_jobs()
        assert panel(winner, campaign).startswith(f"Spring {number} is active.")
        assert f"{winner.label} started this just before you. Check the state" in _plain(panel(loser, campaign))
        assert len(sandbox.requests(campaign.voiso_id, "start")) == 1


def _plain(text: str) -> str:
    """As it is shown, on a machine of any speed: a slow one says the seconds."""
    return re.sub(r"\b\d+ s before", "just before", text.replace("&#x27;", "'"))


def test_a_supervisor_of_the_same_name_is_not_called_you(paused, ines, other_ines):
    click(ines, paused, "start")

    assert "Ines Sousa started this just before you" in _plain(said(click(other_ines, paused, "start")))


def test_a_click_in_another_tab_counts_as_your_own(paused, ines):
    click(ines, paused, "start")

    assert "You started this just before;" in _plain(said(click(ines, paused, "stop")))


def test_you_never_appears_in_stored_texts_or_for_other_readers(client, paused, ines, omar, ada):
    click(ines, paused, "start")
    click(ines, paused, "stop")
    click(omar, paused, "stop")
    run_jobs()

    for operation in Operation.objects.filter(status="refused"):
        assert "Ines Sousa started this just before;" in _plain(operation.problem)
        assert not re.search(r"\byou\b", f"{operation.problem} {operation.result}", re.IGNORECASE)
    client.force_login(ada)
    activity = markup(client.get(reverse("operations:list")))
    assert "You started" not in activity
    assert "Ines Sousa started this just before;" in _plain(activity)


def test_a_refusal_of_anothers_click_is_not_shown_to_who_was_first(paused, ines, omar):
    click(ines, paused, "start")
    click(omar, paused, "start")
    run_jobs()

    assert re.fullmatch(r"Spring renewals is active\. Confirmed by Voiso after [^.]+(\.\d)? s\.", panel(ines, paused))


def test_the_time_between_both_clicks_is_shown(paused, ines, omar):
    click(ines, paused, "start")
    Operation.objects.update(asked_at=timezone.now() - timedelta(seconds=12))

    assert "Ines Sousa started this 12 s before you" in said(click(omar, paused, "start"))


def test_a_first_click_that_voiso_refused_is_not_called_started(sandbox, connection, ines, omar):
    campaign = mirror(sandbox, connection, sandbox.add_campaign("No agents", agents=[], numbers=NUMBERS))
    set_state(sandbox, campaign, "paused")
    click(ines, campaign, "start")
    click(omar, campaign, "start")

    run_jobs()

    assert "Ines Sousa started this just before you, but that was refused." in _plain(panel(omar, campaign))
