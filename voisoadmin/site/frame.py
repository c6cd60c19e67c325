"""The frame of every page: sections with counts, Voiso's last answer, the signed-in user, the theme.

Nothing is read from the database until a template needs it, so a fragment or an error page costs nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from voisoadmin.accounts.idle import seconds_left
from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.connections.health import Health, health_of
from voisoadmin.connections.models import Connection
from voisoadmin.lib.kept_queries import KeptQueries
from voisoadmin.lib.statements import Statement, as_texts
from voisoadmin.lib.subqueries import CountOf
from voisoadmin.pushes.models import Push
from voisoadmin.rules.models import Firing, Rule
from voisoadmin.uploads.models import Upload

THEMES = ("light", "dark")
KEPT_MENUS = 200
_queries = KeptQueries()
_SEEN = "EXISTS (SELECT 1 FROM campaigns_campaign AS seen WHERE seen.lane_id = {lane} AND seen.connection_id {{among}})"
# Of contact centres. A lane counts once, though two of them may list its campaign.
_COUNTS = {
    "campaigns": Statement(
        f"SELECT COUNT(*) FROM campaigns_campaign WHERE connection_id {{among}} AND place <> {Campaign.Place.GONE.value}"
    ),
    "waiting": Statement(
        f"""
        SELECT COUNT(*) FROM uploads_upload AS upload JOIN campaigns_campaign AS campaign ON campaign.id = upload.campaign_id
        WHERE upload.stage IN ({as_texts(Upload.NOT_SENT)}) AND {_SEEN.format(lane="campaign.lane_id")}
        """
    ),
    "running": Statement(
        f"""
        SELECT COUNT(*) FROM pushes_push AS push
        WHERE push.state IN ({as_texts(Push.RUNNING)}) AND {_SEEN.format(lane="push.lane_id")}
        """
    ),
    "to_fix": Statement(
        f"""
        SELECT COALESCE(SUM(rows_to_fix), 0) FROM campaigns_lane AS lane
        WHERE rows_to_fix > 0 AND {_SEEN.format(lane="lane.id")}
        """
    ),
}


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
    def connections(self) -> list[Connection]:
        """All that the user may see."""
        known: list[Connection] | None = getattr(self.request, "connections", None)  # the board has read them before
        if known is None:
            known = list(Connection.objects.visible_to(self.user).without_keys()) if isinstance(self.user, User) else []
        return known

    @cached_property
    def health(self) -> list[Health]:
        at = timezone.now()
        return [health_of(connection, at=at) for connection in self.connections]

    @cached_property
    def worst(self) -> Health | None:
        """The contact centre with the most serious problem; without problems, the one whose last answer is oldest."""
        ranks = {"bad": 0, "warn": 1, "quiet": 2, "good": 3}
        return min(self.health, key=lambda health: ranks[health.tone], default=None)

    @cached_property
    def nav(self) -> list[NavItem]:
        user = self.user
        if not isinstance(user, User):
            return []
        counts = _counts(user, self.connections)
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

    @cached_property
    def nav_markup(self) -> SafeString:
        """A page has it twice: at its side, and in a phone's menu."""
        return _nav_markup(tuple(self.nav))

    def _item(self, name: str, view: str, icon: str, count: int = 0, *, unread: int = 0) -> NavItem:
        url, path = reverse(view), self.request.path
        below = path.startswith("/campaigns/") if view == "campaigns:board" else path.startswith(url)
        return NavItem(name=name, url=url, icon=icon, count=count, unread=unread, current=path == url or below)


@lru_cache(maxsize=KEPT_MENUS)
def _nav_markup(items: tuple[NavItem, ...]) -> SafeString:
    """From nothing but the items, so it is kept and shown to every user who has the same."""
    return mark_safe(get_template("frame/nav.html").render({"items": items}))  # a template's output


def _counts(user: User, connections: Sequence[Connection]) -> dict[str, int]:
    """All counts of the sidebar in one statement, without a look at single rows to fix. `connections`: all that the user may
    see."""
    seen = [connection.pk for connection in connections]

    def build() -> QuerySet[User, Any]:
        counts = {name: statement.as_number(seen) for name, statement in _COUNTS.items()} | {
            "active_rules": CountOf(Rule.objects.visible_to(user).evaluated()),
            "unread_notices": CountOf(Firing.objects.unread_by(user)),
        }
        return User.objects.filter(pk=user.pk).values(**counts)

    (found,) = _queries.rows((user.pk, user.sight, *seen), build)
    return dict(found)


def frame(request: HttpRequest) -> dict[str, PageFrame]:
    """Context processor."""
    return {"frame": PageFrame(request)}


@require_safe
def last_answers(request: HttpRequest) -> HttpResponse:
    """The last answer of each contact centre, for every page's own refresh."""
    return render(request, "frame/last_answers.html")
