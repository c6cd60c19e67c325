"""What the board reads: contact centres, counts, and the campaigns of a page with what their rows show."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import QuerySet

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.campaigns.pages.board_filter import BoardFilter, found_by, matching, order_of
from voisoadmin.campaigns.pages.board_groups import BoardGroup, counts_of, counts_of_centres, first_rows
from voisoadmin.campaigns.pages.board_rows import days_and_agents, read_rows, to_show
from voisoadmin.campaigns.pages.bulk_turns import LONGER_THAN_A_BULK, with_turns
from voisoadmin.connections.models import Connection
from voisoadmin.lib.kept_queries import KeptQueries
from voisoadmin.lib.paging import Page, page_of

PAGE_SIZE = 50
_queries = KeptQueries()


def read_connections(user: User, *, at: datetime) -> list[Connection]:
    """The contact centres whose campaigns the user may see, with what the board shows of them."""
    minute = at.replace(second=0, microsecond=0)

    def build() -> QuerySet[Connection]:
        found = Connection.objects.visible_to(user).without_keys().select_related("presence")
        return with_turns(found, since=minute - LONGER_THAN_A_BULK)

    return _queries.rows(("connections", user.sight, minute), build)


def read_counts(user: User, choice: BoardFilter, connections: Sequence[Connection]) -> Counter[BoardGroup]:
    if choice.search:
        return counts_of(found_by(user, choice))
    return counts_of_centres([one.pk for one in connections if choice.centre in {None, one.pk}])


def read_latest(user: User, choice: BoardFilter, connections: Sequence[Connection], *, at: datetime) -> list[Campaign]:
    """The latest of each group that isn't folded."""

    def build() -> QuerySet[Campaign]:
        return to_show(first_rows(found_by(user, choice)), connections, at=at).order_by("-changed_at", "-pk")

    key = ("groups", user.sight, choice.centre, days_and_agents(connections, at=at))
    return read_rows(_queries.rows(key, build), connections)


def read_page(
    user: User, choice: BoardFilter, connections: Sequence[Connection], total: int, *, at: datetime
) -> Page[Campaign]:
    order = order_of(choice.sort)

    def read(some: QuerySet[Campaign]) -> list[Campaign]:
        def build() -> QuerySet[Campaign]:
            # What its rows show is looked up only for this page, not for all that are sorted.
            return to_show(Campaign.objects.filter(pk__in=some.values("pk")), connections, at=at).order_by(*order)

        key = ("page", user.sight, replace(choice, page=some.query.low_mark), days_and_agents(connections, at=at))
        return read_rows(_queries.rows(key, build), connections)

    return page_of(
        matching(user, choice).order_by(*order),
        number=choice.page,
        size=PAGE_SIZE,
        url=lambda number: choice.address(page=number),
        total=total,
        read=read,
    )
