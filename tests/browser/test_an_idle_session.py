"""Nothing was clicked or typed for an hour: the page warns, lets one stay, and keeps what was typed for after the sign-in."""

import re
import time

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from voisoadmin.accounts.models import User

PASSWORD = "correct horse battery"
MINUTE = 60
WARNING = re.compile(r"You will be signed out at \d\d:\d\d unless you click or type\.")


def pass_minutes(page: Page, minutes: float) -> None:
    """For the page and for the server."""
    for row in Session.objects.all():
        session = SessionStore(row.session_key)
        session["seen_at"] -= int(minutes * MINUTE)
        session.save()
    page.clock.fast_forward(int(minutes * MINUTE * 1000))


def seen_at() -> float:
    return float(SessionStore(Session.objects.get().session_key)["seen_at"])


@pytest.fixture
def at_form(page: Page, ada: User) -> Page:
    """An administrator has begun to add a user."""
    page.clock.install()
    page.goto("/users/new/")
    sign_in(page, "ada")
    page.get_by_label("Role").select_option("administrator")
    page.get_by_label("First name").fill("Jonas")
    page.locator("input[name=password]").fill("staple paper sunshine")
    return page


def sign_in(page: Page, name: str) -> None:
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_hidden()


def test_two_minutes_before_the_end_the_page_offers_to_stay_signed_in(at_form):
    page = at_form
    expect(page.get_by_text(WARNING)).to_be_hidden()

    pass_minutes(page, 58.5)
    expect(page.get_by_role("alert").get_by_text(WARNING)).to_be_visible()
    page.get_by_role("button", name="Stay signed in").click()

    expect(page.get_by_text(WARNING)).to_be_hidden()
    assert time.time() - seen_at() < 5 * MINUTE
    expect(page.get_by_label("First name")).to_have_value("Jonas")


def test_a_key_press_is_enough_to_stay_signed_in(at_form):
    page = at_form
    pass_minutes(page, 58.5)
    expect(page.get_by_text(WARNING)).to_be_visible()

    page.get_by_label("Last name").press("W")

    expect(page.get_by_text(WARNING)).to_be_hidden()


def test_clicks_in_another_window_keep_the_warning_away(at_form):
    page = at_form
    page.clock.fast_forward(int(58.5 * MINUTE * 1000))  # here only: the server knows of a click in another window

    expect(page.locator("#idle")).to_have_attribute("hidden", "")
    expect(page.get_by_label("First name")).to_have_value("Jonas")


def test_input_is_restored_after_signing_in_except_passwords(at_form):
    page = at_form

    pass_minutes(page, 61)
    page.wait_for_url("**/sign-in/?next=/users/new/")
    sign_in(page, "ada")

    expect(page).to_have_url(re.compile("/users/new/$"))
    expect(page.get_by_label("First name")).to_have_value("Jonas")
    expect(page.get_by_label("Role")).to_have_value("administrator")
    assert page.locator("input[name=password]").input_value() == ""
    expect(page.get_by_text("What you typed was kept. Check it, then send it again.")).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('typed')") is None


def test_a_form_sent_too_late_is_restored_too(at_form):
    page = at_form
    Session.objects.all().delete()

    page.get_by_role("button", name="Add user").click()
    page.wait_for_url("**/sign-in/**")
    sign_in(page, "ada")

    expect(page.get_by_label("First name")).to_have_value("Jonas")


def test_another_user_who_signs_in_there_sees_none_of_it(at_form):
    page = at_form
    User.objects.create_user("root", password=PASSWORD, role=User.Role.ADMINISTRATOR)

    pass_minutes(page, 61)
    page.wait_for_url("**/sign-in/**")
    sign_in(page, "root")

    expect(page).to_have_url(re.compile("/users/new/$"))
    expect(page.get_by_label("First name")).to_have_value("")
    assert page.evaluate("sessionStorage.getItem('typed')") is None


def test_signing_out_deliberately_keeps_nothing(at_form):
    page = at_form

    page.locator("#who-side summary").click()
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url("**/sign-in/")

    assert page.evaluate("sessionStorage.getItem('typed')") is None


def test_leaving_a_form_keeps_nothing(at_form):
    page = at_form

    page.goto("/users/")
    page.goto("/users/new/")

    expect(page.get_by_label("First name")).to_have_value("")
