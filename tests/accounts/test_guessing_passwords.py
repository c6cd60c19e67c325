"""Wrong passwords are counted, and too many are refused at once; guessing never locks out a person who has signed in
before."""

import datetime as dt
import logging
import re

import pytest
from django.contrib.auth.hashers import check_password
from django.test import Client
from django.urls import reverse

from voisoadmin.accounts.models import SignInFailure, User
from voisoadmin.operations.models import Operation

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

PASSWORD = "correct horse battery"
SIGN_IN = reverse("accounts:sign_in")
OFFICE, HOME, ELSEWHERE = "203.0.113.7", "198.51.100.20", "192.0.2.44"
START = dt.datetime(2026, 11, 30, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to(START, tick=False)
    return time_machine


def try_to_sign_in(name="ines", password="a wrong password", *, at=OFFICE, client=None, **headers):
    return (client or Client()).post(SIGN_IN, {"username": name, "password": password}, REMOTE_ADDR=at, headers=headers)


def known_browser_of(name: str, *, at=HOME) -> Client:
    client = Client()
    assert try_to_sign_in(name, PASSWORD, at=at, client=client).status_code == 302
    client.post(reverse("accounts:sign_out"))
    return client


def refused(response) -> int:
    """The seconds to wait, from the answer's header and its sentence."""
    assert response.status_code == 429
    seconds = int(response["Retry-After"])
    assert re.search(rf"Try again in {seconds} seconds?\b", response.text)
    return seconds


@pytest.mark.parametrize("name", ["ines", "unknown", "closed"])
def test_the_eleventh_wrong_password_for_an_account_from_an_address_is_refused(ines, now, name):
    User.objects.create_user("closed", password=PASSWORD, is_active=False)
    answers = [try_to_sign_in(name).status_code for _ in range(10)]

    seconds = refused(try_to_sign_in(name))

    assert answers == [422] * 10
    assert seconds == 15 * 60
    assert try_to_sign_in(name, at=ELSEWHERE).status_code == 422, "another address is another matter"
    now.shift(seconds - 1)
    assert refused(try_to_sign_in(name)) == 1
    now.shift(1)
    assert try_to_sign_in(name).status_code == 422


def test_the_right_password_is_not_looked_at_either_once_there_were_too_many(ines):
    for _ in range(10):
        try_to_sign_in()

    refused(try_to_sign_in(password=PASSWORD))


def test_a_refused_try_is_not_counted_so_that_it_does_not_prolong_the_wait(ines, now):
    for _ in range(50):
        try_to_sign_in()
    assert SignInFailure.objects.count() == 10

    now.shift(15 * 60)

    assert try_to_sign_in(password=PASSWORD).status_code == 302


def test_a_known_browser_signs_in_from_the_very_address_that_guesses(ines):
    ours = known_browser_of("ines", at=OFFICE)
    for _ in range(30):
        try_to_sign_in(at=OFFICE)

    assert try_to_sign_in(password=PASSWORD, at=OFFICE, client=ours).status_code == 302


def test_a_known_browser_may_be_wrong_as_often_as_any_other(ines):
    ours = known_browser_of("ines")
    answers = [try_to_sign_in(client=ours, at=f"203.0.113.{n}").status_code for n in range(10)]

    assert answers == [422] * 10
    refused(try_to_sign_in(client=ours, at=ELSEWHERE))


def test_a_hundred_wrong_passwords_in_an_hour_close_an_account_for_strangers_alone(ines, omar, now):
    ours = known_browser_of("ines")
    for number in range(100):
        assert try_to_sign_in(at=f"198.18.0.{number}").status_code == 422
        now.shift(10)

    assert refused(try_to_sign_in(password=PASSWORD, at=ELSEWHERE)) == 3600 - 1000
    assert try_to_sign_in("omar", PASSWORD, at=ELSEWHERE).status_code == 302, "another account"
    assert try_to_sign_in(password=PASSWORD, at=ELSEWHERE, client=ours).status_code == 302


def test_a_browser_is_known_for_thirty_days(ines, now):
    ours = known_browser_of("ines")
    now.shift(30 * 86400 - 1)
    for _ in range(10):
        try_to_sign_in()

    assert ours.post(SIGN_IN, {"username": "ines", "password": "wrong"}, REMOTE_ADDR=OFFICE).status_code == 422
    now.shift(1)
    refused(ours.post(SIGN_IN, {"username": "ines", "password": PASSWORD}, REMOTE_ADDR=OFFICE))


@pytest.mark.parametrize(
    "forge", [lambda value: value[:-2] + "xx", lambda value: "e30:1:x", lambda value: "\0", lambda value: ""]
)
def test_a_forged_cookie_makes_no_browser_known(ines, settings, forge):
    ours = known_browser_of("ines")
    name = settings.KNOWN_BROWSER_COOKIE_NAME
    ours.cookies[name] = forge(ours.cookies[name].value)
    for _ in range(10):
        try_to_sign_in()

    refused(try_to_sign_in(client=ours, password=PASSWORD))


def test_a_browser_that_one_account_knows_is_a_stranger_to_another(ines, omar):
    ours = known_browser_of("omar")
    for _ in range(10):
        try_to_sign_in("ines", client=ours)

    refused(try_to_sign_in("ines", client=ours))


def test_a_browser_of_a_shared_desk_is_known_to_each_who_signed_in_there(ines, omar):
    desk = known_browser_of("ines", at=OFFICE)
    try_to_sign_in("omar", PASSWORD, at=OFFICE, client=desk)
    desk.post(reverse("accounts:sign_out"))
    for name in ("ines", "omar"):
        for _ in range(10):
            try_to_sign_in(name)

    for name in ("ines", "omar"):
        assert try_to_sign_in(name, PASSWORD, client=desk).status_code == 302
        desk.post(reverse("accounts:sign_out"))


def test_an_address_that_tries_twenty_accounts_is_refused_for_every_other(ines, now):
    for number in range(20):
        assert try_to_sign_in(f"name{number}").status_code == 422

    assert refused(try_to_sign_in("ines", PASSWORD)) == 600
    assert try_to_sign_in("ines", PASSWORD, at=ELSEWHERE).status_code == 302
    now.shift(600)
    assert try_to_sign_in("ines", PASSWORD).status_code == 302


def test_many_wrong_passwords_for_few_accounts_are_no_reason_to_refuse_an_address(ines, omar):
    for number in range(19):
        for _ in range(10):
            try_to_sign_in(f"name{number}")

    assert try_to_sign_in("ines", PASSWORD).status_code == 302


def test_sixty_people_of_one_office_sign_in_within_a_minute(db, now):
    for number in range(60):
        User.objects.create_user(f"agent{number}", password=PASSWORD)

    for number in range(60):
        assert try_to_sign_in(f"agent{number}", PASSWORD).status_code == 302
        now.shift(1)


def test_an_ipv6_household_has_one_activity_row_and_its_addresses_are_in_the_log(ines, caplog):
    for number in range(3):
        try_to_sign_in(at=f"2001:db8:0:1::{number}")

    row = Operation.objects.get(kind=Operation.Kind.SIGN_IN_FAILED)
    assert (row.by_label, row.result["tries"]) == ("2001:db8:0:1::/64", 3)
    assert "from 2001:db8:0:1::2" in caplog.text


def test_an_ipv6_household_is_one_address(ines):
    for number in range(10):
        try_to_sign_in(at=f"2001:db8:0:1::{number}")

    refused(try_to_sign_in(at="2001:db8:0:1:ffff::1"))
    assert try_to_sign_in(at="2001:db8:0:2::1").status_code == 422


def test_a_forwarded_address_is_not_believed_without_the_setting(ines):
    for number in range(10):
        try_to_sign_in(**{"X-Forwarded-For": f"198.51.100.{number}"})

    refused(try_to_sign_in(**{"X-Forwarded-For": "198.51.100.99"}))


def test_behind_a_proxy_that_the_setting_does_not_count_the_address_is_unknown_and_not_counted(ines, omar, settings):
    settings.TRUST_PROXY = True
    for number in range(30):
        assert try_to_sign_in(f"name{number}", at="127.0.0.1").status_code == 422
    for _ in range(99):
        assert try_to_sign_in("ines", at="127.0.0.1").status_code == 422

    assert try_to_sign_in("omar", PASSWORD, at="127.0.0.1").status_code == 302
    assert try_to_sign_in("ines", at="127.0.0.1").status_code == 422, "the hundredth"
    refused(try_to_sign_in("ines", at="127.0.0.1"))


@pytest.mark.parametrize(
    ("proxies", "forwarded", "counted"),
    [
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "10.9.9.9, 203.0.113.7", "203.0.113.7"),  # what is further left came with the request
        (2, "10.9.9.9, 203.0.113.7, 192.0.2.1", "203.0.113.7"),
        (1, "203.0.113.7:4711", "203.0.113.7"),
        (1, "[2001:db8:1:2:3::9]:4711", "2001:db8:1:2::/64"),
        (1, "::ffff:203.0.113.7", "203.0.113.7"),
        (2, "203.0.113.7", ""),
        (1, "", ""),
        (1, "unknown", ""),
        (1, "203.0.113.7, <script>", ""),
        (1, "fe80::1%eth0", "fe80::/64"),
    ],
)
def test_with_the_setting_it_is_what_that_proxy_was_called_from(ines, settings, proxies, forwarded, counted):
    settings.PROXIES, settings.TRUST_PROXY = proxies, True

    try_to_sign_in(at="127.0.0.1", **{"X-Forwarded-For": forwarded})

    assert SignInFailure.objects.get().address == counted


