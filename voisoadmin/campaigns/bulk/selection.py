"""The campaigns that were ticked, or all that a filter found: IDs with the state that was shown, frozen while a page asks."""

from collections.abc import Iterable

from django.core import signing
from django.http import QueryDict

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.bulk.asking import MOST_CAMPAIGNS
from voisoadmin.campaigns.models import Campaign, CampaignQuerySet
from voisoadmin.lib.numbers import whole_number
from voisoadmin.operations.clicks import ActionRefused

Shown = list[tuple[int, str]]  # our ID, and `Campaign.status_shown`

SALT = "voisoadmin.campaigns.selection"
KEPT_FOR = 24 * 3600  # seconds
NONE = "No campaign is selected. Tick at least one."


def freeze(shown: Iterable[tuple[int, str]], user: User) -> str:
    """As one field of a form. Only this user can post it."""
    return signing.dumps([user.pk, [list(pair) for pair in shown]], salt=SALT, compress=True)


def all_of(campaigns: CampaignQuerySet) -> Shown:
    """What is shown of them now. Raises ActionRefused if they are too many for one bulk."""
    rows = list(campaigns.order_by("pk").values_list("pk", "status")[: MOST_CAMPAIGNS + 1])
    if len(rows) > MOST_CAMPAIGNS:
        raise ActionRefused(f"At most {MOST_CAMPAIGNS:,} campaigns can be changed at once. Narrow the list first.")
    return [(pk, Campaign(status=status).status_shown) for pk, status in rows]


def selected(posted: QueryDict, user: User) -> Shown:
    """The ticked (`campaign`, as `12:active`) or frozen campaigns of a posted form. Raises ActionRefused if there are none."""
    text = posted.get("frozen", "")
    shown = _thawed(text, user) if text else _ticked(posted.getlist("campaign"))
    if not shown:
        raise ActionRefused(NONE)
    return shown


def _ticked(values: Iterable[str]) -> Shown:
    found: dict[int, str] = {}
    for value in values:
        key, _, status = value.partition(":")
        pk = whole_number(key)
        if pk is not None:
            found[pk] = status[:60].replace("\0", "")
    return list(found.items())


def _thawed(text: str, user: User) -> Shown:
    try:
        user_id, shown = signing.loads(text, salt=SALT, max_age=KEPT_FOR)
    except signing.BadSignature:
        raise ActionRefused("This selection is too old. Choose the campaigns again.") from None
    if user_id != user.pk:
        raise ActionRefused("This selection belongs to another user. Choose the campaigns again.")
    return [(pk, status) for pk, status in shown]
