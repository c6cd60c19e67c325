"""What isn't accepted: the answer says why in a stable code, and a bad body costs little whatever is in it."""

import time

import pytest
from django.utils import timezone

from tests.feeds.support import Source, a_source, click
from voisoadmin.feeds.models import FeedDay, FeedRequest
from voisoadmin.feeds.post_limits import limits
from voisoadmin.feeds.services import create_token, pause_feed, resume_feed, revoke_token
from voisoadmin.operations.clicks import ActionRefused
from voisoadmin.operations.models import Operation
from voisoadmin.pushes.models import WaitingLead

ANA, BEN = "+447400300018", "+447400300019"
MIB = 1024 * 1024


@pytest.fixture
def source(campaign) -> Source:
    limits.forget()
    return a_source(campaign)


def filled(begin: bytes, part: bytes, end: bytes = b"") -> bytes:
    """A body of nearly the largest size."""
    return begin + part * ((MIB - len(begin) - len(end)) // len(part)) + end


BAD_BODIES = {
    "no JSON": b"phone=1",
    "an empty array": b"[]",
    "a number": b"3",
    "an array of arrays": b"[[1]]",
    "NaN": b'{"phone": NaN}',
    "infinity": b'{"priority": 1e999}',
    "a lone surrogate": b'{"phone": "\\ud800"}',
    "no UTF-8": b'{"phone": "\xff"}',
    "a NUL": b'{"phone": "\\u0000"}',
    "a NUL in a name": b'{"a\\u0000": 1}',
    "the same field twice": b'{"phone": "+1", "phone": "+2"}',
    "an array in a field": b'{"phone": ["+1"]}',
    "deep nesting": filled(b"", b"["),
    "deep objects": filled(b"", b'{"a":'),
    "many values of one field": filled(b'{"a":1', b',"a":1', b"}"),
    "many hidden objects": filled(b'{"a":[{}', b",{}", b'],"a":1}'),
    "many hidden numbers": filled(b'{"a":[1.5', b",1.2345678901234567890", b'],"a":1}'),
    "too many leads": filled(b"[{}", b",{}", b"]"),
    "a number of a million digits": filled(b'{"a":', b"1", b"}"),
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_a_body_that_is_not_leads_is_refused_soon_whatever_is_in_it(source, body):
    source.post(b"warm up")
    began = time.thread_time()

    answer = source.post(body)

    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_shape")
    assert time.thread_time() - began < 0.05 * 4


def test_a_request_needs_a_valid_token_of_this_feed(source, campaign):
    other = a_source(campaign, name="CRM")

    for token in ("wrong", other.token, "é" * 40):
        answer = source.post({"phone": ANA}, token=token)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert source.client.post(source.address, "{}", content_type="application/json").status_code == 401
    unknown = source.client.post("/api/v1/feeds/none/leads", headers={"Authorization": f"Bearer {source.token}"})
    assert unknown.content == answer.content


def test_a_session_is_no_token(source, client, ines):
    client.force_login(ines)

    assert client.post(source.address, "{}", content_type="application/json").status_code == 401


def test_two_tokens_are_valid_at_once_and_a_revoked_one_opens_nothing(source):
    second = create_token(source.feed, click())
    with pytest.raises(ActionRefused):
        create_token(source.feed, click())
    assert [source.post({"phone": phone}, token=token).status_code for phone, token in ((ANA, source.token), (BEN, second))]

    revoke_token(source.feed.tokens.get(last_four=second[-4:]), click())

    assert source.post({"phone": ANA}, token=second).status_code == 401
    assert source.post({"phone": ANA}).status_code == 202
    assert create_token(source.feed, click()) != second


def test_no_table_holds_a_token(source):
    token = source.feed.tokens.get()

    assert source.token not in str([*Operation.objects.values(), *source.feed.tokens.values()])
    assert token.last_four == source.token[-4:]
    assert len(source.token) >= 43
    assert source.token not in repr(source.token)


@pytest.mark.parametrize("key", ["", " ", "k" * 201])
def test_a_request_needs_a_key(source, key):
    headers = {"Authorization": f"Bearer {source.token}", "Idempotency-Key": key}

    answer = source.client.post(source.address, "{}", content_type="application/json", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (400, "no_key")


def test_other_types_sizes_methods_and_addresses_are_refused(source):
    assert source.post({"phone": ANA}, content_type="text/plain").status_code == 415
    assert source.post({"phone": ANA}, content_type="application/json; charset=latin-1").status_code == 415
    assert source.post(b" " * (MIB + 1)).status_code == 413
    assert source.client.get(source.address).status_code == 405
    assert source.client.put(source.address).status_code == 405
    for address in ("/api/v2/feeds", "/api/v1/feeds/%00/leads", "/api/v1/feeds/a%0D%0Ab/requests/1"):
        assert (
            source.client.post(address, headers={"Authorization": f"Bearer {source.token}"}).json()["code"] == "unknown_address"
        )


def test_a_token_may_post_so_many_requests_and_leads_a_minute(source, settings):
    settings.FEED_REQUESTS, settings.FEED_LEADS = 2, 3
    many = [{"phone": f"+4474003000{at}"} for at in range(10, 13)]

    found = [source.post(leads) for leads in (many, {"phone": ANA}, {"phone": ANA})]

    assert [answer.status_code for answer in found] == [202, 429, 429]
    assert all(1 <= int(answer.headers["Retry-After"]) <= 60 for answer in found[1:])
    assert [answer.json()["code"] for answer in found[1:]] == ["too_many_leads", "too_many_requests"]


def test_nothing_is_accepted_while_too_much_waits(source, settings):
    settings.FEED_WAITING = 1
    source.post({"phone": ANA})

    answer = source.post({"phone": BEN})

    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_waiting")
    assert int(answer.headers["Retry-After"]) > 0
    assert (FeedRequest.objects.count(), WaitingLead.objects.count()) == (1, 1)


def test_a_paused_feed_accepts_nothing_until_it_is_resumed(source):
    pause_feed(source.feed, click())
    answer = source.post({"phone": ANA}, key="lead-1")
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "paused", "60")

    resume_feed(source.feed, click())

    assert source.post({"phone": ANA}, key="lead-1").status_code == 202


def test_an_error_of_ours_is_reported_without_details_or_token(source, caplog):
    # What was counted before is damaged.
    FeedDay.objects.create(feed=source.feed, day=timezone.localdate(), reasons=5)

    answer = source.post([{"phone": ANA}, {}])

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert not WaitingLead.objects.exists()
    assert source.token not in caplog.text
    assert ANA not in caplog.text
