"""Pages of feeds. Everyone in their contact centre may read them; only administrators make and change feeds."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from voisoadmin.accounts.requests import Request
from voisoadmin.feeds import services
from voisoadmin.feeds.forms import FeedForm
from voisoadmin.feeds.models import Feed, FeedToken
from voisoadmin.feeds.openapi import DOCUMENT
from voisoadmin.feeds.pages.feed_page import lines_for, page_of
from voisoadmin.lib.numbers import whole_number
from voisoadmin.lib.secrets import Secret
from voisoadmin.operations.clicks import ActionRefused, Click
from voisoadmin.submissions.services import FirstAnswer, FormRefused, once, once_valid
from voisoadmin.submissions.typed_again import shows_typed_again


@require_safe
def feed_list(request: Request) -> HttpResponse:
    return render(request, "feeds/list.html", {"lines": lines_for(request.user, at=timezone.now())})


@shows_typed_again
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    if not request.user.is_administrator:
        raise Http404
    form = FeedForm(request.POST or None, user=request.user, campaign=request.GET.get("campaign", ""))

    def act() -> FirstAnswer:
        feed = services.create_feed(form.cleaned_data["campaign"], **form.wanted, click=_click(request))
        says = f"{feed.name} saved. Create a token, then try the request below."
        return FirstAnswer(url=reverse("feeds:detail", args=[feed.pk]), says=says)

    return _form(request, form, act, None)


@require_safe
def detail(request: Request, pk: int) -> HttpResponse:
    return _page(request, _visible(request, pk))


@shows_typed_again
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    feed = _managed(request, pk)
    form = FeedForm(request.POST or None, user=request.user, feed=feed)

    def act() -> FirstAnswer:
        services.change_feed(feed, **form.wanted, click=_click(request))
        return FirstAnswer(
            url=reverse("feeds:detail", args=[feed.pk]), says=f"{feed.name} saved. It holds from the next request."
        )

    return _form(request, form, act, feed)


@require_POST
def pause(request: Request, pk: int) -> HttpResponse:
    return _switched(request, pk, pauses=True)


@require_POST
def resume(request: Request, pk: int) -> HttpResponse:
    return _switched(request, pk, pauses=False)


@require_POST
def cancel(request: Request, pk: int) -> HttpResponse:
    """What waits is cancelled, up to the number that the page showed; what came since stays."""
    feed = _managed(request, pk)
    waiting = whole_number(request.POST.get("waiting", ""), least=1)

    def act() -> FirstAnswer:
        if waiting is None:
            raise ActionRefused("Invalid form. Press the button again.")
        rows = services.cancel_waiting(feed, waiting=waiting, click=_click(request))
        says = f"{rows:,} lead{' was' if rows == 1 else 's were'} not sent. They can be sent again from the page of their day."
        return FirstAnswer(url=reverse("feeds:detail", args=[feed.pk]), says=says)

    return _once(request, feed, act)


@require_POST
def token(request: Request, pk: int) -> HttpResponse:
    """The only answer that ever has the token; a repeat of the form gets the page without it."""
    feed = _managed(request, pk)
    made: list[Secret] = []

    def act() -> FirstAnswer:
        made.append(services.create_token(feed, _click(request)))
        return FirstAnswer(
            url=reverse("feeds:detail", args=[feed.pk]), says="The token was created before; it is shown only once."
        )

    try:
        answer = once(request, act)
    except (ActionRefused, FormRefused) as problem:
        messages.error(request, str(problem))
        return _page(request, feed, status=422)
    if not answer.is_new:
        return answer.redirect(request)
    response = _page(request, _visible(request, pk), new_token=made[0])
    add_never_cache_headers(response)
    return response


@require_POST
def revoke(request: Request, pk: int) -> HttpResponse:
    feed = _managed(request, pk)
    key = whole_number(request.POST.get("token", ""))

    def act() -> FirstAnswer:
        found = FeedToken.objects.select_related("feed__campaign").filter(feed=feed, pk=key or 0).first()
        if found is None:
            raise ActionRefused("Invalid form. Press the button again.")
        services.revoke_token(found, _click(request))
        says = f"Token that ends in {found.last_four} revoked. Nothing is accepted with it any more."
        return FirstAnswer(url=reverse("feeds:detail", args=[feed.pk]), says=says)

    return _once(request, feed, act)


@require_safe
def openapi(request: Request) -> HttpResponse:
    """The description of the endpoint, for a developer or a program that makes clients."""
    return HttpResponse(
        DOCUMENT.read_bytes(),
        content_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="voisoadmin-feeds.json"'},
    )


def _switched(request: Request, pk: int, *, pauses: bool) -> HttpResponse:
    feed = _managed(request, pk)

    def act() -> FirstAnswer:
        change = services.pause_feed if pauses else services.resume_feed
        changed = change(feed, _click(request))
        now = "paused. Nothing is accepted or sent; what waits stays." if pauses else "resumed."
        says = f"{feed.name} {now}" if changed else f"{feed.name} was {'paused' if pauses else 'resumed'} before."
        return FirstAnswer(url=reverse("feeds:detail", args=[feed.pk]), says=says)

    return _once(request, feed, act)


def _once(request: Request, feed: Feed, act: Callable[[], FirstAnswer]) -> HttpResponse:
    try:
        return once(request, act).redirect(request)
    except (ActionRefused, FormRefused) as problem:
        messages.error(request, str(problem))
        return _page(request, feed, status=422)


def _form(request: Request, form: FeedForm, act: Callable[[], FirstAnswer], feed: Feed | None) -> HttpResponse:
    if request.method == "POST":
        try:
            answer = once_valid(request, form, act)
        except ActionRefused as problem:
            form.add_error(None, str(problem))
        else:
            if answer is not None:
                return answer.redirect(request)
    return render(request, "feeds/form.html", {"form": form, "feed": feed}, status=422 if request.method == "POST" else 200)


def _page(request: Request, feed: Feed, *, new_token: str = "", status: int = 200) -> HttpResponse:
    page = page_of(feed, origin=request.build_absolute_uri("/")[:-1], at=timezone.now(), new_token=new_token)
    return render(request, "feeds/detail.html", {"page": page, "feed": feed}, status=status)


def _visible(request: Request, pk: int) -> Feed:
    return get_object_or_404(Feed.objects.visible_to(request.user).for_pages(), pk=pk)


def _managed(request: Request, pk: int) -> Feed:
    if not request.user.is_administrator:
        raise Http404
    return _visible(request, pk)


def _click(request: Request) -> Click:
    return Click(by=request.user, at=timezone.now())
