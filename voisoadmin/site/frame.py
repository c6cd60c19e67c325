"""The frame of every page: sections with counts, Voiso's last answer, the signed-in user, the theme.

Nothing is read from the database until a template needs it, so a fragment or an error page costs nothing.
"""

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from voisoadmin.accounts.idle import seconds_left
from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign, Lane
from voisoadmin.connections.health import Health, health_of
from voisoadmin.connections.models import Connection
from voisoadmin.lib.subqueries import CountOf, SumOf
from voisoadmin.pushes.models import Push
from voisoadmin.rules.models import Firing, Rule
from voisoadmin.uploads.models import Upload

THEMES = ("light", "dark")


@dataclass(frozen=True, kw_only=True, slots=True)
class NavItem:
    """A row of the sidebar; one with a `label` is the title of a group."""

    name: str = ""
    url: str = ""
    icon: str = ""
    count: int = 0
    unread: int = 0  # notices
    current: bool = False
    label: str = ""

    @property
    def short_count(self) -> str:
        """`1.3k`: the sidebar is narrow. Rounded down."""
        for unit, size in (("M", 1_000_000), ("k", 1000)):
            if self.count >= size:
                tenths = self.count * 10 // size
                return f"{tenths // 10}{unit}" if tenths >= 100 else f"{tenths / 10:g}{unit}"
        return str(self.count)


class PageFrame:
    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def user(self) -> User | AnonymousUser:
        # A request that was refused before the sign-in middleware (for example, a foreign host) has no user.
        return getattr(self.request, "user", None) or AnonymousUser()

    @property
    def may_change(self) -> bool:
        """Whether buttons are shown: a viewer has none that change anything."""
        return isinstance(self.user, User) and self.user.may_change

    @property
    def csrf_cookie(self) -> str:
        return settings.CSRF_COOKIE_NAME

    @property
    def theme(self) -> str:
        """Empty: like the device."""
        chosen = self.request.COOKIES.get("theme", "")
        return chosen if chosen in THEMES else ""

    @property
    def idle_seconds(self) -> int:
        """How long a session lasts without a click or key; 0: no such end."""
        return settings.IDLE_SECONDS

    @property
    def idle_left(self) -> int:
        return seconds_left(self.request)

    @property
    def initials(self) -> str:
        user = self.user
        if not isinstance(user, User):
            return ""
        words = [user.first_name, user.last_name] if user.first_name and user.last_name else user.label.split()[:2]
        return "".join(word[0] for word in words if word).upper()

    @cached_property
    def health(self) -> list[Health]:
        user, at = self.user, timezone.now()
        if not isinstance(user, User):
            return []
        # The board has read them before.
        known = getattr(self.request, "connections", None)
        return [health_of(one, at=at) for one in (Connection.objects.visible_to(user) if known is None else known)]

    @property
    def worst(self) -> Health | None:
        """The contact centre with the most serious problem; without problems, the one whose last answer is oldest."""
        ranks = {"bad": 0, "warn": 1, "quiet": 2, "good": 3}
        return min(self.health, key=lambda health: ranks[health.tone], default=None)

    @cached_property
    def nav(self) -> list[NavItem]:
        user = self.user
        if not isinstance(user, User):
            return []
        counts = _counts(user)
        items = [
            self._item("Campaigns", "campaigns:board", "speakerphone", counts["campaigns"]),
            self._item("Uploads", "uploads:list", "file-spreadsheet", counts["waiting"] + counts["running"]),
            self._item("Rows to fix", "uploads:rejected", "file-alert", counts["to_fix"]),
            self._item("Agents and teams", "assignments:roster", "users"),
            self._item("Rules", "rules:list", "bolt", counts["active_rules"], unread=counts["unread_notices"]),
            self._item("Feeds", "feeds:list", "rss"),
            self._item("Activity", "operations:list", "history"),
        ]
        if user.is_administrator:
            items += [
                NavItem(label="Administration"),
                self._item("Connections", "connections:list", "plug-connected"),
                self._item("Users", "accounts:users", "lock"),
            ]
        return items

    def _item(self, name: str, view: str, icon: str, count: int = 0, *, unread: int = 0) -> NavItem:
        url, path = reverse(view), self.request.path
        below = path.startswith("/campaigns/") if view == "campaigns:board" else path.startswith(url)
        return NavItem(name=name, url=url, icon=icon, count=count, unread=unread, current=path == url or below)


def _counts(user: User) -> dict[str, int]:
    """All counts of the sidebar in one statement, without a look at single rows to fix."""
    campaigns, pushes = Campaign.objects.visible_to(user), Push.objects.visible_to(user)
    lanes = Lane.objects.filter(pk__in=campaigns.values("lane"))
    counts = {
        "campaigns": CountOf(campaigns.filter(missing_since=None)),
        "waiting": CountOf(Upload.objects.visible_to(user).not_sent()),
        "running": CountOf(pushes.running()),
        "to_fix": SumOf(lanes.order_by().values(total=F("rows_to_fix"))),
        "active_rules": CountOf(Rule.objects.visible_to(user).evaluated()),
        "unread_notices": CountOf(Firing.objects.unread_by(user)),
    }
    found = User.objects.filter(pk=user.pk).values_list(*counts.values()).get()
    return dict(zip(counts, found, strict=True))


def frame(request: HttpRequest) -> dict[str, PageFrame]:
    """Context processor."""
    return {"frame": PageFrame(request)}


@require_safe
def last_answers(request: HttpRequest) -> HttpResponse:
    """The last answer of each contact centre, for every page's own refresh."""
    return render(request, "frame/last_answers.html")