def test_a_failure_is_logged_once_with_the_address_and_the_name_of_a_known_account(ines, caplog):
    caplog.set_level(logging.INFO)

    try_to_sign_in("INES")
    try_to_sign_in("my secret password", "ines")

    assert [record.getMessage() for record in caplog.records] == [
        "Failed sign-in for ines from 203.0.113.7",
        "Failed sign-in with an unknown username from 203.0.113.7",
    ]


def test_the_last_failure_before_a_refusal_says_so_in_the_log_and_refusals_are_not_logged(ines, caplog):
    for _ in range(30):
        try_to_sign_in()

    assert len(caplog.records) == 10
    assert caplog.records[-1].getMessage().endswith("; further tries are refused for 900 s")


def test_what_was_typed_as_an_unknown_name_is_stored_nowhere(ada, caplog):
    secret = "tr0ub4dor-and-three"

    try_to_sign_in(secret, "ada")

    stored = [str(row) for model in (SignInFailure, Operation) for row in model.objects.values()]
    assert len(stored) == 2
    assert secret not in "".join(stored) + caplog.text
    assert len(SignInFailure.objects.get().account) == len("name ") + 4, "too little to find the word by"


def test_administrators_see_one_row_for_an_account_and_an_address_in_ten_minutes(client, ada, ines, now):
    for _ in range(3):
        try_to_sign_in("ines")
    try_to_sign_in("ines", at=HOME)
    for number in range(5):
        try_to_sign_in(f"unknown{number}")
    now.shift(599)
    try_to_sign_in("ines")
    now.shift(1)
    try_to_sign_in("ines")

    rows = Operation.objects.filter(kind=Operation.Kind.SIGN_IN_FAILED).order_by("pk")
    assert [(row.subject_label, row.by_label, row.result["tries"]) for row in rows] == [
        ("Ines Sousa", OFFICE, 4),
        ("Ines Sousa", HOME, 1),
        ("Unknown username", OFFICE, 5),
        ("Ines Sousa", OFFICE, 1),
    ]
    client.force_login(ada)
    text = client.get(reverse("operations:list")).text
    assert "Failed sign-in" in text
    assert "4 wrong passwords" in text
    assert "Unknown username" in text


