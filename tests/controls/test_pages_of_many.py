"""Several campaigns from the board: what is ticked, the question before a stop, and the page with a line for each campaign."""

import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.controls.test_many_at_once import begin, outcomes, some
from tests.support.markup import markup
from tests.support.queue import run_jobs
from tests.support.sandbox import connect
from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.operations.models import Operation

CHANGE = "controls:change_many"


@pytest.fixture
def press(client, ines):
    """Press a button of the bar with these campaigns ticked, as the board showed them; return the response."""
    client.force_login(ines)

    def pressed(change, campaigns=(), *, htmx=False, **fields):
        ticked = [f"{campaign.pk}:{campaign.status_shown}" for campaign in campaigns]
        data = {"change": change, "campaign": ticked, "client_token": uuid.uuid4()} | fields
        return client.post(reverse(CHANGE), data, headers={"HX-Request": "true"} if htmx else {})

    return pressed


def bulk_of(answer):
    return Operation.objects.get(pk=int(re.search(r"/bulk/(\d+)/", answer["Location"])[1]))


def frozen_in(page):
    return re.search(r'name="frozen" value="([^"]+)"', page)[1]


def test_the_ticked_campaigns_are_started_and_their_page_has_a_line_for_each(press, client, sandbox, connection):
    campaigns = some(sandbox, connection, 3)
    sandbox.campaign(campaigns[0].voiso_id).agents.clear()

    answer = press("start", campaigns)
    assert answer.status_code == 302
    run_jobs()

    page = markup(client.get(answer["Location"]))
    assert "<h1>Start 3 campaigns</h1>" in page
    assert "2 done, 1 refused" in page
    assert "Campaign must have at least one agent to start" in page
    assert "Add an agent, then start it again." in page
    assert page.count("Confirmed after") == 2
    refused = markup(client.get(answer["Location"], {"show": "refused"}))
    assert re.findall(r"<bdi hx-disable>(Campaign \d)</bdi>", refused) == ["Campaign 1"]


def test_the_board_shows_the_result_above_its_rows_and_gives_the_bar_a_new_token(press, sandbox, connection):
    answer = press("start", some(sandbox, connection, 12), htmx=True)

    part = markup(answer)
    assert part.count("<li>") == 10
    assert "Show all 12" in part
    assert 'hx-trigger="every 2s, refresh"' in part
    assert '<span id="bulk-token" hx-swap-oob="true"><input type="hidden" name="client_token"' in part


