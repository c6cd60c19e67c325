"""The current API generation, v4 (voiso-api.md, section 5)."""

from collections.abc import Sequence
from typing import Any

from voisoadmin.sandbox import voiso_rules
from voisoadmin.sandbox.behaviour import Behaviour
from voisoadmin.sandbox.centre import MANAGE, READ, USERS, Campaign, User
from voisoadmin.sandbox.exchange import Answer, Declined, Request, RequestContext
from voisoadmin.sandbox.voiso_rules import Entry, Refusal

PAGE = 100
MAX_USERS = 100
# The keys of a lead besides its number, to the attribute that keeps their value; None: taken and not kept.
LEAD_KEYS = {"name": "name", "priority": "priority", "active": "active", "context_headers": None}
SOURCE_KEYS = {"system": "source", "url": "url"}


def errors(status: int, name: str, words: str) -> Answer:
    return Answer(status, {"errors": {name: [words]}})


def busy(shape: str) -> Answer:
    return {
        "409": errors(409, "base", "Previous request is still being processed"),
        "400": Answer(400, {"error": "Previous request is still processing"}),
        "422": errors(422, "base", "leads import is in progress"),
        "429": Answer(429, {"error": "Too many requests"}),
        "unknown": Answer(400, {"error": "Importer mutex held (E-1771)"}),
    }[shape]


def refuse(refusal: Refusal, context: RequestContext) -> Answer:
    """Word a refusal as v4 does."""
    match refusal.kind:
        case "not_found":
            return Answer(404, {"error": "Not found"})
        case "busy":
            return busy(context.behaviour.busy_shape)
        case "type":
            return Answer(*voiso_rules.refused_type(refusal, context.behaviour))
        case "not_live":
            return errors(context.behaviour.v4_not_live_status, "campaign", "must be live")
        case "too_many":
            return errors(422, "leads", "size cannot be greater than 1000")
        case "missing" | "invalid":
            return errors(422, refusal.name, refusal.words)
        case _:
            return errors(409, refusal.name, refusal.words)


def authorise(context: RequestContext, request: Request, scope: str) -> None:
    held = context.centre.keys.get(request.bearer)
    if held is None or held.generation != "v4" or request.bearer in context.centre.revoked:
        raise Declined(Answer(401, {"error": "Unauthorized"}))
    if scope not in held.scopes:
        raise Declined(Answer(403, {"error": "Forbidden"}))


def list_campaigns(context: RequestContext, request: Request) -> Answer:
    authorise(context, request, READ)
    found = [campaign for campaign in context.centre.campaigns.values() if not campaign.gone]
    for campaign in found:
        campaign.settle(context.now)
    if name := request.parameter("name"):
        found = [campaign for campaign in found if name.lower() in campaign.name.lower()]
    if status := request.parameter("status"):
        found = [campaign for campaign in found if campaign.status == status]
    if strategy := request.parameter("strategy"):
        found = [campaign for campaign in found if campaign.strategy == strategy]
    if live := request.parameter("live"):
        if live not in {"true", "false"}:
            return errors(422, "live", "must be boolean")
        found = [campaign for campaign in found if campaign.live is (live == "true")]
    page = _page(request, found)
    return Answer(200, {"campaigns": [describe(x, context) for x in page], "metadata": {"total": len(found)}})


def _page(request: Request, items: Sequence[Any]) -> Sequence[Any]:
    limit, offset = request.parameter("limit", str(PAGE)), request.parameter("offset", "0")
    if not limit.isdecimal() or not 1 <= int(limit) <= PAGE:
        raise Declined(errors(422, "limit", f"must be between 1 and {PAGE}"))
    if not offset.isdecimal():
        raise Declined(errors(422, "offset", "must be greater than or equal to 0"))
    return items[int(offset) : int(offset) + int(limit)]


