"""The effect of each fault: instead of the processing, or after it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from voisoadmin.sandbox import answer_forms
from voisoadmin.sandbox.exchange import Answer, Request, RequestContext
from voisoadmin.sandbox.faults import ConnectionCut, Drip, Fault, Order
from voisoadmin.sandbox.routes import Found

HTML = b"<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"


def bad_gateway(status: int = 502) -> Answer:
    return Answer(status, raw=HTML, content_type="text/html")


def before(order: Order, context: RequestContext, found: Found, request: Request) -> Answer | None:
    """What happens instead of processing; None: it is processed. Called with the sandbox's lock held."""
    options = order.options
    campaign = context.centre.campaigns.get(context.campaign_id or 0)
    match order.fault:
        case Fault.RESET_BEFORE:
            raise ConnectionCut("reset")
        case Fault.HTML_502 | Fault.SERVER_ERROR if not options.get("acted", False):
            return _broken(order)
        case Fault.ODD_JSON if not options.get("acted", True):
            return _odd(order, None)
        case Fault.RATE_LIMITED:
            asked = options.get("retry_after")
            headers = [] if asked is None else [("Retry-After", str(asked))]
            return Answer(429, {"error": "Too many requests"}, headers=headers)
        case Fault.BUSY:
            return found.busy(options.get("shape", "409"))
        case Fault.REDIRECT:
            return Answer(options.get("status", 302), headers=[("Location", options["location"])])
        case Fault.ECHO if not options.get("acted", False):
            return answer_forms.echo(request.json, **_refusal(options))
        case Fault.POISON:
            words = options.get("text", "Unprocessable contact")
            return Answer(options.get("status", 422), {"error": words})
        case Fault.KEY_REVOKED:
            context.centre.revoked.add(found.key or request.bearer or request.parameter("key"))
        case Fault.CAMPAIGN_GONE if campaign is not None:
            campaign.gone = True
        case Fault.NOT_LIVE if campaign is not None:
            campaign.live, campaign.was_live = False, campaign.live
        case _:
            pass
    return None


def after(order: Order, answer: Answer, request: Request) -> Answer:
    """What happens to the true answer on its way back."""
    options = order.options
    match order.fault:
        case Fault.ANSWER_LOST:
            how = options.get("how", "reset")
            if how == "502":
                return bad_gateway()
            raise ConnectionCut(how)
        case Fault.HTML_502 | Fault.SERVER_ERROR:
            return _broken(order)
        case Fault.TRUNCATED_JSON:
            answer.raw = answer.body()[: max(1, len(answer.body()) // 2)]
            return answer
        case Fault.ODD_JSON:
            return _odd(order, answer)
        case Fault.OTHER_FORM:
            return answer_forms.shaped(answer, options["form"])
        case Fault.ECHO:
            return answer_forms.echo(request.json, **_refusal(options))
        case Fault.SLOW_DRIP:
            body = answer.body()
            where = options.get("where", "body")
            raise Drip(answer.head(len(body)), body, pause=options.get("pause", 1.0), where=where)
        case Fault.PARTIAL_ANSWER if options.get("created", False) and answer.status in {200, 201}:
            _leave_out(answer.data, options.get("missing", 1))
            return answer
        case _:
            return answer


def _refusal(options: dict[str, Any]) -> dict[str, Any]:
    text = options.get("text", "Unprocessable contacts")
    return {"status": options.get("status", 422), "text": text, "bare": options.get("bare", False)}


def _broken(order: Order) -> Answer:
    if order.fault is Fault.HTML_502:
        return bad_gateway()
    return Answer(order.options.get("status", 500), {"error": "Internal Server Error"})


def _odd(order: Order, answer: Answer | None) -> Answer:
    body, status = order.options["body"], order.options.get("status", answer.status if answer else 200)
    if callable(body):
        body = body(None if answer is None else answer.data)
    if not isinstance(body, str | bytes):
        body = json.dumps(body)
    return Answer(status, raw=body.encode() if isinstance(body, str) else body)


def _leave_out(data: Any, missing: int) -> None:
    """Remove names from the answer's lists, the processed ones first."""
    lists = data.get("leads_import", data)
    for names in lists.values():
        taken = min(missing, len(names))
        del names[len(names) - taken :]
        missing -= taken


@contextmanager
def holding_back(order: Order | None, request: Request) -> Iterator[None]:
    """A partial answer for which Voiso didn't process the contacts that it doesn't name."""
    if order is None or order.fault is not Fault.PARTIAL_ANSWER or order.options.get("created", False):
        yield
        return
    contacts = request.json["contacts"] if isinstance(request.json, dict) else request.json
    held_back = len(contacts) - min(order.options.get("missing", 1), len(contacts))
    del contacts[held_back:]
    yield
