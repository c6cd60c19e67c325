"""Text written by strangers is shown on every page and obeyed on none: in a browser, which would obey it."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.security.hostile import PAYLOADS, HostileSite
from tests.security.routes import all_routes
from voisoadmin.assignments.models import Agent, Team
from voisoadmin.connections.models import Connection
from voisoadmin.feeds.models import Feed
from voisoadmin.operations.models import Operation

# Elements and attributes that our pages don't use; for attributes that htmx acts on, addresses that aren't ours.
STRANGE = r"""() => {
    const foreign = 'IFRAME OBJECT EMBED BASE STYLE MARQUEE MATH VIDEO IMG TEMPLATE'.split(' ');
    const ours = address => !address || address.startsWith('#') || address.startsWith('https://cc-')
        || new URL(address, location.href).origin === location.origin;
    const acts = a => /^on|^(data-)?hx-(on|vals|ext|vars)|^style$|^srcdoc$/i.test(a.name);
    const leads = a => /^(data-)?hx-(get|post|put|patch|delete)$|^(form)?action$|href$|^src$/i.test(a.name);
    return [...document.querySelectorAll('*')].filter(e =>
        foreign.includes(e.tagName)
        || (e.tagName === 'SCRIPT' && !e.src.startsWith(location.origin + '/static/'))
        || (e.tagName === 'META' && e.httpEquiv)
        || [...e.attributes].some(a => acts(a) || (leads(a) && !ours(a.value)))
    ).map(e => e.outerHTML.slice(0, 200));
}"""

# Places on a page that htmx could act on although a stranger wrote them. The value of a field can't become an element.
OPEN = r"""() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) {
        const above = texts.currentNode.parentElement;
        if (/alert\(1\)|evil/.test(texts.currentNode.data) && !above.closest('[hx-disable], textarea, option'))
            found.push(above.outerHTML.slice(0, 200));
    }
    return found;
}"""


@pytest.fixture
def hostile(transactional_db, client, sandbox, connection, ada) -> HostileSite:
    return HostileSite(client, sandbox, ada)


def test_no_page_obeys_the_text_it_shows(page: Page, complaints, hostile, ada, live_server):
    uploads = hostile.write_into_everything()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("dialog", lambda dialog: complaints.append(f"dialog on {page.url}") or dialog.dismiss())
    page.context.add_cookies(
        [{"name": "sessionid", "value": hostile.client.cookies["sessionid"].value, "url": live_server.url}]
    )
    strange: dict[str, list[str]] = {}
    open_to_htmx: dict[str, list[str]] = {}
    seen = ""

    for address in addresses(hostile, [upload.pk for upload in uploads], ada.pk):
        answer = page.goto(address, wait_until="load")
        assert answer is not None
        assert answer.status < 500, address
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        expect(page.locator(".htmx-request")).to_have_count(0)
        assert urlsplit(page.url).netloc == urlsplit(live_server.url).netloc
        if found := page.evaluate(STRANGE):
            strange[address] = found
        if found := page.evaluate(OPEN):
            open_to_htmx[address] = found
        seen += page.evaluate("document.documentElement.textContent")

    assert strange == {}
    assert open_to_htmx == {}
    foreign = [url for url in requests if not url.startswith(live_server.url) or "evil" in urlsplit(url).path]
    assert [url for url in foreign if not url.startswith("data:image/")] == []
    complaints[:] = [text for text in complaints if "status of 404" not in text]  # a page that doesn't exist
    shown = [text for text in PAYLOADS if " ".join(text.split()) in " ".join(seen.split())]
    assert len(PAYLOADS) >= 120
    assert len(shown) > 0.9 * len(PAYLOADS), "they are all there to be read"


def addresses(hostile: HostileSite, uploads: list[int], ada: int) -> list[str]:
    """Every page and fragment, for every row that it could show, and the further pages of lists."""
    found = []
    owners = {
        "campaigns": [hostile.campaign.pk],
        "connections": list(Connection.objects.values_list("pk", flat=True)),
        "people/agents": list(Agent.objects.values_list("pk", flat=True)[:3]),
        "people/teams": list(Team.objects.values_list("pk", flat=True)[:3]),
        "people": [hostile.connection.pk],
        "users": [ada, ada + 1],
        "bulk": list(Operation.objects.bulks().values_list("pk", flat=True)),
        "uploads": uploads,
        "feeds": list(Feed.objects.values_list("pk", flat=True)),
        "rules": hostile.make_rules(),
    }
    for route in all_routes():
        if "ending" in route.parameters or route.name.startswith("runtime:") or route.pattern.startswith("api/"):
            continue
        answer = hostile.client.get(route.address())
        if answer.status_code == 405 or answer.get("Content-Disposition", "").startswith("attachment"):
            continue  # it only takes POST, or a browser saves it instead of showing it
        if "pk" not in route.parameters:
            found.append(route.address())
            continue
        keys = next(keys for start, keys in owners.items() if route.pattern.startswith(f"{start}/"))
        found += [route.address(pk=pk) for pk in keys]
    lists = {"/": 6, "/uploads/": 3, "/activity/": 3, "/rejected/": 6, f"/uploads/{uploads[0]}/rejected/": 4}
    found += [f"{page}?page={number}" for page, pages in lists.items() for number in range(2, pages)]
    first = PAYLOADS[0]
    fields = ("q", "status", "sort", "show", "reason")
    found += [page + "?" + "&".join(f"{field}={first}" for field in fields) for page in lists]
    return [*found, f"/sign-in/?next={first}", f"/uploads/new/?campaign={hostile.campaign.pk}", f"/nowhere/{first}"]
