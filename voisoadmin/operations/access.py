"""Who may read the activity of a campaign. Campaigns are in a higher layer, which registers its answer here."""

from collections.abc import Callable

from voisoadmin.accounts.models import User

Guard = Callable[[User, int], str | None]
_guards: list[Guard] = []


def answers_for_campaigns(guard: Guard) -> Guard:
    """Register the function that returns the name of a campaign this user may see, or None."""
    _guards.append(guard)
    return guard


def campaign_name(user: User, campaign_id: int) -> str | None:
    """The campaign's name, or None: missing, or not visible to this user."""
    return next((name for guard in _guards if (name := guard(user, campaign_id)) is not None), None)