def describe(campaign: Campaign, context: RequestContext, *, full: bool = False, short: bool = False) -> dict[str, Any]:
    behaviour = context.behaviour
    data: dict[str, Any] = {
        "id": campaign.id,
        "name": campaign.name,
        "status": campaign.status,
        "strategy": campaign.strategy,
        "dial_level": campaign.dial_level,
    }
    if short:
        return data
    data |= {
        "max_dial_time": 25,
        "max_wait_time": 3,
        "max_dial_attempts": 3,
        "amd_enabled": False,
        "amd_voicemail_message": {"enabled": False, "voice_message": None},
        "caller_id_sets": [{"phone_numbers": ["442079460000"]}],
        "follow_up_mode": "timer",
        "created_at": campaign.created_at,
        "updated_at": campaign.updated_at,
    }
    if full:
        data |= {"use_local_caller_id": False, "asr_optimization_enabled": False}
        data["dial_level_override"] = {"enabled": False, "value": 1.5, "active_agents_threshold": 5}
    if behaviour.tells_live:
        data["live"] = campaign.live
    if behaviour.nulls:
        data = {name: value if name in {"id", "name"} else None for name, value in data.items()}
    if behaviour.extra_fields:
        data |= {"wallboard": {"colour": "teal", "tiles": [1, 2]}, "sla_percent": 81.5}
    return data


def get_campaign(context: RequestContext, request: Request) -> Answer:
    authorise(context, request, READ)
    data = describe(_find(context), context, full=True)
    return Answer(200, {"campaign": data} if context.behaviour.wrap_campaign else data)


def _find(context: RequestContext) -> Campaign:
    assert context.campaign_id is not None
    return voiso_rules.find(context.centre, context.campaign_id, context.now)


def operate(context: RequestContext, request: Request) -> Answer:
    authorise(context, request, MANAGE)
    campaign = _find(context)
    voiso_rules.operate(
        context.centre, campaign, context.kind, now=context.now, drain=context.drain, behaviour=context.behaviour
    )
    data = describe(campaign, context, short=True)
    return Answer(200, {"campaign": data} if context.behaviour.wrap_operation else data)


def check_leads(context: RequestContext, request: Request) -> Campaign:
    """Checks before the leads are looked at."""
    authorise(context, request, MANAGE)
    campaign = _find(context)
    if not isinstance(request.json, list):
        raise Declined(Answer(400, {"error": "Bad Request"}))
    if context.kind == "update" and context.behaviour.update_method not in {"any", request.method}:
        status = context.behaviour.other_method_status
        raise Declined(Answer(status, {"error": "Not found" if status == 404 else "Method not allowed"}))
    voiso_rules.must_take_contacts(campaign, len(request.json), context.now)
    return campaign


def leads(context: RequestContext, request: Request) -> Answer:
    campaign = check_leads(context, request)
    entries = [_entry(index, item, context.behaviour) for index, item in enumerate(request.json)]
    if context.kind == "add":
        outcome = voiso_rules.add(campaign, entries, creator=context.number)
        lists = {"created": outcome.created, "rejected": outcome.rejected, "duplicates": outcome.duplicates}
        return Answer(context.behaviour.added_status, {"leads_import": lists})
    outcome = voiso_rules.update(campaign, entries, creator=context.number, behaviour=context.behaviour)
    lists = {"updated": outcome.updated, "rejected": outcome.rejected}
    if outcome.created:
        lists["created"] = outcome.created
    return Answer(200, {"leads_import": lists})


def _entry(index: int, item: Any, behaviour: Behaviour) -> Entry:
    def refuse(name: str, words: str) -> Refusal:
        return Refusal("invalid", words, name=f"leads.{index}.{name}")

    if not isinstance(item, dict):
        raise refuse("base", "must be a hash")
    number = item.get("phone_number")
    if number is None:
        raise refuse("phone_number", "is missing")
    if not isinstance(number, str):
        raise refuse("phone_number", "must be a string")
    name, source = item.get("name"), item.get("source", {})
    if name is not None and not isinstance(name, str):
        raise refuse("name", "must be a string")
    if not isinstance(source, dict) or not all(isinstance(value, str) for value in source.values()):
        raise refuse("source", "must be a hash")
    if unknown := source.keys() - SOURCE_KEYS:
        raise refuse(f"source.{min(unknown)}", "is not allowed")
    priority, active = item.get("priority"), item.get("active")
    voiso_rules.must_have_types(f"leads.{index}", priority, ("active", active), behaviour)
    if behaviour.priority_type == "text" and priority is not None:
        priority = int(priority) if priority.isdecimal() else 0
    if behaviour.active_type == "number" and active is not None:
        active = bool(active)
    if priority is not None and (type(priority) is not int or not 1 <= priority <= 1000):
        raise refuse("priority", "must be between 1 and 1000")
    if active is not None and not isinstance(active, bool):
        raise refuse("active", "must be boolean")
    if unknown := item.keys() - {"phone_number", "source", *LEAD_KEYS}:
        raise refuse(min(unknown), "is not allowed")
    values = {kept: item.get(key) for key, kept in LEAD_KEYS.items() if kept} | {"priority": priority, "active": active}
    return Entry(number, values | {kept: source.get(key) for key, kept in SOURCE_KEYS.items()})


