"""Every odd reply we know of, once, and its meaning for the request."""

import json

import pytest

from tests.voiso.conftest import KEY
from voisoadmin.voiso import errors
from voisoadmin.voiso.answers import Asked, judge
from voisoadmin.voiso.contact_answers import judge_contacts
from voisoadmin.voiso.http.wire import Reply
from voisoadmin.voiso.keys import Key

HTML = b"<html><head><title>502 Bad Gateway</title></head></html>"


SENT = frozenset({"447400123456", "447400123457"})


def refusal(text: str) -> bytes:
    return json.dumps({"error": text}).encode()


def judged(reply: Reply, asked: Asked) -> object:
    """As the clients judge an answer."""
    if asked is Asked.CONTACTS:
        return judge_contacts(reply, SENT, update=False, method="POST", key=Key(KEY))
    return judge(reply, asked, key=Key(KEY))


# (status, body, what was asked, the resulting error)
ODD_REPLIES = [
    (401, b'{"error":"Unauthorized"}', Asked.CONTACTS, errors.KeyRefused),
    (401, b"", Asked.READ, errors.KeyRefused),
    (403, refusal("Invalid api_key"), Asked.CONTACTS, errors.KeyRefused),
    (403, refusal("Invalid User API Key"), Asked.READ, errors.KeyRefused),
    (403, refusal("Forbidden"), Asked.CONTACTS, errors.Forbidden),
    (403, refusal("Invalid key"), Asked.READ, errors.KeyRefused),
    (200, refusal("Invalid key"), Asked.READ, errors.KeyRefused),
    (400, refusal("Your API key is not valid."), Asked.CONTACTS, errors.KeyRefused),
    (422, b'{"errors":{"api_key":["is invalid"]}}', Asked.CONTACTS, errors.KeyRefused),
    (403, refusal("invalid-token"), Asked.CHANGE, errors.KeyRefused),
    (403, refusal("Expired access token"), Asked.CHANGE, errors.KeyRefused),
    (422, refusal("Invalid key colour in contact 3"), Asked.CONTACTS, errors.Refused),
    (403, HTML, Asked.CONTACTS, errors.NoReply),
    (403, HTML, Asked.READ, errors.NoReply),
    (403, b"", Asked.CHANGE, errors.NoReply),
    (404, refusal("Not found"), Asked.CONTACTS, errors.CampaignGone),
    (404, HTML, Asked.CHANGE, errors.CampaignGone),
    (404, refusal("Not found"), Asked.READ, errors.Refused),
    (400, refusal("Campaign not found"), Asked.CONTACTS, errors.CampaignGone),
    (422, refusal("Campaign not found"), Asked.CHANGE, errors.CampaignGone),
    (400, refusal("Campaign type should be live"), Asked.CONTACTS, errors.NotLive),
    (409, b'{"errors":{"campaign":["must be live"]}}', Asked.CONTACTS, errors.NotLive),
    (422, refusal("Leads can only be added to live campaigns"), Asked.CONTACTS, errors.NotLive),
    (409, refusal("Campaign is not of type live"), Asked.CONTACTS, errors.NotLive),
    (400, refusal("Contacts cannot be added to a non-live campaign"), Asked.CONTACTS, errors.NotLive),
    (400, refusal("Only 1000 contacts. The campaign is live"), Asked.CONTACTS, errors.Refused),
    (400, refusal("Maximum limit of 1000 contacts for each request"), Asked.CONTACTS, errors.TooLarge),
    (413, HTML, Asked.CONTACTS, errors.TooLarge),
    (400, refusal("Required contact field missing"), Asked.CONTACTS, errors.NameRequired),
    (400, refusal("Bad Request"), Asked.CONTACTS, errors.Refused),
    (400, b"", Asked.CONTACTS, errors.Refused),
    (422, b'{"errors":{"0.phone_number":["is missing"]}}', Asked.CONTACTS, errors.Refused),
    (424, refusal("params are invalid"), Asked.CONTACTS, errors.Refused),
    (405, HTML, Asked.CONTACTS, errors.MethodNotAllowed),
    (406, b'{"errors":{"format":["unsupported"]}}', Asked.CONTACTS, errors.MethodNotAllowed),
    (409, b'{"errors":{"base":["Something"]}}', Asked.CONTACTS, errors.Refused),
    (409, b'{"errors":{"live":["must be enabled"]}}', Asked.CONTACTS, errors.NotLive),
    (422, refusal("Live is disabled for this campaign"), Asked.CONTACTS, errors.NotLive),
    (409, b'{"errors":{"status":["campaign is completed"]}}', Asked.CONTACTS, errors.CampaignEnded),
    (422, refusal("Contacts cannot be added to a stopped campaign"), Asked.CONTACTS, errors.CampaignEnded),
    (409, refusal("Campaign must be stopped first"), Asked.CONTACTS, errors.Refused),
    (409, refusal("Campaign is not completed"), Asked.CONTACTS, errors.Refused),
    (409, refusal("The import of this campaign has not completed"), Asked.CONTACTS, errors.Refused),
    (409, b'{"errors":{"status":["processing"]}}', Asked.CONTACTS, errors.Busy),
    (409, refusal("Cannot add leads while the campaign is processing"), Asked.CONTACTS, errors.Busy),
    (409, refusal("Another import is already running"), Asked.CONTACTS, errors.Busy),
    (409, b'{"errors":{"status":["campaign is in import_error"]}}', Asked.CONTACTS, errors.Busy),
    (422, refusal("An error occurred while processing contact 3"), Asked.CONTACTS, errors.Refused),
    (409, refusal("Campaign cannot be started while it is completed"), Asked.CHANGE, errors.Refused),
    (409, refusal("Campaign cannot be started while it is import_error"), Asked.CHANGE, errors.Refused),
    (409, b'{"errors":{"status":["Campaign cannot be paused"]}}', Asked.CHANGE, errors.Refused),
    (409, refusal("Previous request is still being processed"), Asked.CHANGE, errors.Busy),
    (400, refusal("Previous request is still being processed"), Asked.CONTACTS, errors.Busy),
    (422, refusal("An import is in progress"), Asked.CONTACTS, errors.Busy),
    (429, refusal("Previous request is still being processed"), Asked.CONTACTS, errors.Busy),
    (429, refusal("Too many requests"), Asked.CONTACTS, errors.RateLimited),
    (429, HTML, Asked.READ, errors.RateLimited),
    (301, b"", Asked.CONTACTS, errors.Redirected),
    (302, refusal("Campaign not found"), Asked.CONTACTS, errors.Redirected),
    (304, b"", Asked.READ, errors.Redirected),
    (308, b"", Asked.CHANGE, errors.Redirected),
    (500, HTML, Asked.CONTACTS, errors.NoReply),
    (502, HTML, Asked.CONTACTS, errors.NoReply),
    (503, refusal("Campaign not found"), Asked.CONTACTS, errors.NoReply),
    (504, b"", Asked.CHANGE, errors.NoReply),
    (408, refusal("Timeout"), Asked.CONTACTS, errors.NoReply),
    (418, b"{}", Asked.CONTACTS, errors.NoReply),
    (451, b"", Asked.CONTACTS, errors.NoReply),
    (200, b"", Asked.CONTACTS, errors.NamedNothing),
    (200, b"", Asked.CHANGE, errors.NoReply),
    (202, b'{"import_id":7731}', Asked.CONTACTS, errors.NamedNothing),
    (200, b'{"success":true,"message":"Accepted"}', Asked.CONTACTS, errors.NamedNothing),
    (200, b'{"error":null,"message":"Accepted"}', Asked.CONTACTS, errors.NamedNothing),
    (204, b"", Asked.CONTACTS, errors.NamedNothing),
    (200, b'{"results":[{"phone":"447400123456","status":"created"}]}', Asked.CONTACTS, errors.NamedNothing),
    (200, b'{"status":"error","contacts":["447400123456"]}', Asked.CONTACTS, errors.NoReply),
    (200, b'{"error":"No","contacts":["447400123456"]}', Asked.CONTACTS, errors.NoReply),
    (400, b'{"error":"No","contacts":[{"phoneNumber":"447400123456"}]}', Asked.CONTACTS, errors.NoReply),
    (422, b'{"errors":{"x":["no"]},"data":{"leads":[{"phone_number":"447400123456"}]}}', Asked.CONTACTS, errors.NoReply),
    (422, b'[{"phone_number":"447400123456"}]', Asked.CONTACTS, errors.NoReply),
    (422, b'{"contacts":[{"phoneNumber":"447400123456","contactN', Asked.CONTACTS, errors.NoReply),
    (409, b'{"error":"Still processing","contacts":["+44 7400 123456"]}', Asked.CONTACTS, errors.NoReply),
    (400, b'{"error":"No","created":2}', Asked.CONTACTS, errors.NoReply),
    (401, b'{"error":"Unauthorized","contacts":[{"phoneNumber":"447400123456"}]}', Asked.CONTACTS, errors.KeyRefused),
    (400, b'{"contacts":["can\'t be blank"]}', Asked.CONTACTS, errors.Refused),
    (400, b'{"error":"No","contacts":[],"invalid_numbers":["447400123456"]}', Asked.CONTACTS, errors.Refused),
    (201, b'{"success":false,"invalid_numbers":["447400123456"]}', Asked.CONTACTS, errors.NoReply),
    (200, HTML, Asked.CONTACTS, errors.NoReply),
    (200, b'{"leads_import":{"created":["44', Asked.CONTACTS, errors.NoReply),
    (200, b'{"a":1,"a":2}', Asked.CONTACTS, errors.NoReply),
    (200, b'{"created":NaN}', Asked.CONTACTS, errors.NoReply),
    (200, b'{"created":[1e999]}', Asked.CONTACTS, errors.NoReply),
    (200, b'{"created":[' + b"9" * 5000 + b"]}", Asked.CONTACTS, errors.NoReply),
    (200, b"[" * 100_000, Asked.CONTACTS, errors.NoReply),
    (200, b'{"created":["\xff\xfe"]}', Asked.CONTACTS, errors.NoReply),
    (200, b'{"success":false,"errors":["Campaign must have at least one agent to start"]}', Asked.CHANGE, errors.Refused),
    (411, b"", Asked.CHANGE, errors.NoReply),
    (415, b'{"error":"Unsupported Media Type"}', Asked.CHANGE, errors.NoReply),
    (200, b'{"success":"false"}', Asked.CONTACTS, errors.Refused),
    (200, b'{"success":0,"error":"Campaign not found"}', Asked.CONTACTS, errors.CampaignGone),
    (201, b'{"success":false,"contacts":["447400123456"]}', Asked.CONTACTS, errors.NoReply),
    (201, b'{"success":false,"leads_import":{"created":["447400123456"]}}', Asked.CONTACTS, errors.NoReply),
    (200, b'{"error":"Invalid api_key"}', Asked.READ, errors.KeyRefused),
    (200, b'{"error":"Something else"}', Asked.CONTACTS, errors.NoReply),
]


