"""Who sees and does what: every route x role x contact centre, and the pages of a viewer."""

import re
from typing import NamedTuple

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from tests.feeds.support import a_source
from tests.security.routes import OPEN, all_routes
from tests.support.markup import markup
from tests.support.sandbox import connect, mirror
from voisoadmin.accounts.models import User
from voisoadmin.assignments.models import Agent, Assignment, Team
from voisoadmin.feeds.models import Feed
from voisoadmin.operations.clicks import Click, Subject
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import record_done
from voisoadmin.rules.models import Rule

pytestmark = [pytest.mark.once, pytest.mark.slow]

ROLES = User.Role.values
SEE, CHANGE, ADMINISTER, NO = "see", "change", "administer", "no such method"
TOKEN = "the token of a program, whatever the session"


class Access(NamedTuple):
    get: str
    post: str
    has_centre: bool = True  # the address names something of a contact centre


PAGE = Access(SEE, NO)
BUTTON = Access(NO, CHANGE)
REFRESH = Access(NO, SEE)
FORM = Access(CHANGE, CHANGE)
ROW = Access(SEE, CHANGE)
ADMIN_PAGE = Access(ADMINISTER, NO, has_centre=False)
ADMIN_FORM = Access(ADMINISTER, ADMINISTER, has_centre=False)
ADMIN_BUTTON = Access(NO, ADMINISTER, has_centre=False)


def of_no_centre(rule: Access) -> Access:
    return rule._replace(has_centre=False)


MATRIX = {
    "accounts:password": of_no_centre(Access(SEE, SEE)),
    "accounts:sign_out": of_no_centre(REFRESH),
    "accounts:stay": of_no_centre(Access(SEE, SEE)),
    "accounts:user_edit": ADMIN_FORM,
    "accounts:user_new": ADMIN_FORM,
    "accounts:users": ADMIN_PAGE,
    "assignments:agent": PAGE,
    "assignments:change": BUTTON,
    "assignments:look": REFRESH,
    "assignments:look_at_roster": REFRESH,
    "assignments:panel": PAGE,
    "assignments:pick": FORM,
    "assignments:pick_for": of_no_centre(BUTTON),
    "assignments:refresh_roster": REFRESH,
    "assignments:roster": of_no_centre(PAGE),
    "assignments:team": PAGE,
    "campaigns:activity": PAGE,
    "campaigns:board": of_no_centre(PAGE),
    "campaigns:board_parts": of_no_centre(PAGE),
    "campaigns:bulk": PAGE,
    "campaigns:bulk_all": of_no_centre(Access(CHANGE, NO)),
    "campaigns:bulk_cancel": BUTTON,
    "campaigns:bulk_retry": BUTTON,
    "campaigns:day": PAGE,
    "campaigns:detail": PAGE,
    "campaigns:looking": of_no_centre(REFRESH),
    "campaigns:parts": PAGE,
    "campaigns:timeline": PAGE,
    "campaigns:try_now": BUTTON,
    "connections:check": ADMIN_BUTTON,
    "connections:edit": ADMIN_FORM,
    "connections:forget": ADMIN_BUTTON,
    "connections:list": ADMIN_PAGE,
    "connections:new": ADMIN_FORM,
    "connections:remove": ADMIN_FORM,
    "controls:change_many": of_no_centre(BUTTON),
    "controls:confirm_stop": Access(CHANGE, NO),
    "controls:operate": BUTTON,
    "controls:panel": PAGE,
    "feeds:leads": of_no_centre(Access(NO, TOKEN)),
    "feeds:list": of_no_centre(PAGE),
    "feeds:new": ADMIN_FORM,
    "feeds:detail": PAGE,
    "feeds:edit": Access(ADMINISTER, ADMINISTER),
    "feeds:openapi": of_no_centre(PAGE),
    "feeds:cancel": Access(NO, ADMINISTER),
    "feeds:pause": Access(NO, ADMINISTER),
    "feeds:resume": Access(NO, ADMINISTER),
    "feeds:revoke": Access(NO, ADMINISTER),
    "feeds:status": of_no_centre(Access(TOKEN, NO)),
    "feeds:token": Access(NO, ADMINISTER),
    "operations:download": of_no_centre(PAGE),
    "operations:list": of_no_centre(PAGE),
    "rules:detail": PAGE,
    "rules:edit": FORM,
    "rules:keep_running": BUTTON,
    "rules:let_start": BUTTON,
    "rules:list": of_no_centre(PAGE),
    "rules:log": of_no_centre(PAGE),
    "rules:new": of_no_centre(FORM),
    "rules:of_campaign": PAGE,
    "rules:read_notices": of_no_centre(REFRESH),
    "rules:remove": FORM,
    "rules:switch": BUTTON,
    "rules:turn_on": Access(CHANGE, NO),
    "runtime:last_answers": of_no_centre(PAGE),
    "uploads:answer": BUTTON,
    "uploads:cancel": FORM,
    "uploads:choices": BUTTON,
    "uploads:detail": PAGE,
    "uploads:discard": BUTTON,
    "uploads:dismiss": BUTTON,
    "uploads:download": PAGE,
    "uploads:fix": BUTTON,
    "uploads:fix_sent": BUTTON,
    "uploads:fix_row": ROW,
    "uploads:list": of_no_centre(PAGE),
    "uploads:new": of_no_centre(FORM),
    "uploads:of_campaign": PAGE,
    "uploads:pause": BUTTON,
    "uploads:rejected": of_no_centre(PAGE),
    "uploads:rejected_of": PAGE,
    "uploads:release": BUTTON,
    "uploads:resend": BUTTON,
    "uploads:resend_fixed": BUTTON,
    "uploads:restore": BUTTON,
    "uploads:resume": BUTTON,
    "uploads:row": ROW,
    "uploads:send": BUTTON,
    "uploads:take_back": BUTTON,
    "uploads:template": of_no_centre(PAGE),
    "uploads:try_row": PAGE,
}

