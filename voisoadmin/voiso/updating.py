"""Which HTTP method updates contacts is documented for one generation only: try the likely one, then the other, once."""

import time
from collections.abc import Callable

from voisoadmin.lib.clock import scaled
from voisoadmin.voiso.errors import CampaignGone, MethodNotAllowed
from voisoadmin.voiso.payloads import ContactsAnswer

# Voiso wants two seconds between two calls with contacts for one campaign, refused ones included.
PACE_SECONDS = 2.01
OTHER = {"PUT": "PATCH", "PATCH": "PUT"}


def update_with(method: str, usual: str, send: Callable[[str], ContactsAnswer]) -> ContactsAnswer:
    """Send an update with `method`; where none is known yet, with the usual one and, if Voiso has no such call, the other.

    A 405 (or a 404, which may mean the path as well as the campaign) says that nothing was done, so this is no retry of
    a call that may have acted.
    """
    if method:
        return send(method)
    try:
        return send(usual)
    except (MethodNotAllowed, CampaignGone) as problem:
        if problem.words and isinstance(problem, CampaignGone) and "campaign" in problem.words.lower():
            raise
    time.sleep(scaled(PACE_SECONDS))
    return send(OTHER[usual])
