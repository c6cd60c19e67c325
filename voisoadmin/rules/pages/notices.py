"""What a user's own rules reported, until the user marks it as read."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from voisoadmin.accounts.models import User
from voisoadmin.accounts.requests import Request
from voisoadmin.accounts.roles import open_to_viewers
from voisoadmin.lib.numbers import whole_number
from voisoadmin.rules.models import Firing

SHOWN = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Notices:
    firings: Sequence[Firing]  # the latest first
    more: int

    @property
    def last(self) -> int:
        """Marking them as read leaves what came after the page was drawn."""
        return max(firing.pk for firing in self.firings)


def notices_of(user: User) -> Notices | None:
    unread = Firing.objects.unread_by(user)
    shown = list(unread.select_related("rule", "campaign").order_by("-due_at", "-pk")[: SHOWN + 1])
    if not shown:
        return None
    return Notices(firings=shown[:SHOWN], more=unread.count() - SHOWN if len(shown) > SHOWN else 0)


@open_to_viewers  # a viewer may have made rules before
@require_POST
def read(request: Request) -> HttpResponse:
    last = whole_number(request.POST.get("last", ""))
    if last is not None and Firing.objects.unread_by(request.user).filter(pk__lte=last).update(read_at=timezone.now()):
        messages.success(request, "Notices marked as read.")
    return HttpResponseRedirect(reverse("rules:list"))