def test_the_part_is_sent_again_only_when_something_has_changed(press, client, sandbox, connection):
    page = markup(client.get(press("start", some(sandbox, connection, 2))["Location"]))
    news = re.search(r'hx-get="(/bulk/[^"]+)"', page)[1].replace("&amp;", "&")

    assert client.get(news, headers={"HX-Request": "true"}).status_code == 204
    run_jobs()

    part = client.get(news, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "hx-trigger" not in markup(part)


def test_a_ticked_campaign_for_which_it_is_impossible_is_left_out_and_counted(press, client, sandbox, connection):
    paused, active = *some(sandbox, connection, 1), *some(sandbox, connection, 1, status="active")

    bulk = bulk_of(press("start", [paused, active]))
    run_jobs()

    assert outcomes(bulk) == (["done"], "done")
    assert "1 more was selected, but can't start in its state." in markup(client.get(reverse("campaigns:bulk", args=[bulk.pk])))


@pytest.mark.parametrize(
    ("campaigns", "why"), [(0, "No campaign is selected. Tick at least one."), (2, "None of these 2 campaigns can start now.")]
)
def test_if_nothing_can_be_done_the_page_says_so(press, sandbox, connection, campaigns, why):
    answer = press("start", some(sandbox, connection, campaigns, status="active"))

    assert answer.status_code == 422
    assert why in markup(answer)
    assert not Operation.objects.exists()


def test_the_same_form_twice_is_one_bulk(press, sandbox, connection):
    campaigns, token = some(sandbox, connection, 2), uuid.uuid4()

    first, second = (press("start", campaigns, client_token=token) for _ in range(2))

    assert first["Location"] == second["Location"]
    assert Operation.objects.bulks().count() == 1


# Stop


def test_a_stop_asks_once_and_names_up_to_ten_campaigns(press, sandbox, connection):
    campaigns = some(sandbox, connection, 3, status="active")

    answer = press("stop", campaigns)

    page = markup(answer)
    assert answer.status_code == 200
    assert "Stop 3 campaigns?" in page
    assert [name for name in ("Campaign 1", "Campaign 2", "Campaign 3") if f"<li><bdi hx-disable>{name}</bdi></li>" in page]
    assert not Operation.objects.exists()

    bulk = bulk_of(press("stop", frozen=frozen_in(page), sure="1"))
    run_jobs()
    assert outcomes(bulk) == (["done"] * 3, "done")


def test_a_stop_of_more_than_ten_counts_by_contact_centre(press, sandbox, connection, legacy_connection):
    campaigns = some(sandbox, connection, 8, status="active") + some(sandbox, legacy_connection, 4, status="active")

    page = markup(press("stop", campaigns))

    assert '<b class="tab">8</b> in <bdi hx-disable>Test centre</bdi>' in page
    assert '<b class="tab">4</b> in <bdi hx-disable>Test centre, legacy</bdi>' in page
    assert "Campaign 1<" not in page


def test_above_twenty_the_number_is_typed(press, sandbox, connection):
    frozen = frozen_in(markup(press("stop", some(sandbox, connection, 21, status="active"))))

    wrong = press("stop", frozen=frozen, sure="1", typed="20")
    assert wrong.status_code == 422
    assert "Nothing was stopped. Type 21." in markup(wrong)
    assert not Operation.objects.exists()

    assert bulk_of(press("stop", frozen=frozen, sure="1", typed="21")).campaigns == 21


# All that match


def test_all_that_match_are_frozen_with_their_state(press, client, sandbox, connection):
    campaigns = some(sandbox, connection, 3)
    some(sandbox, connection, 1, status="active")
    page = markup(client.get(reverse("campaigns:bulk_all"), {"show": "paused"}))
    assert "All 3 selected" in page

    Campaign.objects.filter(pk=campaigns[0].pk).update(status="stopped", status_since=timezone.now())
    bulk = bulk_of(press("start", frozen=frozen_in(page)))
    run_jobs()

    assert outcomes(bulk) == (["refused", "done", "done"], "done")
    assert "It changed to stopped" in bulk.children.get(subject_id=campaigns[0].pk).problem


@pytest.mark.parametrize("frozen", ["x", "eyJ9:1abc:x", "\1", ":" * 500])
def test_a_selection_that_is_not_ours_is_refused(press, sandbox, connection, frozen):
    answer = press("start", frozen=frozen)

    assert answer.status_code == 422
    assert "Choose the campaigns again." in markup(answer)


@pytest.mark.parametrize("ticked", ["x", "1", ":", "9" * 40, "\0:\0", "-1:active", "1:active:2"])
def test_a_tick_that_names_no_campaign_changes_nothing(press, db, ticked):
    assert press("pause", campaign=ticked).status_code == 422
    assert not Operation.objects.exists()


# Afterwards


def test_the_failed_ones_can_be_tried_again_in_the_state_shown_then(press, client, sandbox, connection):
    first, second = some(sandbox, connection, 2)
    sandbox.campaign(first.voiso_id).agents.clear()
    bulk = bulk_of(press("start", [first, second]))
    run_jobs()
    page = markup(client.get(reverse("campaigns:bulk", args=[bulk.pk])))
    assert "Retry the 1 that failed" in page
    sandbox.campaign(first.voiso_id).agents.extend(sandbox.campaign(second.voiso_id).agents)

    again = bulk_of(
        client.post(reverse("campaigns:bulk_retry", args=[bulk.pk]), {"frozen": frozen_in(page), "client_token": uuid.uuid4()})
    )
    run_jobs()

    assert outcomes(again) == (["done"], "done")
    assert again.children.get().subject_id == first.pk


def test_what_is_left_can_be_cancelled(press, client, sandbox, connection):
    bulk = bulk_of(press("start", some(sandbox, connection, 3)))
    page = markup(client.get(reverse("campaigns:bulk", args=[bulk.pk])))
    assert "Cancel the remaining 3" in page

    answer = client.post(reverse("campaigns:bulk_cancel", args=[bulk.pk]), {"client_token": uuid.uuid4()}, follow=True)
    run_jobs()

    assert "3 cancelled. What was sent before stays." in markup(answer)
    assert "3 not sent" in markup(client.get(reverse("campaigns:bulk", args=[bulk.pk])))


# Who sees it


def test_a_viewer_sees_the_result_and_can_change_nothing(client, sandbox, connection, ines):
    viewer = User.objects.create_user("vera", role=User.Role.VIEWER)
    bulk = begin("start", some(sandbox, connection, 2), by=ines)
    client.force_login(viewer)

    page = markup(client.get(reverse("campaigns:bulk", args=[bulk.pk])))

    assert "2 waiting" in page
    assert "Cancel the remaining" not in page
    assert client.post(reverse("campaigns:bulk_cancel", args=[bulk.pk])).status_code == 403
    assert 'class="form-check-input pick"' not in markup(client.get(reverse("campaigns:board")))


def test_a_bulk_in_a_contact_centre_that_the_user_may_not_see_is_not_found(client, sandbox, connection, ines, omar):
    bulk = begin("start", some(sandbox, connection, 2), by=omar)
    ines.all_centres = False
    ines.save()
    client.force_login(ines)

    assert client.get(reverse("campaigns:bulk", args=[bulk.pk])).status_code == 404


def test_in_the_activity_a_bulk_is_one_entry_with_its_campaigns_behind_it(press, client, sandbox, connection):
    campaigns = some(sandbox, connection, 3)
    bulk = bulk_of(press("start", campaigns))
    run_jobs()

    activity = markup(client.get(reverse("operations:list")))
    of_one = markup(client.get(reverse("operations:list"), {"campaign": campaigns[0].pk}))

    assert activity.count("<tr>") == 2  # with the head
    assert "3 done" in activity
    assert f'href="{reverse("campaigns:bulk", args=[bulk.pk])}"' in activity
    assert "Campaign 1" in of_one


def test_a_user_who_may_not_see_a_bulk_finds_its_campaigns_in_the_activity(client, sandbox, connection, ines, omar):
    elsewhere = connect(sandbox, name="Elsewhere", generation="legacy")
    mine, theirs = some(sandbox, connection, 1)[0], some(sandbox, elsewhere, 1)[0]
    begin("start", [mine, theirs], by=omar)
    ines.all_centres = False
    ines.save()
    ines.centres.add(connection)
    client.force_login(ines)

    activity = markup(client.get(reverse("operations:list")))

    assert activity.count("<tr>") == 2
    assert str(mine) in activity


def test_the_page_takes_as_few_queries_for_many_refusals_as_for_one(
    client, sandbox, connection, ines, django_assert_max_num_queries
):
    campaigns = some(sandbox, connection, 8, status="active")
    bulk = begin("pause", campaigns, by=ines, at=timezone.now() - timedelta(seconds=5))
    Campaign.objects.update(status="stopped", status_by="Omar Haddad", status_since=timezone.now())
    run_jobs()
    client.force_login(ines)

    with django_assert_max_num_queries(12) as queries:
        page = markup(client.get(reverse("campaigns:bulk", args=[bulk.pk])))

    assert page.count("Omar Haddad stopped this") == 8, queries


def test_a_refused_campaign_tells_its_reader_who_was_first(client, sandbox, connection, ines, omar):
    (campaign,) = some(sandbox, connection, 1, status="active")
    bulk = begin("pause", [campaign], by=ines, at=timezone.now() - timedelta(seconds=5))
    Campaign.objects.filter(pk=campaign.pk).update(status="stopped", status_by="Omar Haddad", status_since=timezone.now())
    run_jobs()
    client.force_login(ines)

    page = markup(client.get(reverse("campaigns:bulk", args=[bulk.pk])))

    assert "Omar Haddad stopped this after your click, before its turn." in page
