"""The legacy API generation (voiso-api.md, section 4)."""

from collections.abc import Iterable
from typing import Any

from voisoadmin.sandbox import voiso_rules
from voisoadmin.sandbox.behaviour import Behaviour
from voisoadmin.sandbox.centre import MANAGE, READ, USERS, Campaign, User
from voisoadmin.sandbox.exchange import Answer, Declined, Request, RequestContext
from voisoadmin.sandbox.voiso_rules import Entry, Refusal

# The keys of a contact besides its number, to the attribute of a lead that keeps their value.
CONTACT_KEYS = {
    "contactName": "name",
    "contactSource": "source",
    "contactURL": "url",
    "priority": "priority",
    "isActive": "active",
}
PEOPLE_FIELDS = ("add_agents", "remove_agents", "add_teams", "remove_teams")


def error(status: int, sentence: str) -> Answer:
    return Answer(status, {"error": sentence})


def busy(shape: str) -> Answer:
    return {
        "409": error(409, "Previous request is still being processed"),
        "400": error(400, "Previous request is still processing"),
        "422": error(422, "Contacts import is in progress"),
        "429": error(429, "Too many requests"),
        "unknown": error(400, "Importer mutex held (E-1771)"),
    }[shape]


def refuse(refusal: Refusal, context: RequestContext) -> Answer:
    """Word a refusal as the legacy API does: contacts with an error, operations with `success: false`."""
    if refusal.kind == "busy":
        return busy(context.behaviour.busy_shape)
    if refusal.kind == "type":
        return Answer(*voiso_rules.refused_type(refusal, context.behaviour))
    if context.kind in {"start", "pause", "stop"}:
        status = 404 if refusal.kind == "not_found" else context.behaviour.legacy_failure_status
        failed = {"id": context.campaign_id, "operation": context.kind, "success": False, "errors": [refusal.words]}
        return Answer(status, failed)
    if context.kind == "people":
        return error(404 if refusal.kind == "not_found" else 422, refusal.words)
    return error(422 if refusal.kind == "invalid" else 400, refusal.words)


def authorise(context: RequestContext, key: str, scope: str, *, words: str = "Invalid api_key", status: int = 403) -> None:
    held = context.centre.keys.get(key)
    if held is None or held.generation != "legacy" or key in context.centre.revoked:
        raise Declined(error(status, words))
    if scope not in held.scopes:
        raise Declined(error(403, "Forbidden"))


def list_campaigns(context: RequestContext, request: Request) -> Answer:
    authorise(context, context.key, READ)
    shape = context.behaviour.legacy_list
    if shape == "missing":
        return error(404, "Not found")
    found = [_describe(campaign, context) for campaign in context.centre.campaigns.values() if not campaign.gone]
    return Answer(200, found if shape == "bare" else {shape: found})


def _describe(campaign: Campaign, context: RequestContext) -> dict[str, Any]:
    campaign.settle(context.now)
    behaviour = context.behaviour
    data: dict[str, Any] = {"id": str(campaign.id) if behaviour.legacy_text_ids else campaign.id, "name": campaign.name}
    match behaviour.legacy_status:
        case "status" | "state":
            data[behaviour.legacy_status] = None if behaviour.nulls else campaign.status
        case "capitalised":
            data["status"] = campaign.status.replace("_", " ").capitalize()
        case "absent":
            pass
    if behaviour.tells_live:
        data["is_live"] = campaign.live
    if behaviour.extra_fields:
        data |= {"wallboard": {"colour": "teal"}, "owner": None}
    return data


def contacts(context: RequestContext, request: Request) -> Answer:
    campaign = check_contacts(context, request)
    need_name = context.behaviour.name_required and context.kind == "add"
    entries = [
        _entry(index, item, context.behaviour, need_name=need_name) for index, item in enumerate(request.json["contacts"])
    ]
    if context.kind == "add":
        outcome = voiso_rules.add(campaign, entries, creator=context.number)
    else:
        outcome = voiso_rules.update(campaign, entries, creator=context.number, behaviour=context.behaviour)
    lists = {
        "contacts": outcome.created + outcome.updated,
        "duplicate_numbers": outcome.duplicates,
        "invalid_numbers": outcome.rejected,
    }
    return Answer(context.behaviour.added_status if context.kind == "add" else 201, lists)


def check_contacts(context: RequestContext, request: Request) -> Campaign:
    """Checks before the contacts are looked at."""
    authorise(context, context.key, MANAGE)
    assert context.campaign_id is not None
    campaign = voiso_rules.find(context.centre, context.campaign_id, context.now)
    body = request.json
    if not isinstance(body, dict) or not isinstance(body.get("contacts"), list):
        raise Declined(error(400, "Required contact field missing"))
    voiso_rules.must_take_contacts(campaign, len(body["contacts"]), context.now)
    return campaign


def _entry(index: int, item: Any, behaviour: Behaviour, *, need_name: bool) -> Entry:
    number = item.get("phoneNumber") if isinstance(item, dict) else None
    if not isinstance(number, str) or not number or (need_name and not item.get("contactName")):
        raise Refusal("missing", "Required contact field missing")
    if unknown := item.keys() - {"phoneNumber", *CONTACT_KEYS}:
        # Voiso is not known to look: this finds keys that a client misspells.
        raise Refusal("invalid", f"Unknown contact field {min(unknown)}")
    values = {attribute: item.get(key) for key, attribute in CONTACT_KEYS.items()}
    priority, active = values["priority"], values["active"]
    voiso_rules.must_have_types(f"contacts[{index}]", priority, ("isActive", active), behaviour)
    if priority is not None:
        # Contradiction C2: an integer in the specification, text in the samples.
        if type(priority) is bool or not str(priority).isdecimal() or not 0 <= int(priority) <= 1000:
            raise Refusal("invalid", "Priority must be an integer from 0 to 1000")
        values["priority"] = int(priority)
    if active is not None:
        values["active"] = active not in (0, False, "0", "false")
    return Entry(number, values)