ANOTHER_STATE = {"uploads:row", "uploads:try_row", "uploads:fix_row"}
"""Without a row to show in the finished upload: only refusals are compared."""


def expected(rule: Access, method: str, role: str, *, is_foreign: bool) -> str:
    need = getattr(rule, method)
    if need == TOKEN:
        return "401"
    if TOKEN in rule:
        return "405"
    if role == User.Role.VIEWER and (need == CHANGE or (method == "post" and need != SEE)):
        return "403"
    if need == NO:
        return "405"
    if role == User.Role.ADMINISTRATOR:
        return "done"
    return "404" if need == ADMINISTER or (is_foreign and rule.has_centre) else "done"


def outcome(status: int) -> str:
    return str(status) if status in {401, 403, 404, 405} or status >= 500 else "done"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def people(campaign) -> dict[str, User]:
    """One user of each role, who may see only the campaign's contact centre."""
    found = {}
    for role in ROLES:
        user = found[role] = User.objects.create_user(f"one-{role}", role=role, all_centres=False)
        user.centres.set([campaign.connection])
    return found


@pytest.fixture
def rule(campaign) -> Rule:
    """A rule of the campaign, whose owner is none of the people."""
    now, lines = timezone.now(), [{"weekdays": [0], "at": "17:00", "then": "pause"}]
    sentence = {"any": [{"kind": "times", "lines": lines}], "then": "pause", "zone": "UTC"}
    made = Rule.objects.create(name="Evening", sentence=sentence, owner_label="Ines", looked_since=now, changed_at=now)
    made.campaigns.add(campaign)
    return made


@pytest.fixture
def feed(campaign) -> Feed:
    return a_source(campaign).feed


def members_of(connection) -> dict[str, int]:
    """An agent on a campaign, and a team."""
    agent = Agent.objects.create(connection=connection, voiso_id="42", name="Ada Byron", seen_at=timezone.now())
    team = Team.objects.create(connection=connection, name="Evening", seen_at=timezone.now())
    campaign = connection.campaigns.first()
    Assignment.objects.create(campaign=campaign, agent=agent, source=Assignment.Source.LISTED, since=timezone.now())
    return {"people/agents/": agent.pk, "people/teams/": team.pk}


def test_each_route_lets_in_the_right_roles_and_only_to_their_contact_centres(
    people, campaign, finished_upload, rule, bulk, feed, sandbox
):
    elsewhere = connect(sandbox, name="Elsewhere", generation="legacy")
    members = members_of(campaign.connection)
    routes = [route for route in all_routes() if route.name not in OPEN]
    assert {route.name for route in routes} == MATRIX.keys(), "each route needs an entry in the matrix, and no other"
    wrong = []

    for is_foreign in (False, True):
        for user in people.values():
            user.centres.set([elsewhere if is_foreign else campaign.connection])
        for role, user in people.items():
            cookies = signed_in(user).cookies
            for route in routes:
                access = MATRIX[route.name]
                if is_foreign and not access.has_centre:
                    continue
                owners = {"campaigns/": campaign.pk, "users/": user.pk, "uploads/": finished_upload.pk, **members}
                owners |= {"rules/": rule.pk, "bulk/": bulk.pk, "feeds/": feed.pk}
                pk = next((pk for start, pk in owners.items() if route.pattern.startswith(start)), campaign.connection_id)
                for method in ("get", "post"):
                    client = Client()
                    client.cookies = cookies.copy()
                    with transaction.atomic():
                        answer = getattr(client, method)(route.address(pk=pk))
                        answer.getvalue()
                        transaction.set_rollback(True)
                    should, did = expected(access, method, role, is_foreign=is_foreign), outcome(answer.status_code)
                    if did != should and not (route.name in ANOTHER_STATE and (should, did) == ("done", "404")):
                        wrong.append((route.name, method, role, "foreign" if is_foreign else "own", should, answer.status_code))

    assert wrong == []


