"""Who may ask for the activity of a campaign. Campaigns live on a higher floor, which answers by registering here."""

from collections.abc import Callable

from voisoadmin.accounts.models import User

Guard = Callable[[User, int], str | None]
_guards: list[Guard] = []


def answers_for_campaigns(guard: Guard) -> Guard:
    """Register what tells the name of a campaign that this person may see; None if it is not there for them."""
    _guards.append(guard)
    return guard


def campaign_name(user: User, campaign_id: int) -> str | None:
    """The campaign's name, or None: not there, or not for this person."""
    return next((name for guard in _guards if (name := guard(user, campaign_id)) is not None), None)
