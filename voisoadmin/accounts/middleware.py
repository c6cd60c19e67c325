"""Sign-in on every page, and sessions that end while a page is open."""

from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from voisoadmin.submissions import typed_again


class SignInMiddleware(LoginRequiredMiddleware):
    """Redirects to the sign-in page, and from there back to a page: never to a fragment, nor to an address that only takes
    posts, unless it shows a form again."""

    def handle_no_permission(  # type: ignore[override]  # the stub only allows a plain redirect
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponse:
        by_htmx = request.headers.get("HX-Request") == "true"
        is_kept = request.method == "POST" and not by_htmx and typed_again.keep(request, view_func)
        if (request.method == "GET" and not by_htmx) or is_kept:
            page = request.get_full_path()
        else:
            page = _path_here(request, request.headers.get("HX-Current-URL" if by_htmx else "Referer", ""))
        query = QueryDict(mutable=True)
        query[REDIRECT_FIELD_NAME] = page
        address = f"{resolve_url(self.get_login_url(view_func))}?{query.urlencode(safe='/')}"
        # htmx would follow a plain redirect and put the sign-in page into the fragment.
        response: HttpResponse = HttpResponseClientRedirect(address) if by_htmx else HttpResponseRedirect(address)
        return response


def _path_here(request: HttpRequest, address: str) -> str:
    """The path and query of an address on this host; else the first page."""
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    parts = urlsplit(address)
    return urlunsplit(("", "", parts.path or "/", parts.query, ""))
