"""Signing in and out, one's own password and theme, and the other users."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from voisoadmin.accounts import browsers, services
from voisoadmin.accounts.client_addresses import client_address
from voisoadmin.accounts.forms import OwnPasswordForm, SignInForm, UserForm
from voisoadmin.accounts.idle import note_activity, seconds_left
from voisoadmin.accounts.models import User
from voisoadmin.accounts.requests import Request
from voisoadmin.accounts.roles import open_to_viewers
from voisoadmin.accounts.signals import signed_in
from voisoadmin.lib.own_pages import own_page
from voisoadmin.submissions import typed_again
from voisoadmin.submissions.services import FirstAnswer, once_valid

YEAR = 365 * 24 * 60 * 60


class SignIn(LoginView):  # type: ignore[misc]  # allauth ships no types
    """allauth's own: it changes the session's key and follows `next` only on this host."""

    template_name = "accounts/sign_in.html"
    form_class = SignInForm

    def form_valid(self, form: SignInForm) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        if self.request.user.is_authenticated:
            at = timezone.now()
            # Counted from the sign-in, whatever the user does meanwhile.
            self.request.session.set_expiry(at + timedelta(seconds=settings.SESSION_COOKIE_AGE))
            typed_again.keep_only_of(self.request, self.request.user.pk)
            signed_in.send(sender=User, user=self.request.user, address=client_address(self.request), at=at)
            browsers.remember(response, self.request, self.request.user, at=at)
        return response

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        response = _form_page(self.request, "accounts/sign_in.html", self.get_context_data(form=form))
        # The failure is already in the log, with the address.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"next": self.get_next_url() or "", "is_kept": typed_again.is_kept(self.request)}


class SignOut(LogoutView):
    http_method_names = ["post", "options"]


@open_to_viewers
@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or like the device: in a cookie, so that the server renders each page in it, without a script."""
    response = HttpResponseRedirect(own_page(request, request.POST.get("next", ""), otherwise="/"))
    chosen = request.POST.get("theme", "")
    if chosen in {"light", "dark"}:
        response.set_cookie("theme", chosen, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True)
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@open_to_viewers
@require_http_methods(["GET", "HEAD", "POST"])
def stay(request: Request) -> HttpResponse:
    """A page reports a click or a key, or asks how long the session still lasts without one."""
    if request.method == "POST":
        note_activity(request)
    if not request.htmx:
        return redirect("campaigns:board")  # opened as a page
    response = HttpResponse(status=204)
    trigger_client_event(response, "session", {"seconds": seconds_left(request)})
    return response


@open_to_viewers
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: Request) -> HttpResponse:
    form = OwnPasswordForm(request, request.POST or None)

    def save() -> FirstAnswer:
        services.change_own_password(request.user, form.cleaned_data["new_password1"], at=timezone.now())
        return FirstAnswer(url=reverse("campaigns:board"), says="Password changed. You have been signed out everywhere else.")

    if request.method == "POST" and (answer := _once(request, form, save)):
        if answer.is_new:
            # This session continues; all others of this user ended with the old password.
            update_session_auth_hash(request, request.user)
        return answer.redirect(request)
    return _form_page(request, "accounts/password.html", {"form": form})


@require_safe
def users(request: Request) -> HttpResponse:
    _administrators_only(request)
    return render(request, "accounts/users.html", {"users": _users_in_order()})


@typed_again.shows_typed_again
@require_http_methods(["GET", "HEAD", "POST"])
def user_new(request: Request) -> HttpResponse:
    _administrators_only(request)
    return _user_page(request, User())


@typed_again.shows_typed_again
@require_http_methods(["GET", "HEAD", "POST"])
def user_edit(request: Request, pk: int) -> HttpResponse:
    _administrators_only(request)
    return _user_page(request, get_object_or_404(User, pk=pk))


def _user_page(request: Request, account: User) -> HttpResponse:
    label = account.label if account.pk else "New user"
    form = UserForm(request, request.POST or None, instance=account)

    def save() -> FirstAnswer:
        password = form.cleaned_data["password"]
        user = form.save(commit=False)
        centres = form.cleaned_data["centres"]
        services.save_user(user, by=request.user, at=timezone.now(), password=password, centres=centres)
        return FirstAnswer(url=reverse("accounts:users"), says=f"{account.label} saved.")

    if request.method == "POST" and (answer := _once(request, form, save)):
        if answer.is_new and account.pk == request.user.pk and form.cleaned_data["password"]:
            update_session_auth_hash(request, account)
        return answer.redirect(request)
    context = {"form": form, "label": label, "is_new": account.pk is None}
    return _form_page(request, "accounts/user.html", context)


def _form_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A form to fill in or to correct, or one that came too early."""
    form = context["form"]
    if form.refused:
        response = render(request, template, context, status=429)
        response["Retry-After"] = str(form.refused.seconds)
        return response
    return render(request, template, context, status=422 if request.method == "POST" else 200)


def _users_in_order() -> QuerySet[User]:
    return User.objects.order_by("-is_active", "first_name", "username").prefetch_related("centres")


def _administrators_only(request: Request) -> None:
    if not request.user.is_administrator:
        raise Http404


def _once(request: Request, form: BaseForm, save: Callable[[], FirstAnswer]) -> FirstAnswer | None:
    """The answer to a posted form; None if the form is invalid."""
    try:
        return once_valid(request, form, save)
    except services.UserRefused as problem:
        form.add_error(None, str(problem))
        return None
