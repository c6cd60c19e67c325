"""The pages of feeds: made by administrators, read by everyone of the contact centre, and every change in the activity."""

import asyncio
import html
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client

from tests.feeds.support import Source, a_source
from tests.support.markup import markup
from voisoadmin.accounts.models import User
from voisoadmin.feeds.models import Feed
from voisoadmin.operations.models import Operation
from voisoadmin.runtime.server.front import Front
from voisoadmin.runtime.server.lines import Lines

ANA = "+447400300018"


@pytest.fixture
def source(campaign) -> Source:
    return a_source(campaign)


@pytest.fixture
def administrator(ada) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def kinds() -> list[str]:
    return list(Operation.objects.order_by("pk").values_list("kind", flat=True))


def test_an_administrator_makes_a_feed_and_sees_its_token_once(administrator, campaign):
    form = {"name": "Website form", "campaign": campaign.pk, "writing": "national", "country": "US", "resends_known": ""}
    made = administrator.post("/feeds/new/", form)
    feed = Feed.objects.get()
    assert made.headers["Location"] == f"/feeds/{feed.pk}/"

    shown = administrator.post(f"/feeds/{feed.pk}/token/")
    (token,) = set(re.findall(r"vaf_[\w-]{43}", markup(shown)))
    assert "no-store" in shown.headers["Cache-Control"]
    assert f"Bearer {token}" in markup(shown)

    page = markup(administrator.get(f"/feeds/{feed.pk}/"))
    assert token not in page
    assert f"…{token[-4:]}" in page
    assert "Bearer $TOKEN" in page
    source = Source(feed, token, Client())
    assert source.post({"phone": "(203) 555-1234"}).json()["accepted"] == 1
    assert kinds() == ["save_feed", "new_token"]


@pytest.mark.parametrize(
    ("change", "field"),
    [({"country": ""}, "Choose the country"), ({"country": "DE"}, "Select a valid choice"), ({"name": " "}, "This field is")],
)
def test_a_feed_that_could_not_be_read_is_not_saved(administrator, campaign, change, field):
    form = {"name": "Website form", "campaign": campaign.pk, "writing": "national", "country": "US"}

    answer = administrator.post("/feeds/new/", form | change)

    assert answer.status_code == 422
    assert field in markup(answer)
    assert not Feed.objects.exists()


def test_a_name_is_used_once_in_a_campaign(administrator, source):
    form = {"name": source.feed.name, "campaign": source.feed.campaign_id, "writing": "refuse"}

    answer = administrator.post("/feeds/new/", form)

    assert answer.status_code == 422
    assert "already named Website form" in markup(answer)


def test_every_change_of_a_feed_is_in_the_activity(administrator, source):
    address, token = f"/feeds/{source.feed.pk}/", source.feed.tokens.get()
    administrator.post(f"{address}edit/", {"name": "CRM", "writing": "with_code", "resends_known": "on"})
    administrator.post(f"{address}pause/")
    administrator.post(f"{address}resume/")
    administrator.post(f"{address}revoke/", {"token": token.pk})

    assert kinds()[2:] == ["save_feed", "pause_feed", "resume_feed", "revoke_token"]
    activity = markup(administrator.get("/activity/"))
    for words in ("Save feed", "Pause feed", "Resume feed", "Create token", "Revoke token"):
        assert words in activity
    assert source.token not in activity


def test_a_page_shows_days_and_requests_and_nothing_of_a_person(administrator, source):
    source.post([{"phone": ANA, "name": "Zoltan"}, {"phone": "0123"}], key="lead-77")

    page = markup(administrator.get(f"/feeds/{source.feed.pk}/"))

    assert "lead-77" in page
    assert "No country code 1" in page
    assert "1 accepted" in page
    assert "Zoltan" not in page
    assert "300018" not in page


def test_posts_that_were_refused_are_counted_by_day_and_reason_without_anything_they_said(administrator, source):
    source.post({"phone": ANA}, key="lead-77")
    source.post({"phone": ANA, "name": "Zoltan"}, key="lead-77")
    for body in (b"[Zoltan", b"{"):
        source.post(body)
    source.post({"phone": ANA}, token="wrong")

    page = markup(administrator.get(f"/feeds/{source.feed.pk}/"))

    assert lines_of(page) == {("Body isn't leads in JSON", "400", "2"), ("Key used with another body", "422", "1")}
    assert "Zoltan" not in page


def test_posts_that_the_server_did_not_read_are_counted_with_the_others(administrator, source):
    declared = {"path": source.address, "headers": [(b"content-length", b"10000000000")], "client": ("127.0.0.1", 1)}

    async def gone() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def unheard(_: object) -> None: ...

    def serve() -> None:
        asyncio.run(Front(lambda *_: [], threads=1, lines=Lines(1))(declared, gone, unheard))

    with ThreadPoolExecutor(1) as thread:
        thread.submit(serve).result()

    page = markup(administrator.get(f"/feeds/{source.feed.pk}/"))
    assert lines_of(page) == {("Body larger than 1 MB", "413", "1")}


def lines_of(page: str) -> set[tuple[str, ...]]:
    """Of the refused requests: reason, status, how many."""
    cell = r'<td[^>]*data-label="{}">([^<]*)</td>\s*'
    return set(re.findall("".join(cell.format(name) for name in ("Reason", "Status", "Requests")), html.unescape(page)))


def test_leads_that_are_written_otherwise_than_chosen_are_counted_on_the_board(administrator, campaign):
    source = a_source(campaign, writing="national", country="GB")
    source.post([{"phone": "447400300018"}, {"phone": "447400300019"}, {"phone": "07400 300018"}])

    board = markup(administrator.get("/"))

    assert "2 leads were refused today: Website form writes numbers otherwise than its feed says" in board
    assert "See feeds" in board


def test_others_of_the_contact_centre_read_the_pages_and_find_no_button(source, ines):
    client = Client()
    client.force_login(ines)

    page = client.get(f"/feeds/{source.feed.pk}/")

    assert page.status_code == 200
    assert "Create token" not in markup(page)
    assert "New feed" not in markup(client.get("/feeds/"))
    for address in ("edit/", "pause/", "resume/", "token/", "revoke/"):
        assert client.post(f"/feeds/{source.feed.pk}/{address}").status_code == 404
    assert client.get("/feeds/new/").status_code == 404


def test_a_feed_of_another_contact_centre_does_not_exist(source):
    client = Client()
    client.force_login(User.objects.create_user("zoe", role=User.Role.SUPERVISOR, all_centres=False))

    assert client.get(f"/feeds/{source.feed.pk}/").status_code == 404
    assert source.feed.name not in markup(client.get("/feeds/"))


def test_a_repeated_form_creates_one_token_and_does_not_show_it_again(administrator, campaign):
    feed = a_source(campaign).feed
    form = {"client_token": "7f2c6f3e-0a55-4a0a-9a39-3f6f6a3f4a11"}

    administrator.post(f"/feeds/{feed.pk}/token/", form)
    again = administrator.post(f"/feeds/{feed.pk}/token/", form, follow=True)

    assert feed.tokens.count() == 2
    assert "shown only once" in markup(again)
    assert "vaf_" not in markup(again)
