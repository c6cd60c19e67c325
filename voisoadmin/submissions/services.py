"""A form's token guards one effect with one content, even if browser, network or user repeats it.

Each rendering of a form carries a new token ({% client_token %}). The token, the effect and the answer are written in one
transaction. The same form posted again gets the same answer; with other content it gets a message, and nothing changes.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.utils import timezone
from django.utils.crypto import salted_hmac

from voisoadmin.lib.form_owner import OWNER
from voisoadmin.lib.times import clock_time
from voisoadmin.submissions.models import Submission
from voisoadmin.submissions.typed_again import SAYS, THEN, is_typed_again

KEPT_FOR = timedelta(days=30)  # far longer than any session, and so any page, lives
NOT_CONTENT = frozenset({"csrfmiddlewaretoken", "client_token", OWNER})

FOREIGN = "This form belongs to another page or person, so nothing was changed."
UNREADABLE = "This form was incomplete, so nothing was changed."


class FormRefused(Exception):
    """The token belongs to another form, or to other values. Show the form again, with the input and a new token.

    The message is for a form with values; `why` has no advice, for a form that is only a button.
    """

    def __init__(self, why: str, then: str = "Check the values, then save again.") -> None:
        super().__init__(f"{why} {then}")
        self.why = why


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstAnswer:
    """The answer to the first post of a form, and to each repeat."""

    url: str = ""  # where it redirects
    says: str = ""  # the message there
    level: int = messages.SUCCESS
    about: Mapping[str, int] = field(default_factory=dict)  # ids of what was made
    is_new: bool = True

    def redirect(self, request: HttpRequest) -> HttpResponseRedirect:
        if self.says:
            messages.add_message(request, self.level, self.says)
        return HttpResponseRedirect(self.url)

    def as_json(self) -> dict[str, object]:
        return {"url": self.url, "says": self.says, "level": self.level, "about": dict(self.about)}


def once(request: HttpRequest, act: Callable[[], FirstAnswer], *, content: Mapping[str, str] | None = None) -> FirstAnswer:
    """Carry out a posted form, once for each token; return the answer of the first time.

    `act` runs in the transaction that uses up the token: if it raises, nothing has changed and the token is still valid.
    It must not contain a request to Voiso. `content`: what was sent besides the posted fields. Raises FormRefused.
    """
    claim = _claim_of(request, content or {})
    return _earlier_answer(claim) or _act_once(claim, act)


def once_valid(request: HttpRequest, form: forms.BaseForm, act: Callable[[], FirstAnswer]) -> FirstAnswer | None:
    """The same for a form that is validated first, outside the transaction; None to show it again, with its errors."""
    try:
        claim = _claim_of(request, {})
        answer = _earlier_answer(claim)
        if answer is None and form.is_valid():
            answer = _act_once(claim, act)
        # A parallel post of this form may have been faster, and may be the reason why this one is invalid.
        return answer or _earlier_answer(claim)
    except FormRefused as problem:
        _show_as_typed(form, str(problem))
        return None


def _show_as_typed(form: forms.BaseForm, problem: str) -> None:
    """Not validated: the input needn't fit data saved since, and checking a password counts as an attempt."""
    form.is_bound = False
    form.initial = {**form.initial, **{name: form.data.get(form.add_prefix(name), "") for name in form.fields}}
    form.cleaned_data = {}
    form.add_error(None, problem)


def forget(*, at: datetime) -> None:
    """Delete tokens that no page can send again."""
    Submission.objects.filter(sent_at__lt=at - KEPT_FOR).delete()


def _claim_of(request: HttpRequest, beside: Mapping[str, str]) -> Submission:
    assert request.user.pk is not None  # only signed-in users see forms that change something
    if is_typed_again(request):
        raise FormRefused(SAYS, THEN)
    token = _token(request)
    posted = {name: request.POST.getlist(name) for name in sorted(request.POST) if name not in NOT_CONTENT}
    text = json.dumps([str(token), posted, sorted(beside.items())])
    return Submission(
        token=token,
        path=request.path[:200],
        by_id=request.user.pk,
        content=salted_hmac("voisoadmin.submissions", text, algorithm="sha256").hexdigest(),
        sent_at=timezone.now(),
    )


def _token(request: HttpRequest) -> uuid.UUID:
    sent = request.POST.get("client_token", "")
    if not sent:
        return uuid.uuid4()  # not one of our pages, so nothing is repeated by accident
    try:
        return uuid.UUID(sent)
    except ValueError:
        raise FormRefused(UNREADABLE) from None


def _act_once(claim: Submission, act: Callable[[], FirstAnswer]) -> FirstAnswer:
    with transaction.atomic():
        if not _spend(claim):
            return _earlier_answer(claim) or _act_once(claim, act)
        answer = act()
        claim.answer = answer.as_json()
        claim.save(update_fields=["answer"])
    return answer


def _spend(claim: Submission) -> bool:
    """Use up the token; False if another post has. Parallel posts wait here until the first one ends."""
    try:
        with transaction.atomic():
            claim.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _earlier_answer(claim: Submission) -> FirstAnswer | None:
    earlier = Submission.objects.filter(pk=claim.pk).first()
    if earlier is None:
        return None
    if (earlier.path, earlier.by_id) != (claim.path, claim.by_id):
        raise FormRefused(FOREIGN)
    if earlier.content != claim.content:
        sent = clock_time(earlier.sent_at, at=claim.sent_at)
        raise FormRefused(f"This form was already sent at {sent}.", "Save again to apply your new values.")
    return replace(FirstAnswer(**earlier.answer), is_new=False)
