"""Who did what, when, and how it ended: one page for all, filters, Voiso's words, name by name."""

import csv
import io
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.support.markup import markup
from voisoadmin.operations.models import Operation

ACTIVITY = reverse("operations:list")


def done(by, *, kind=Operation.Kind.PAUSE, label="Summer Outreach", at=None, **facts):
    at = at or timezone.now()
    who = {"by": by, "by_label": by.label if by else "unknown user"}
    subject = {"subject_kind": Operation.Subject.CAMPAIGN, "subject_id": 1, "subject_label": label, "campaign_ref": 1}
    times = {"asked_at": at, "started_at": at, "ended_at": at}
    return Operation.objects.create(**({"kind": kind, "status": Operation.Status.DONE} | who | subject | times | facts))


def shown(client, **query):
    answer = client.get(ACTIVITY, query)
    assert answer.status_code == 200
    return markup(answer)


def test_all_actions_are_listed_the_latest_first(client, ines, omar):
    now = timezone.now()
    done(ines, label="Summer Outreach", at=now - timedelta(minutes=2))
    done(omar, label="Winback Q4", at=now - timedelta(minutes=1))
    client.force_login(ines)

    page = shown(client)

    assert page.index("Winback Q4") < page.index("Summer Outreach")
    assert "Omar Haddad" in page


@pytest.mark.parametrize(
    ("result", "facts"),
    [
        ({"role": ["supervisor", "administrator"]}, {"Role": "Supervisor → Administrator"}),
        ({"role": [None, "supervisor"], "is_active": [None, True]}, {"Role": "Supervisor", "Can sign in": "yes"}),
        ({"is_active": [True, False], "password": "set"}, {"Can sign in": "yes → no", "Password": "set"}),
        ({"email": ["", "ines@shop.example"]}, {"Email": "ines@shop.example"}),
        ({"email": ["ines@shop.example", ""]}, {"Email": "ines@shop.example → none"}),
    ],
)
def test_a_change_of_a_user_shows_before_and_after_in_words(client, ada, result, facts):
    done(ada, kind=Operation.Kind.SAVE_USER, result=result)
    client.force_login(ada)

    page = shown(client)

    for name, text in facts.items():
        assert f"<dt>{name}</dt><dd>{text}</dd>" in page
    assert "None" not in page


def test_a_state_that_was_read_back_is_shown_as_text(client, ines):
    done(ines, kind=Operation.Kind.START, result={"read_back": True, "status": "auto_paused"})
    client.force_login(ines)

    assert "state read again as auto-paused after" in shown(client)


def test_a_refusal_shows_voisos_words_in_quotation_marks_and_what_to_do(client, ines):
    done(ines, status="refused", answer="Campaign must have at least one agent to start", problem="Add an agent.")
    client.force_login(ines)

    page = shown(client)

    assert '<span class="quote" hx-disable>Campaign must have at least one agent to start</span>' in page
    assert "Add an agent." in page


def test_the_result_of_an_assignment_is_shown_name_by_name(client, ines):
    names = [
        {"name": "ada@shop.example", "outcome": "added", "called": "Ada Byron"},
        {"name": "stranger@shop.example", "outcome": "not_found", "note": "Did you mean strangr@shop.example?"},
    ]
    done(ines, kind="assign", request={"add_agents": ["ada@shop.example", "stranger@shop.example"]}, result={"names": names})
    client.force_login(ines)

    page = shown(client)

    for words in ("Add 2 names", "1 added, 1 not found", "Ada Byron", "Did you mean strangr@shop.example?"):
        assert words in page


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "stop"},
        {"outcome": "refused"},
        {"person": "omar"},
        {"campaign": "2"},
        {"campaign": "back q4"},
        {"q": "winback"},
        {"q": "no lead"},
    ],
)
def test_each_filter_narrows_the_list(client, ines, omar, query):
    done(ines, label="Summer Outreach")
    done(omar, kind="stop", label="Winback Q4", status="refused", campaign_ref=2, answer="No lead to call")
    client.force_login(ines)

    page = shown(client, **query)

    assert "Winback Q4" in page
    assert "Summer Outreach" not in page


