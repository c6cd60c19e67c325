"""The frame around every page."""

import re
from datetime import timedelta

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.urls import reverse
from django.utils import timezone

from tests.campaigns.support import make_campaign, make_connection
from tests.support.markup import markup
from voisoadmin.lib.templatetags.ui import about, share, when
from voisoadmin.lib.times import duration
from voisoadmin.site.frame import NavItem

pytestmark = pytest.mark.django_db


def test_supervisors_see_the_menu_and_administrators_also_see_administration(client, ines, ada):
    make_campaign(make_connection())
    client.force_login(ines)
    text = markup(client.get("/"))
    for word in ("Campaigns", "Uploads", "Rows to fix", "Agents and teams", "Activity"):
        assert word in text
    assert "Connections" not in text
    assert "Administration" not in text
    assert '<span class="count" title="1">1</span>' in text

    client.force_login(ada)
    text = markup(client.get("/"))
    assert "Administration" in text
    assert reverse("connections:list") in text
    assert reverse("accounts:users") in text


def test_the_foot_of_the_sidebar_shows_the_last_answer(client, ines):
    make_connection("Berlin", silent_since=timezone.now() - timedelta(minutes=4), failures=7)
    make_connection("Lisbon")
    client.force_login(ines)

    text = markup(client.get(reverse("runtime:last_answers")))

    assert "<bdi hx-disable>Berlin</bdi>" in text
    assert "since " in text
    assert re.search(r">\d+ s<", text)
    head = r'<span class="top-last-answer" id="top-last-answer" hx-swap-oob="true">'
    assert re.search(head + r'\s*<span class="last-answer bad', text)
    assert "<html" not in text


def test_messages_are_shown_as_notices(client, ada):
    client.force_login(ada)

    text = markup(
        client.post(
            reverse("accounts:user_edit", args=[ada.pk]),
            {"username": "ada", "role": "administrator", "is_active": "on"},
            follow=True,
        )
    )

    assert 'class="note note-good" role="status"' in text
    assert "ada saved." in text


def test_an_icon_missing_from_the_sprite_is_an_error():
    with pytest.raises(TemplateSyntaxError, match="nonsense"):
        Template('{% load ui %}{% icon "nonsense" %}').render(Context())


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.004, "<0.1 s"),
        (0.42, "0.4 s"),
        (28, "28 s"),
        (88, "1 min 28 s"),
        (120, "2 min"),
        (14460, "4 h 1 min"),
        (180000, "2 d 2 h"),
        (None, ""),
    ],
)
def test_durations_have_two_units(seconds, words):
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0.5, "a few seconds"),
        (9.9, "a few seconds"),
        (12.5, "about 10 s"),
        (44, "about 40 s"),
        (54.9, "about 50 s"),
        (55, "about 1 min"),
        (247, "about 4 min"),
        (3299, "about 55 min"),
        (3300, "about 1 h"),
        (5500, "about 1.5 h"),
        (86_399, "about 24 h"),
        (86_400, "about 1 day"),
        (260_000, "about 3 days"),
    ],
)
def test_an_estimate_is_one_rounded_unit(seconds, words):
    assert about(seconds) == words


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(0, 0, "0%"), (0, 9, "0%"), (9, 9, "100%"), (1, 100000, "<0.1%"), (99999, 100000, ">99.9%"), (1, 8, "12.5%")],
)
def test_a_share_never_reads_as_zero_when_there_is_something(part, whole, words):
    assert share(part, whole) == words


def test_times_are_relative_for_a_day_and_exact_in_the_title():
    now = timezone.now().replace(month=11, day=23, hour=14)

    assert ">34 min ago<" in when(now - timedelta(minutes=34), "ago", now)
    assert ">19 Nov<" in when(now - timedelta(days=4), "ago", now)
    assert f'title="19 Nov {now.year}, ' in when(now - timedelta(days=4), "ago", now)
    assert when(None) == ""


@pytest.mark.parametrize(
    ("count", "said"), [(999, "999"), (1000, "1k"), (1304, "1.3k"), (9999, "9.9k"), (10_400, "10k"), (1_250_000, "1.2M")]
)
def test_a_large_count_is_short_in_the_sidebar(count, said):
    assert NavItem(count=count).short_count == said