def list_campaign_users(context: RequestContext, request: Request) -> Answer:
    authorise(context, request, READ)
    found = [context.centre.users[number] for number in _find(context).agents]
    page = _page(request, found)
    return Answer(200, {"users": [_person(user, context) for user in page], "metadata": {"total": len(found)}})


def add_users(context: RequestContext, request: Request) -> Answer:
    """Adds the known IDs; unknown ones are silently skipped, so the answer may name fewer than requested."""
    authorise(context, request, MANAGE)
    campaign = _find(context)
    wanted = request.json.get("user_ids") if isinstance(request.json, dict) else None
    if not isinstance(wanted, list) or not wanted:
        return errors(422, "user_ids", "is missing")
    if len(wanted) > MAX_USERS:
        return errors(422, "user_ids", f"size cannot be greater than {MAX_USERS}")
    voiso_rules.must_take_people(campaign, need_active=False)
    users = [user for item in wanted if (user := context.centre.user_by_id(str(item))) is not None]
    users = users[: len(users) - context.behaviour.users_left_out] if context.behaviour.users_left_out else users
    for user in users:
        if user.id not in campaign.agents:
            campaign.agents.append(user.id)
    return Answer(200, {"added_users": [_person(user, context) for user in users]})


def remove_user(context: RequestContext, request: Request) -> Answer:
    authorise(context, request, MANAGE)
    campaign = _find(context)
    user = context.centre.user_by_id(context.user_id)
    if user is None or user.id not in campaign.agents:
        raise Refusal("not_found")
    voiso_rules.must_take_people(campaign, need_active=False)
    campaign.agents.remove(user.id)
    return Answer(200, {"user": _person(user, context)})


def _person(user: User, context: RequestContext) -> dict[str, Any]:
    return {"id": user.uuid if context.behaviour.uuid_users else user.id, "name": user.name, "email": user.email}


def list_users(context: RequestContext, request: Request) -> Answer:
    authorise(context, request, USERS)
    found = list(context.centre.users.values())
    for name in ("name", "email"):
        if part := request.parameter(name).lower():
            found = [user for user in found if part in getattr(user, name).lower()]
    page = _page(request, found)
    return Answer(200, {"users": [_full_person(user, context) for user in page], "metadata": {"total": len(found)}})


def _full_person(user: User, context: RequestContext) -> dict[str, Any]:
    data = _person(user, context)
    teams = [{"id": context.centre.teams[name], "name": name} for name in user.teams]
    data |= {
        "sip_account": f"sip{user.id}",
        "extension": str(user.id),
        "caller_id": None,
        "timezone": "Europe/London",
        "teams": teams,
        "supervised_teams": [],
        "queues": [],
        "status": _general_status(user, context.behaviour),
    }
    if context.behaviour.nulls:
        data |= {"teams": data["teams"] or None, "status": None}
    return data


# v4's words aren't documented, except that one begins with "av". It doesn't say who waits for the Dialer.
GENERAL = {"logout": "offline", "dialer waiting": "available", "idle": "available", "outbound": "busy", "inbound": "busy"}


def _general_status(user: User, behaviour: Behaviour) -> Any:
    word = user.presence()
    status = GENERAL.get(word, word)
    status = status.capitalize() if behaviour.presence_capitalised else status
    return {"name": status} if behaviour.presence_form == "objects" else status


def list_teams(context: RequestContext, request: Request) -> Answer:
    authorise(context, request, USERS)
    if not context.behaviour.v4_teams:
        return Answer(404, {"error": "Not found"})
    found = [{"id": number, "name": name} for name, number in context.centre.teams.items()]
    return Answer(200, {"teams": _page(request, found), "metadata": {"total": len(found)}})
