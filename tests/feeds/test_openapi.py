"""The OpenAPI file says what the endpoint does: it is valid, names its addresses, and its schemas hold for real answers."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from tests.feeds.support import Source, a_source
from voisoadmin.feeds.lead_fields import PATHS
from voisoadmin.feeds.openapi import DOCUMENT

DESCRIPTION = json.loads(DOCUMENT.read_text(encoding="utf-8"))


@pytest.fixture
def source(campaign) -> Source:
    return a_source(campaign)


def check(answer, schema: str) -> None:
    part = {"$ref": f"#/components/schemas/{schema}", "components": DESCRIPTION["components"]}
    Draft202012Validator(part).validate(answer.json())


@pytest.mark.once
def test_the_file_is_valid_and_has_the_addresses_and_fields():
    validate(DESCRIPTION)

    addresses = (reverse("feeds:leads", args=["FEED"]), reverse("feeds:status", args=["FEED", 1]).replace("/1", "/{request}"))
    assert set(DESCRIPTION["paths"]) == {address.replace("FEED", "{feed}") for address in addresses}
    fields = DESCRIPTION["components"]["schemas"]["Lead"]["properties"]
    assert {path[0] for path in PATHS} == set(fields)


def test_real_answers_fit_the_file(source):
    accepted = source.post([{"phone": "+447400300018", "priority": "soon", "odd": 1}, {}])
    check(accepted, "Answer")
    check(source.status(accepted.json()["status"]), "Status")
    for refused in (source.post(b"["), source.post({}, token="wrong"), source.post({}, content_type="text/plain")):
        check(refused, "Refusal")
        assert str(refused.status_code) in DESCRIPTION["paths"]["/api/v1/feeds/{feed}/leads"]["post"]["responses"]


def test_a_signed_in_user_downloads_the_file(client: Client, ines):
    client.force_login(ines)

    answer = client.get("/feeds/openapi.json")

    assert answer.json() == DESCRIPTION
    assert "attachment" in answer.headers["Content-Disposition"]