@pytest.mark.parametrize(("status", "body", "asked", "error"), ODD_REPLIES)
def test_an_odd_reply_means_exactly_one_thing(status, body, asked, error):
    with pytest.raises(errors.VoisoError) as caught:
        judged(Reply(status, body), asked)

    assert type(caught.value) is error
    assert caught.value.http_status == status


def test_voisos_own_words_are_kept_on_one_line_without_key_and_numbers():
    body = {"errors": {"base": [f"No {KEY}\nfor +44 7400 123456", "Bearer abc.def"], "name": ["is\ttaken"]}}

    with pytest.raises(errors.Refused) as caught:
        judge(Reply(422, json.dumps(body).encode()), Asked.CHANGE, key=Key(KEY))

    assert caught.value.words == "No [key] for …456; Bearer [key] name: is taken"


def test_words_of_any_length_are_cut():
    with pytest.raises(errors.Refused) as caught:
        judge(Reply(400, refusal("x" * 1_000_000)), Asked.CONTACTS, key=Key(KEY))

    assert len(caught.value.words) == 300


def test_an_excerpt_of_json_shows_its_fields_and_none_of_its_values():
    body = b'{"leads": [{"phone_number": "447400123456", "name": "Ada Byron", "n": 447400123457, "unclosed'

    with pytest.raises(errors.NoReply) as caught:
        judge(Reply(200, body), Asked.CONTACTS, key=Key(KEY))

    assert caught.value.excerpt == '{"leads": [{"phone_number": "…", "name": "…", "n": …457, "…"'


def test_an_excerpt_of_an_error_page_shows_its_beginning():
    page = f"<h1>Gateway</h1> ada@shop.example {KEY}".encode()

    with pytest.raises(errors.NoReply) as caught:
        judge(Reply(502, page), Asked.CONTACTS, key=Key(KEY))

    assert caught.value.excerpt == "<h1>Gateway</h1> [e-mail] [key]"