@pytest.mark.parametrize("query", ["", "?kind=sign_in_failed", "?q=Ines", "?outcome=refused", f"?person={OFFICE}"])
def test_supervisors_see_no_failed_sign_in_in_the_activity(client, ines, omar, query):
    try_to_sign_in("ines")
    client.force_login(omar)

    text = client.get(reverse("operations:list") + query).text

    assert "Failed sign-in" not in text
    assert "wrong password" not in text
    assert f">{OFFICE}<" not in text


def test_guessing_ones_own_password_in_an_open_session_has_the_same_limits(client, ines):
    client.force_login(ines)
    form = {"old_password": "wrong", "new_password1": "staple paper sunshine", "new_password2": "staple paper sunshine"}
    page = reverse("accounts:password")

    answers = [client.post(page, form).status_code for _ in range(10)]

    assert answers == [422] * 10
    refused(client.post(page, form | {"old_password": PASSWORD}))
    ines.refresh_from_db()
    assert check_password(PASSWORD, ines.password)


def test_guessing_ones_own_password_on_the_page_of_users_has_the_same_limits(client, ada):
    client.force_login(ada)
    form = {"username": "ada", "role": "administrator", "is_active": "on", "password": "staple paper sunshine"}
    page = reverse("accounts:user_edit", args=[ada.pk])

    answers = [client.post(page, form | {"old_password": "wrong"}).status_code for _ in range(10)]

    assert answers == [422] * 10
    refused(client.post(page, form | {"old_password": PASSWORD}))


def test_the_typed_name_stays_in_a_form_that_was_refused_and_the_password_does_not(ines):
    for _ in range(10):
        try_to_sign_in()

    text = try_to_sign_in("ines", "tr0ub4dor-and-three").text

    assert 'value="ines"' in text
    assert "tr0ub4dor" not in text
