"""Where Voiso's documentation is silent or contradicts itself, this decides how the sandbox answers."""

from dataclasses import dataclass
from typing import Literal

BusyShape = Literal["409", "400", "422", "429", "unknown"]


@dataclass(slots=True)
class Behaviour:
    """The defaults are what voiso-api.md calls documented or likely. All durations are seconds before scaling."""

    # Time
    latency: float = 0.0  # duration of a request with contacts
    other_latency: float = 0.0  # duration of any other request
    import_seconds: float = 0.0  # after its answer it is still being processed, and another request is refused
    transition_seconds: float = 2.0  # calls drain: pausing, stopping, auto_pausing
    pace_seconds: float = 2.0
    enforce_pace: bool = True  # refuse a request that comes too early; otherwise only record it as a breach

    # Contacts
    added_status: Literal[200, 201] = 201
    answer_form: str = "documented"  # or one of `forms.FORMS`
    busy_shape: BusyShape = "409"
    name_required: bool = False  # legacy add, contradiction C1
    priority_type: Literal["documented", "text"] = "documented"  # contradiction C2
    active_type: Literal["documented", "boolean", "number"] = "documented"  # contradiction C3
    type_wording: Literal["path", "sentence"] = "path"  # of the refusal of another type
    type_status: Literal[400, 422] = 422
    update_method: Literal["any", "PUT", "PATCH"] = "any"  # v4
    other_method_status: Literal[404, 405] = 405  # the answer to the other one
    update_unknown: Literal["rejected", "ignored", "created"] = "rejected"  # an update of an unknown number
    v4_not_live_status: Literal[409, 422] = 409

    # Campaigns
    wrap_campaign: bool = True  # v4 get
    wrap_operation: bool = False  # v4 start, pause, stop
    tells_live: bool = False  # v4: `live`; legacy: `is_live`
    legacy_list: Literal["bare", "campaigns", "data", "records", "missing"] = "bare"
    legacy_status: Literal["status", "state", "capitalised", "absent"] = "status"
    legacy_text_ids: bool = False
    legacy_failure_status: Literal[200, 422] = 200
    extra_fields: bool = False
    nulls: bool = False  # every field that may be null is null
    starts_stopped: bool = True  # a stopped campaign can be started again

    # People
    newer_users: bool = True  # legacy: GET /user_management/v1/users exists
    older_users: bool = True  # legacy: GET /api/v3/cdr/users exists
    uuid_users: bool = False
    v4_teams: bool = False  # GET /api/v4/teams exists
    people_need_active: bool = False  # legacy, contradiction C6
    presence_form: Literal["documented", "objects", "wrapped", "one", "missing"] = "documented"  # the last three: legacy
    presence_capitalised: bool = False  # the documentation lists "Available", its samples say "available"
    users_left_out: int = 0  # of each assign request, v4: this many are left out of the answer and not assigned
