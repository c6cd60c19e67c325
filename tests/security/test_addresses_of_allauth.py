"""Only the sign-in of allauth is used: no sign-up, no email, no address exposed by accident."""

import pytest
from allauth.account import urls
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, resolve, reverse

from tests.security.routes import all_routes

pytestmark = pytest.mark.once

PREFIXES = ["/", "/accounts/", "/account/", "/auth/", "/_allauth/browser/v1/auth/"]
PARAMETERS = {"key": "MQ:abc", "uidb36": "1"}
ADDRESSES = sorted(str(pattern.pattern) for pattern in urls.urlpatterns if "?P" not in str(pattern.pattern))
NAMES = sorted({pattern.name for pattern in urls.urlpatterns} - {"account_login"})


@pytest.mark.parametrize("name", NAMES)
def test_no_page_of_allauth_has_an_address(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)
    with pytest.raises(NoReverseMatch):
        reverse(name, kwargs=PARAMETERS)


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("address", [*ADDRESSES, "confirm-email/MQ:abc/", "password/reset/key/1-abc/"])
def test_no_address_of_allauth_is_found(client, ada, prefix, address):
    client.force_login(ada)

    for method in (client.get, client.post):
        assert method(prefix + address).status_code == 404


def test_the_name_of_its_sign_in_page_leads_to_ours():
    assert reverse("account_login") == reverse("accounts:sign_in") == "/sign-in/"
    assert resolve("/sign-in/").view_name == "accounts:sign_in"


def test_every_view_of_the_site_is_our_own():
    def views(entries: list[URLPattern | URLResolver]):
        for entry in entries:
            yield from views(entry.url_patterns) if isinstance(entry, URLResolver) else [entry.callback]

    modules = {view.__module__ for view in views(get_resolver().url_patterns)}

    assert {module.split(".")[0] for module in modules} == {"voisoadmin"}
    assert "account_login" in {route.name for route in all_routes()}