NO_PAGES = {"accounts:password", "feeds:openapi", "operations:download", "uploads:download", "uploads:template"}
"""Downloads, and the user's own password."""

HARMLESS = re.compile(r'action="/(theme|sign-out|people/\d+/refresh|campaigns/\d+/people/look)/"')


def test_a_viewer_finds_no_button_that_changes_anything(people, campaign, finished_upload, rule, bulk, feed):
    viewer, members = signed_in(people["viewer"]), members_of(campaign.connection)
    dead = {}

    for route in all_routes():
        access = MATRIX.get(route.name)
        if access is None or access.get != SEE or route.name in NO_PAGES:
            continue
        owners = {"campaigns/": campaign.pk, **members, "people/": campaign.connection_id, "rules/": rule.pk}
        owners["bulk/"] = bulk.pk
        owners["feeds/"] = feed.pk
        pk = next((pk for start, pk in owners.items() if route.pattern.startswith(start)), finished_upload.pk)
        page = markup(viewer.get(route.address(pk=pk)))
        forms = [form for form in re.findall(r'<form[^>]*method="post"[^>]*>', page) if not HARMLESS.search(form)]
        links = re.findall(r'href="/uploads/new/[^"]*"|href="[^"]*/(?:stop|cancel)/[^"]*"', page)
        if forms or links:
            dead[route.name] = forms + links

    assert dead == {}


def test_a_viewers_post_is_refused_in_words(people, campaign):
    answer = signed_in(people["viewer"]).post(f"/campaigns/{campaign.pk}/operate/", {"change": "start"})

    assert answer.status_code == 403
    assert "signed in as a viewer" in markup(answer)
    assert not Operation.objects.exists()


def test_lists_counts_and_filters_show_only_the_chosen_contact_centres(people, campaign, sandbox, ines):
    elsewhere = connect(sandbox, name="Elsewhere", generation="legacy", address="https://cc-test02.voiso.com")
    hidden = mirror(sandbox, elsewhere, int(campaign.voiso_id))
    type(hidden).objects.filter(pk=hidden.pk).update(name="Hidden campaign")
    hidden.refresh_from_db()
    record_done(Operation.Kind.PAUSE, hidden.subject, Click(by=ines, at=hidden.changed_at))
    record_done(Operation.Kind.SAVE_USER, Subject("user", ines.pk, "Ines Sousa"), Click(by=ines, at=hidden.changed_at))
    narrow, wide = signed_in(people["supervisor"]), signed_in(ines)

    for address in ("/", "/activity/", "/activity/download.csv", "/people/", "/uploads/new/", "/last-answers/"):
        seen = [client.get(address).getvalue().decode() for client in (narrow, wide)]
        assert not any(word in seen[0] for word in ("Hidden campaign", "Elsewhere")), address
        assert any(word in seen[1] for word in ("Hidden campaign", "Elsewhere")), address
    assert Operation.objects.visible_to(people["supervisor"]).count() == 0
    assert Operation.objects.visible_to(ines).count() == 2


def test_an_administrator_gives_a_user_the_role_and_the_contact_centres(client, ada, ines, campaign):
    client.force_login(ada)
    form = {"username": "ines", "role": "viewer", "all_centres": "chosen", "is_active": "on", "password": ""}

    refused = client.post(f"/users/{ines.pk}/", form)
    saved = client.post(f"/users/{ines.pk}/", {**form, "centres": campaign.connection_id})

    assert refused.status_code == 422
    assert "Choose at least one contact centre" in markup(refused)
    assert saved.status_code == 302
    ines.refresh_from_db()
    assert (ines.role, ines.all_centres, list(ines.centres.all())) == ("viewer", False, [campaign.connection])
    entry = markup(client.get("/activity/"))
    assert "<dt>Role</dt><dd>Supervisor → Viewer</dd>" in entry
    assert f"<dt>Contact centres</dt><dd>{campaign.connection.name}</dd>" in entry


def test_a_form_without_contact_centres_widens_nothing(client, ada, people):
    client.force_login(ada)
    narrow = people["supervisor"]

    client.post(f"/users/{narrow.pk}/", {"username": narrow.username, "role": "supervisor", "is_active": "on", "password": ""})

    narrow.refresh_from_db()
    assert not narrow.all_centres
