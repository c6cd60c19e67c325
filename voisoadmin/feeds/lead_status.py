"""What became of the leads of one request, by their index. Nothing of a person."""

from typing import Any

from voisoadmin.contacts.reasons import BY_CODE
from voisoadmin.contacts.wording import bucket_of
from voisoadmin.feeds.accepting import kept_answer, places_of
from voisoadmin.feeds.lead_judging import Outcome
from voisoadmin.feeds.models import FeedRequest
from voisoadmin.pushes import inbound


def status_of(request: FeedRequest) -> dict[str, Any]:
    """As it is now: an accepted lead has the outcome of its row, any other one that of the answer."""
    answered = kept_answer(request)["leads"]
    places = iter(places_of(request))
    outcomes = inbound.outcomes(places_of(request))
    leads = []
    for lead in answered:
        if lead["outcome"] == Outcome.ACCEPTED:
            code = outcomes[next(places)]
            lead = {"index": lead["index"], "outcome": bucket_of(code).value, "code": code, "message": _sentence(code)}
        leads.append({name: lead[name] for name in ("index", "outcome", "code", "message")})
    return {"at": request.at.isoformat(), "leads": leads}


def _sentence(code: str) -> str:
    return BY_CODE[code].sentence if code in BY_CODE else ""
