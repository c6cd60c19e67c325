"""A JSON endpoint below `/_sandbox/` for tests that run the sandbox in a separate process. Loopback only."""

from collections.abc import Callable, Iterable
from typing import Any

from voisoadmin.sandbox.app import Sandbox
from voisoadmin.sandbox.exchange import Answer, Environ, Request
from voisoadmin.sandbox.faults import Fault

PREFIX = "/_sandbox/"


class Controlled:
    """The sandbox with its control endpoint in front."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith(PREFIX):
            return self.sandbox(environ, start_response)
        answer = _control(self.sandbox, Request(environ))
        body = answer.body()
        start_response(answer.status_line, answer.all_headers(len(body)))
        return [body]


def _control(sandbox: Sandbox, request: Request) -> Answer:
    command = request.path.removeprefix(PREFIX)
    given: dict[str, Any] = request.json if request.method == "POST" and isinstance(request.json, dict) else {}
    try:
        match request.method, command:
            case "GET", "truth":
                return Answer(200, truth(sandbox, int(request.parameter("campaign"))))
            case "GET", "count":
                return Answer(200, {"calls": sum(seen.kind in {"add", "update"} for seen in sandbox.seen)})
            case "GET", "campaigns":
                return Answer(200, _campaigns(sandbox))
            case "POST", "campaigns":
                return Answer(201, {"id": sandbox.add_campaign(given.pop("name"), **given)})
            case "POST", "leads":
                sandbox.add_leads(given["campaign"], given["numbers"])
            case "POST", "campaign":
                campaign = sandbox.campaign(given.pop("id"))
                for name, value in given.items():
                    setattr(campaign, name, value)
            case "POST", "status":
                sandbox.set_status(given["email"], given["status"])
            case "POST", "faults":
                sandbox.fault(given.pop("fault"), **given)
            case "POST", "heal":
                sandbox.heal(Fault(given["fault"]) if "fault" in given else None)
            case "POST", "behaviour":
                for name, value in given.items():
                    setattr(sandbox.behaviour, name, value)
            case "POST", "forget":
                sandbox.forget()
            case _:
                return Answer(404, {"error": f"There is no {request.method} {request.path}"})
    except (KeyError, ValueError, TypeError, AttributeError, AssertionError) as problem:
        return Answer(400, {"error": f"{type(problem).__name__}: {problem}"})
    return Answer(200, {})


def truth(sandbox: Sandbox, campaign_id: int) -> dict[str, Any]:
    """Everything the oracle knows about one campaign."""
    with sandbox.lock:
        campaign = sandbox.campaign(campaign_id)
        return {
            "numbers": {number: lead.creator for number, lead in campaign.leads.items()},
            "requests": [
                [x.no, x.campaign, x.kind, x.numbers, x.started, x.finished, x.status, x.fault, x.method, x.path, {**x.first}]
                for x in sandbox.seen
                if x.campaign == campaign_id
            ],
            "max_in_flight": sandbox.max_in_flight(campaign_id),
            "status": campaign.status,
            "agents": [sandbox.centre.users[number].email for number in campaign.agents],
            "teams": campaign.teams,
        }


def _campaigns(sandbox: Sandbox) -> list[dict[str, Any]]:
    with sandbox.lock:
        return [
            {"id": x.id, "name": x.name, "status": x.status, "live": x.live, "leads": len(x.leads)}
            for x in sandbox.centre.campaigns.values()
        ]
