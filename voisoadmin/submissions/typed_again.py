"""What was typed into a form whose session had ended: kept until the same person has signed in, then shown, never sent.

It is kept in the session of the browser that sent it, which has no user until then; Django keeps that session's data when
someone signs in. The form names its person (`lib/form_owner.py`), and another one who signs in never sees it.
Pages with JavaScript also keep it themselves (static/session.js), with what is not in such a form.
"""

import json
import re
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict

from voisoadmin.lib.form_owner import OWNER, owner_of

View = TypeVar("View", bound=Callable[..., HttpResponse])

KEPT = "typed"  # in the session
KEPT_SECONDS = 60 * 60
MOST_CHARACTERS = 64_000
MOST_FORMS = 20  # of one person in an hour: each is a row in the database
SECRET = re.compile(r"password|secret|token|(^|_)key($|_)")  # in the name of a field whose value is kept nowhere

SAYS = "You were signed out before this was sent, so nothing has changed."
THEN = "Check what you typed, then send it again."


def shows_typed_again(view: View) -> View:
    """For a view that shows a posted form again when `once` refuses it: as it was typed, after signing in again.

    The form needs `{% typed_by user %}`. The view runs as for the post, but `once` refuses, and nothing it writes stays.
    """

    @wraps(view)
    def with_typed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        typed = _taken(request) if request.method == "GET" else None
        if typed is None:
            return view(request, *args, **kwargs)
        response = _as_posted(request, typed, lambda: view(request, *args, **kwargs))
        return response or view(request, *args, **kwargs)

    with_typed.shows_typed_again = True  # type: ignore[attr-defined]
    return cast(View, with_typed)


def _as_posted(request: HttpRequest, typed: QueryDict, view: Callable[[], HttpResponse]) -> HttpResponse | None:
    request.FILES  # noqa: B018 - Django reads a request's body once; from here it has none
    request.POST = typed  # type: ignore[assignment]
    request.method, request.is_typed_again = "POST", True  # type: ignore[attr-defined]
    with transaction.atomic():
        response = view()
        transaction.set_rollback(True)
    request.method, request.POST = "GET", QueryDict()
    if response.status_code not in {200, 409, 422}:
        return None  # no form any more
    response.status_code = 200
    return response


def is_typed_again(request: HttpRequest) -> bool:
    return getattr(request, "is_typed_again", False)


def keep(request: HttpRequest, view: Callable[..., object]) -> bool:
    """Keep the posted form, if its page can show it again; return whether it is kept. It has passed the CSRF check."""
    owner = owner_of(request.POST.get(OWNER, ""))
    if owner is None or not getattr(view, "shows_typed_again", False):
        return False
    fields = {name: values for name, values in request.POST.lists() if not SECRET.search(name)}
    if len(json.dumps(fields)) > MOST_CHARACTERS or _is_too_often(owner):
        return False
    request.session[KEPT] = {"by": owner, "to": request.get_full_path(), "at": int(time.time()), "fields": fields}
    request.session.set_expiry(KEPT_SECONDS)
    return True


def _is_too_often(owner: int) -> bool:
    counter = f"typed-{owner}"
    cache.add(counter, 0, KEPT_SECONDS)
    return cache.incr(counter) > MOST_FORMS


def is_kept(request: HttpRequest) -> bool:
    return KEPT in request.session


def keep_only_of(request: HttpRequest, user_id: int) -> None:
    """Someone has signed in: what another person typed is gone."""
    if is_kept(request) and request.session[KEPT]["by"] != user_id:
        del request.session[KEPT]


def _taken(request: HttpRequest) -> QueryDict | None:
    """What was typed into the form at this address; from here it is kept no longer."""
    if not is_kept(request) or request.session[KEPT]["to"] != request.get_full_path():
        return None
    kept = request.session.pop(KEPT)
    if kept["by"] != request.user.pk or time.time() - kept["at"] > KEPT_SECONDS:
        return None
    typed = QueryDict(mutable=True)
    for name, values in kept["fields"].items():
        typed.setlist(name, values)
    return typed