def operate(context: RequestContext, request: Request) -> Answer:
    authorise(context, request.bearer, MANAGE, status=401, words="Unauthorized")
    wanted = request.json.get("operation") if isinstance(request.json, dict) else None
    if wanted not in {"start", "pause", "stop"}:
        return error(422, "operation must be one of: start, pause, stop")
    assert context.campaign_id is not None
    campaign = voiso_rules.find(context.centre, context.campaign_id, context.now)
    voiso_rules.operate(context.centre, campaign, wanted, now=context.now, drain=context.drain, behaviour=context.behaviour)
    past = {"start": "started", "pause": "paused", "stop": "stopped"}[wanted]
    message = f"Campaign {past} successfully"
    return Answer(200, {"id": campaign.id, "operation": wanted, "success": True, "message": message})


def change_people(context: RequestContext, request: Request) -> Answer:
    authorise(context, request.bearer, MANAGE, status=401, words="Unauthorized")
    assert context.campaign_id is not None
    campaign = voiso_rules.find(context.centre, context.campaign_id, context.now)
    body = request.json
    if not isinstance(body, dict) or not any(body.get(name) for name in PEOPLE_FIELDS):
        return error(422, "body params are invalid")
    for name in PEOPLE_FIELDS:
        listed = body.get(name, [])
        if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
            return error(422, f"{name} must be an array of strings")
    voiso_rules.must_take_people(campaign, need_active=context.behaviour.people_need_active)
    answer: dict[str, Any] = {"id": campaign.id}
    answer |= _change_agents(context, campaign, body.get("add_agents", []), body.get("remove_agents", []))
    answer |= _change_teams(context, campaign, body.get("add_teams", []), body.get("remove_teams", []))
    return Answer(200, answer)


def _change_agents(
    context: RequestContext, campaign: Campaign, add: Iterable[str], remove: Iterable[str]
) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {
        name: [] for name in ("added_agents", "removed_agents", "agent_not_found", "agent_not_in_campaign")
    }
    for email in add:
        user = context.centre.user_by_email(email)
        if user is None:
            lists["agent_not_found"].append(email)
        else:
            if user.id not in campaign.agents:
                campaign.agents.append(user.id)
            lists["added_agents"].append(email)
    for email in remove:
        user = context.centre.user_by_email(email)
        if user is None:
            lists["agent_not_found"].append(email)
        elif user.id not in campaign.agents:
            lists["agent_not_in_campaign"].append(email)
        else:
            campaign.agents.remove(user.id)
            lists["removed_agents"].append(email)
    return lists


def _change_teams(
    context: RequestContext, campaign: Campaign, add: Iterable[str], remove: Iterable[str]
) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {
        name: [] for name in ("added_teams", "removed_teams", "team_not_found", "team_not_in_campaign")
    }
    for name in add:
        if name not in context.centre.teams:
            lists["team_not_found"].append(name)
        else:
            if name not in campaign.teams:
                campaign.teams.append(name)
            lists["added_teams"].append(name)
    for name in remove:
        if name not in context.centre.teams:
            lists["team_not_found"].append(name)
        elif name not in campaign.teams:
            lists["team_not_in_campaign"].append(name)
        else:
            campaign.teams.remove(name)
            lists["removed_teams"].append(name)
    return lists


def list_teams(context: RequestContext, request: Request) -> Answer:
    authorise(context, request.parameter("key"), USERS, words="Invalid User API Key")
    return Answer(200, [{"name": name, "id": number} for name, number in context.centre.teams.items()])


def list_users(context: RequestContext, request: Request) -> Answer:
    """Of the path since October 2024, with the key as Bearer, or of the older one, with the key in the query."""
    newer = request.path.startswith("/user_management/")
    if not (context.behaviour.newer_users if newer else context.behaviour.older_users):
        return error(404, "Not found")
    if newer:
        authorise(context, request.bearer, USERS, words="Unauthorized", status=401)
    else:
        authorise(context, request.parameter("key"), USERS, words="Invalid User API Key")
    found = list(context.centre.users.values())
    for name in ("name", "email"):
        if part := request.parameter(f"filter[{name}]").lower():
            found = [user for user in found if part in getattr(user, name).lower()]
    return Answer(200, [{"id": user.id, "name": user.name, "email": user.email} for user in found])


def list_campaign_ids(context: RequestContext, request: Request) -> Answer:
    authorise(context, request.parameter("key"), READ, words="Invalid User API Key")
    found = [campaign for campaign in context.centre.campaigns.values() if not campaign.gone]
    return Answer(200, [{"name": campaign.name, "id": campaign.id} for campaign in found])


def list_statuses(context: RequestContext, request: Request) -> Answer:
    """The status of every agent of the contact centre; it doesn't say on which campaign."""
    if context.behaviour.presence_form == "missing":
        return error(404, "Not found")
    authorise(context, context.key, READ, words="Invalid key", status=401)
    statuses = [_status(user, context.behaviour) for user in context.centre.users.values()]
    if context.behaviour.presence_form == "wrapped":
        return Answer(200, {"agents": statuses})
    return Answer(200, statuses[0] if context.behaviour.presence_form == "one" else statuses)


def _status(user: User, behaviour: Behaviour) -> dict[str, Any]:
    word = user.presence()
    status: Any = word.capitalize() if behaviour.presence_capitalised else word
    if behaviour.presence_form == "objects":
        status = {"current": status, "previous": "available", "previous_duration": 41}
    return {"email": user.email, "ext": str(100 + user.id), "status": None if behaviour.nulls else status}
