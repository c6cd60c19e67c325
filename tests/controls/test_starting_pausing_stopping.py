"""One click, one effect: pending until Voiso confirms or refuses, with Voiso's own words and what to do."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.controls.conftest import set_state
from tests.support.markup import markup
from tests.support.queue import run_jobs
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.status_writes import record_status
from voisoadmin.operations.models import Operation

CHANGES = [("start", "paused", "active"), ("pause", "active", "paused"), ("stop", "active", "stopped")]


@pytest.mark.parametrize(("change", "before", "after"), CHANGES)
def test_a_click_changes_the_campaign_and_records_the_user(click, sandbox, dialled, ines, latest, change, before, after):
    set_state(sandbox, dialled, before)

    answer = click(dialled, change, by=ines)

    assert answer.status_code == 200
    dialled.refresh_from_db()
    assert dialled.pending_operation == change
    run_jobs()
    dialled.refresh_from_db()
    operation = latest()
    assert sandbox.campaign(dialled.voiso_id).status == after
    assert (operation.status, operation.problem) == ("done", "")
    assert (dialled.status, dialled.status_by, dialled.status_source) == (after, "Ines Sousa", "confirmed")
    assert dialled.pending_operation == ""
    assert dialled.states.get(until=None).by == "Ines Sousa"
    assert Campaign.objects.get(pk=dialled.pk).lane.running_operation is None


def test_while_it_is_pending_the_panel_says_so_and_offers_nothing(click, client, dialled, ines):
    click(dialled, "pause", by=ines)

    panel = markup(client.get(reverse("controls:panel", args=[dialled.pk]), headers={"HX-Request": "true"}))

    assert "Pausing…" in panel
    assert "Waiting for Voiso to confirm" in panel
    assert 'hx-trigger="every 1s' in panel
    assert 'type="submit"' not in panel
    assert reverse("controls:confirm_stop", args=[dialled.pk]) not in panel


def test_once_settled_the_panel_refreshes_less_often_and_the_page_updates(click, client, dialled, ines):
    click(dialled, "pause", by=ines)
    run_jobs()

    answer = client.get(reverse("controls:panel", args=[dialled.pk]) + "?pending=1", headers={"HX-Request": "true"})

    panel = markup(answer)
    assert "every 1s" not in panel
    assert "Confirmed by Voiso after" in panel
    assert answer["HX-Trigger"] == "campaign-changed"


def test_a_refusal_shows_voisos_words_and_what_to_do(click, client, sandbox, dialled, ines, latest):
    set_state(sandbox, dialled, "paused")
    sandbox.campaign(dialled.voiso_id).agents.clear()

    click(dialled, "start", by=ines)
    run_jobs()

    operation = latest()
    assert operation.status == "refused"
    assert "at least one agent" in operation.answer
    assert "Add an agent, then start it again." in operation.problem
    dialled.refresh_from_db()
    assert (dialled.status, dialled.pending_operation) == ("paused", "")
    panel = markup(client.get(reverse("controls:panel", args=[dialled.pk])))
    assert '<span class="quote" hx-disable>Campaign must have at least one agent to start</span>' in panel


def test_on_the_campaigns_page_the_refusal_is_shown_below_the_head(click, client, sandbox, dialled, ines):
    set_state(sandbox, dialled, "paused")
    sandbox.campaign(dialled.voiso_id).agents.clear()
    click(dialled, "start", by=ines)
    run_jobs()

    answer = markup(
        client.get(reverse("controls:panel", args=[dialled.pk]), headers={"HX-Request": "true", "HX-Target": "controls"})
    )

    buttons, _, said = answer.partition('<div id="controls-ended" hx-swap-oob="true">')
    assert "Voiso refused to start" in said
    assert "Voiso refused to start" not in buttons


def test_a_refusal_of_a_click_on_the_board_is_shown_there_until_the_state_changes(click, client, sandbox, dialled, ines):
    set_state(sandbox, dialled, "paused")
    sandbox.campaign(dialled.voiso_id).agents.clear()
    click(dialled, "start", by=ines)
    run_jobs()

    board = markup(client.get(reverse("campaigns:board")))
    assert ">Voiso refused to start: “Campaign must have at least one agent to start”</div>" in board

    record_status(dialled, "active", source=Campaign.Source.POLLED, at=timezone.now())
    assert "Voiso refused to start" not in markup(client.get(reverse("campaigns:board")))


def test_an_unconfirmed_click_on_the_board_is_shown_there(click, client, sandbox, dialled, ines, latest):
    sandbox.fault("reset_before", on="operations", times=10)
    click(dialled, "pause", by=ines)
    run_jobs()

    assert latest().status == "unconfirmed"
    board = markup(client.get(reverse("campaigns:board")))
    assert ">Pause not confirmed by Voiso</div>" in board


def test_a_draft_known_to_lack_agents_is_refused_before_voiso_is_asked(click, sandbox, dialled, ines, latest):
    set_state(sandbox, dialled, "draft")
    Campaign.objects.filter(pk=dialled.pk).update(agents_count=0)

    answer = click(dialled, "start", by=ines)
    run_jobs()

    assert answer.status_code == 422
    assert "at least one agent" in markup(answer)
    assert latest().status == "refused"
    assert sandbox.requests(dialled.voiso_id, "start") == []


def test_an_unknown_state_disables_nothing_and_voiso_decides(click, sandbox, dialled, ines, latest):
    set_state(sandbox, dialled, "active")
    Campaign.objects.filter(pk=dialled.pk).update(status="throttled_by_carrier")
    dialled.refresh_from_db()

    click(dialled, "pause", by=ines)
    run_jobs()

    assert latest().status == "done"
    assert sandbox.campaign(dialled.voiso_id).status == "paused"


def test_a_campaign_in_an_unexpected_state_is_shown_as_it_is(click, sandbox, dialled, ines, latest):
    sandbox.campaign(dialled.voiso_id).become("paused")  # paused in Voiso, and we don't know yet

    click(dialled, "pause", by=ines)
    run_jobs()

    operation = latest()
    dialled.refresh_from_db()
    assert operation.status == "refused"
    assert operation.problem == "Nothing to do: it is already paused."
    assert (dialled.status, dialled.status_by) == ("paused", "")


def test_the_same_click_twice_is_one_operation_with_the_same_answer(click, sandbox, dialled, ines):
    token = uuid.uuid4()

    click(dialled, "pause", by=ines, token=token)
    click(dialled, "pause", by=ines, token=token)
    run_jobs()
    late = click(dialled, "pause", by=ines, token=token)

    assert late.status_code == 200
    assert Operation.objects.count() == 1
    assert len(sandbox.requests(dialled.voiso_id, "pause")) == 1


def test_without_javascript_the_click_leads_back_to_the_state(click, client, dialled, ines):
    here = reverse("campaigns:board")

    answer = click(dialled, "pause", by=ines, htmx=False, next=here)

    assert (answer.status_code, answer["Location"]) == (302, here)
    assert "not confirmed yet" in markup(client.get(here))


def test_no_click_redirects_to_another_site(click, dialled, ines):
    answer = click(dialled, "pause", by=ines, htmx=False, next="https://evil.example/")

    assert answer["Location"] == reverse("campaigns:detail", args=[dialled.pk])


def test_stop_asks_first_in_a_dialog_and_as_a_page(client, dialled, ines):
    client.force_login(ines)
    address = reverse("controls:confirm_stop", args=[dialled.pk])

    page = markup(client.get(address))
    dialog = markup(client.get(address, headers={"HX-Request": "true", "HX-Target": "ask"}))

    for shown in (page, dialog):
        assert "Calls in progress finish." in shown
        assert "Keep running" in shown
        assert "Stop campaign" in shown
    assert "<html" in page
    assert "<html" not in dialog


def test_a_held_connection_is_not_asked(click, sandbox, dialled, ines, latest):
    connection = dialled.connection
    connection.held_reason, connection.held_kind = "Voiso refuses the key.", "key"
    connection.save()

    answer = click(dialled, "pause", by=ines)
    run_jobs()

    assert answer.status_code == 422
    assert "Voiso refuses the key." in latest().problem
    assert sandbox.requests(dialled.voiso_id, "pause") == []


def test_a_refused_key_holds_the_connection(click, sandbox, dialled, ines, latest):
    for key in (sandbox.V4_KEY, sandbox.LEGACY_KEY):
        sandbox.revoke_key(key)

    click(dialled, "pause", by=ines)
    run_jobs()

    dialled.connection.refresh_from_db()
    assert latest().status == "refused"
    assert dialled.connection.is_held(timezone.now())
    assert dialled.connection.held_kind == "key"


def test_two_connections_that_list_the_campaign_both_show_the_change(click, sandbox, campaign, legacy_connection, ines):
    twin = Campaign.objects.create(
        connection=legacy_connection,
        lane=campaign.lane,
        voiso_id=campaign.voiso_id,
        name=campaign.name,
        status="active",
        changed_at=timezone.now(),
    )

    click(campaign, "pause", by=ines)
    twin.refresh_from_db()
    assert twin.pending_operation == "pause"
    run_jobs()

    twin.refresh_from_db()
    assert (twin.status, twin.status_by, twin.pending_operation) == ("paused", "Ines Sousa", "")


@pytest.mark.parametrize("name", ["controls:panel", "controls:operate", "controls:confirm_stop"])
def test_what_this_user_may_not_see_is_not_found(client, ines, name):
    client.force_login(ines)
    ask = client.post if name == "controls:operate" else client.get

    assert ask(reverse(name, args=[987654]), {"change": "pause", "client_token": uuid.uuid4()}).status_code == 404


@pytest.mark.parametrize(
    ("name", "method"), [("controls:panel", "post"), ("controls:operate", "get"), ("controls:confirm_stop", "post")]
)
def test_the_wrong_method_is_refused(client, dialled, ines, name, method):
    client.force_login(ines)

    assert getattr(client, method)(reverse(name, args=[dialled.pk])).status_code == 405


def test_a_form_of_another_site_is_refused(dialled, ines):
    stranger = Client(enforce_csrf_checks=True)
    stranger.force_login(ines)

    answer = stranger.post(
        reverse("controls:operate", args=[dialled.pk]), {"change": "pause", "client_token": uuid.uuid4(), "shown_status": ""}
    )

    assert answer.status_code == 403
    assert not Operation.objects.exists()


@pytest.mark.parametrize(("change", "token"), [("delete", uuid.uuid4()), ("pause", "first"), ("pause", " ")])
def test_a_form_that_is_not_ours_changes_nothing(click, dialled, ines, change, token):
    answer = click(dialled, change, by=ines, token=token)

    assert answer.status_code == (400 if change == "delete" else 422)
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    "reason",
    ["Voiso doesn't accept the API key.", "The address has an invalid certificate. Nothing was sent. Check the network."],
)
def test_a_refusal_by_a_blocked_connection_says_once_that_nothing_was_sent(click, dialled, ines, latest, reason):
    connection = dialled.connection
    connection.held_reason, connection.held_kind = reason, "address"
    connection.save()

    click(dialled, "pause", by=ines)

    assert latest().status == "refused"
    assert reason in latest().problem
    assert latest().problem.count("Nothing was sent.") == 1
