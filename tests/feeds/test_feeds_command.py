"""`manage.py feeds`: what a script learns about feeds."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests.feeds.support import Source, a_source, click
from voisoadmin.feeds.services import pause_feed, revoke_token
from voisoadmin.pushes.models import WaitingLead

ANA = "+447400300018"


@pytest.fixture
def source(campaign) -> Source:
    return a_source(campaign)


def ran(*args: str) -> list[dict]:
    out = io.StringIO()
    try:
        call_command("feeds", *args, "--json", stdout=out)
    except CommandError as problem:
        if problem.returncode != 1:
            raise
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_the_list_has_each_feed_with_its_state_and_no_token(source):
    source.post({"phone": ANA})

    (line,) = ran("list")

    assert (line["name"], line["waiting"], line["tokens"], line["problems"]) == ("Website form", 1, [source.token[-4:]], [])
    assert line["address"] == source.address
    assert source.token not in json.dumps(line)


def test_a_test_says_what_stops_leads_and_how_each_would_be_judged(source, tmp_path):
    leads = tmp_path / "leads.json"
    leads.write_text(json.dumps([{"phone": ANA}, {"phone": "0123"}]))

    (record,) = ran("test", "Website form", str(leads))
    assert [lead["code"] for lead in record["leads"]] == ["", "no_country"]
    assert not WaitingLead.objects.exists()

    pause_feed(source.feed, click())
    revoke_token(source.feed.tokens.get(), click())
    (record,) = ran("test", source.feed.public_id)
    assert [problem["code"] for problem in record["problems"]] == ["paused", "no_token"]


@pytest.mark.parametrize("args", [["test"], ["test", "Nothing"], ["list", "Website form"], ["test", "Website form", "/none"]])
def test_what_cannot_be_used_is_bad_input(source, args):
    with pytest.raises(CommandError) as problem:
        call_command("feeds", *args)

    assert problem.value.returncode == 2
