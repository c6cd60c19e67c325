"""`manage.py operate ID start|pause|stop`: does all the work in this process, for cron and for scripts."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests.controls.conftest import NUMBERS, set_state
from tests.support.queue import take_jobs
from tests.support.sandbox import mirror
from voisoadmin.operations.models import Operation
from voisoadmin.sandbox import Fault


def operate(*arguments):
    """Run the command; return its exit code, the record it printed, and its error message."""
    out = io.StringIO()
    try:
        call_command("operate", *arguments, "--json", stdout=out)
        code, words = 0, ""
    except CommandError as problem:
        code, words = problem.returncode, str(problem)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    return code, lines[0] if lines else None, words


@pytest.mark.parametrize(
    ("change", "before", "after"), [("start", "paused", "active"), ("pause", "active", "paused"), ("stop", "active", "stopped")]
)
def test_a_change_is_carried_out_without_a_worker(sandbox, any_campaign, change, before, after):
    sandbox.add_leads(any_campaign.voiso_id, NUMBERS)
    set_state(sandbox, any_campaign, before)

    code, printed, _ = operate(any_campaign.voiso_id, change)

    assert code == 0
    assert printed == {
        "campaign": int(any_campaign.voiso_id),
        "operation": change,
        "outcome": "done",
        "status": after,
        "problem": "",
    }
    assert sandbox.campaign(any_campaign.voiso_id).status == after
    assert take_jobs() == []
    assert "(command line)" in Operation.objects.get().by_label


@pytest.mark.parametrize(("change", "after"), [("pause", "paused"), ("stop", "stopped")])
def test_an_outdated_list_of_campaigns_refuses_no_change(sandbox, any_campaign, change, after):
    sandbox.add_leads(any_campaign.voiso_id, NUMBERS)
    set_state(sandbox, any_campaign, "stopped")
    any_campaign.missing_since = any_campaign.changed_at
    any_campaign.save()
    sandbox.campaign(any_campaign.voiso_id).become("active")  # in Voiso, and no poll sees it

    code, printed, _ = operate(any_campaign.voiso_id, change)

    assert (code, printed["outcome"], printed["status"]) == (0, "done", after)


def test_a_change_to_the_current_state_is_refused_by_voiso_and_reported(sandbox, any_campaign):
    sandbox.add_leads(any_campaign.voiso_id, NUMBERS)
    set_state(sandbox, any_campaign, "paused")

    code, printed, _ = operate(any_campaign.voiso_id, "pause")

    assert (code, printed["outcome"], printed["status"]) == (1, "refused", "paused")
    assert "Nothing to do: it is already paused." in printed["problem"]


def test_a_refusal_exits_with_1_and_voisos_words(sandbox, any_campaign):
    sandbox.add_leads(any_campaign.voiso_id, NUMBERS)
    set_state(sandbox, any_campaign, "paused")
    sandbox.campaign(any_campaign.voiso_id).agents.clear()

    code, printed, words = operate(any_campaign.voiso_id, "start")

    assert code == 1
    assert (printed["outcome"], printed["status"]) == ("refused", "paused")
    assert "Campaign must have at least one agent to start" in printed["problem"]
    assert words == printed["problem"]


def test_an_unconfirmed_change_exits_with_1(sandbox, any_campaign):
    sandbox.add_leads(any_campaign.voiso_id, NUMBERS)
    set_state(sandbox, any_campaign, "paused")
    sandbox.fault(Fault.RESET_BEFORE, on="operations")

    code, printed, _ = operate(any_campaign.voiso_id, "start")

    assert code == 1
    assert (printed["outcome"], printed["status"]) == ("unconfirmed", "paused")


def test_the_command_waits_for_a_long_stop(sandbox, any_campaign):
    sandbox.behaviour.transition_seconds = 20.0

    code, printed, _ = operate(any_campaign.voiso_id, "stop")

    assert (code, printed["status"]) == (0, "stopped")


def test_an_unknown_campaign_exits_with_2(campaign):
    code, printed, words = operate("99999", "start")

    assert (code, printed) == (2, None)
    assert "99999" in words


def test_a_campaign_listed_by_two_connections_needs_a_named_connection(sandbox, campaign, legacy_connection):
    mirror(sandbox, legacy_connection, int(campaign.voiso_id))

    code, _, words = operate(campaign.voiso_id, "pause")
    named, printed, _ = operate(campaign.voiso_id, "pause", "--connection", legacy_connection.name)

    assert code == 2
    assert campaign.connection.name in words
    assert legacy_connection.name in words
    assert (named, printed["outcome"]) == (0, "done")


def test_without_json_it_prints_text(any_campaign):
    out = io.StringIO()

    call_command("operate", any_campaign.voiso_id, "pause", stdout=out)

    assert out.getvalue() == "Spring renewals is paused.\n"