def test_the_dates_are_days_of_the_time_zone_of_the_pages_and_both_are_included(client, ines, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    for moment in ("2026-11-19T22:59", "2026-11-19T23:00", "2026-11-20T22:59", "2026-11-20T23:00"):
        done(ines, label=f"At {moment[8:]}", at=datetime.fromisoformat(f"{moment}:00+00:00"))
    client.force_login(ines)

    page = shown(client, since="2026-11-20", until="2026-11-20")

    assert "At 19T23:00" in page
    assert "At 20T22:59" in page
    assert "At 19T22:59" not in page
    assert "At 20T23:00" not in page


def exported(client, **query):
    answer = client.get(reverse("operations:download"), query)
    assert answer["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def test_the_download_has_every_operation_that_the_filters_list_not_only_those_of_a_page(client, ines, omar):
    for number in range(60):
        done(ines, label=f"Campaign number {number:03}")
    done(omar, label="Winback Q4", status="refused", answer="No lead to call", problem="Add contacts.")
    client.force_login(ines)

    rows = exported(client, person="ines")
    (refused,) = exported(client, outcome="refused")

    assert [row["Subject"] for row in rows] == [f"Campaign number {number:03}" for number in reversed(range(60))]
    assert (refused["Who"], refused["Action"]) == ("Omar Haddad", "Pause")
    assert (refused["Outcome"], refused["Voiso"], refused["Problem"]) == ("Refused", "No lead to call", "Add contacts.")


def test_the_page_links_to_the_download_with_its_filters(client, ines):
    done(ines)
    client.force_login(ines)

    assert f'href="{reverse("operations:download")}?kind=pause"' in shown(client, kind="pause")


def test_no_cell_of_the_download_becomes_a_formula(client, ines):
    done(ines, label="=HYPERLINK(1)", answer="@SUM(1)")
    client.force_login(ines)

    (row,) = exported(client)

    assert row["Subject"] == "'=HYPERLINK(1)"
    assert row["Voiso"] == "'@SUM(1)"


def test_the_download_has_only_what_the_reader_may_see(client, ines, ada):
    done(None, kind=Operation.Kind.SIGN_IN_FAILED, label="Ines Sousa")
    client.force_login(ines)
    assert exported(client) == []

    client.force_login(ada)
    assert len(exported(client)) == 1


def test_an_invalid_filter_filters_nothing(client, ines):
    done(ines)
    client.force_login(ines)

    page = shown(client, kind="'; drop", outcome="maybe", since="0001-01-01", until="9999-12-31", before="x")

    assert "Summer Outreach" in page


def test_a_search_without_hits_names_the_search_and_offers_to_clear_it(client, ines):
    done(ines)
    client.force_login(ines)

    page = shown(client, q="sumer")

    assert "“sumer”" in page
    assert f'href="{ACTIVITY}"' in page


def test_pages_follow_one_another_without_losing_or_repeating_a_line(client, ines):
    at = timezone.now()
    for number in range(120):
        done(ines, label=f"Campaign number {number:03}", at=at)  # all at the same moment
    client.force_login(ines)

    seen, address = [], ACTIVITY
    while address:
        answer = client.get(address)
        seen += [line.operation.subject_label for line in answer.context["lines"]]
        address = ACTIVITY + answer.context["older"] if answer.context["older"] else ""

    assert seen == [f"Campaign number {number:03}" for number in reversed(range(120))]


def test_text_from_people_and_voiso_never_becomes_markup(client, ines):
    hostile = "<script>alert(1)</script>"
    done(
        ines,
        label=hostile,
        kind="assign",
        status="refused",
        answer=hostile,
        problem=hostile,
        by_label=hostile,
        request={"add_agents": [hostile], "file": hostile},
        result={"names": [{"name": hostile, "outcome": hostile, "called": hostile, "note": hostile}]},
    )
    client.force_login(ines)

    page = shown(client, q=hostile)

    assert hostile not in page
    assert page.count("&lt;script&gt;") >= 8


def test_the_activity_of_one_campaign_has_a_page(client, ines, campaign):
    done(ines, campaign_ref=campaign.pk)
    done(ines, kind="stop", label="Another", campaign_ref=campaign.pk + 1)
    client.force_login(ines)
    address = reverse("campaigns:activity", args=[campaign.pk])

    page = markup(client.get(address))

    assert "Pause" in page
    assert "Another" not in page


def test_a_campaigns_pages_name_a_file_without_repeating_the_campaign(client, ines, campaign):
    done(ines, label=f"leads.csv to {campaign}", subject_kind="upload", campaign_ref=campaign.pk)
    client.force_login(ines)

    for view in ("activity", "timeline"):
        assert "<bdi hx-disable>leads.csv</bdi>" in markup(client.get(reverse(f"campaigns:{view}", args=[campaign.pk])))
    assert f"<bdi hx-disable>leads.csv to {campaign}</bdi>" in shown(client)


@pytest.mark.parametrize(
    ("status", "word"), [("draft", "Draft"), ("auto_paused", "Auto-paused"), ("import_error", "Import error")]
)
def test_the_details_use_the_chips_word_for_a_state(client, ines, status, word):
    done(ines, shown_status=status)
    client.force_login(ines)

    assert f"<dt>State before</dt><dd>{word}</dd>" in shown(client)


def test_the_activity_of_a_missing_campaign_is_not_found(client, ines):
    client.force_login(ines)

    assert client.get(reverse("campaigns:activity", args=[987654])).status_code == 404


@pytest.mark.parametrize("name", ["operations:list", "campaigns:activity"])
def test_the_activity_is_only_read_and_only_after_signing_in(client, ines, campaign, name):
    address = reverse(name, args=[campaign.pk] if name == "campaigns:activity" else [])

    assert client.get(address).status_code == 302
    client.force_login(ines)
    assert client.post(address).status_code == 405


def test_a_sign_in_is_in_the_activity_of_administrators_only(client, ada, ines):
    client.post(reverse("accounts:sign_in"), {"username": "ines", "password": "correct horse battery"})

    entry = Operation.objects.get(kind=Operation.Kind.SIGN_IN)
    assert (entry.by, entry.subject_label, entry.request) == (ines, "Ines Sousa", {"from": "127.0.0.1"})
    assert "Sign in" not in shown(client)
    client.force_login(ada)
    assert "<dt>From</dt><dd>127.0.0.1</dd>" in shown(client, kind="sign_in")
