"""The timeline of a campaign: its states, what people did, and what other apps add. Nothing is in it twice."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.describing import NO_CAUSE, actor_of, cause_of, chip_of
from voisoadmin.campaigns.models import Campaign, CampaignState, Cause
from voisoadmin.campaigns.pages.sections import Entry, entries_of
from voisoadmin.campaigns.statuses import Status, requested_by, settled
from voisoadmin.lib.numbers import whole_number
from voisoadmin.operations.models import Operation
from voisoadmin.operations.presenting import ActivityLine, line_of
from voisoadmin.voiso import Change

BESIDE = 20  # more of each kind than are shown: what a line says already may lie before the last one shown
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_MOMENT = 10**16  # in the year 2286
FOLLOWS_WITHIN = timedelta(minutes=10)  # the state that a change leads to, after its outcome

DONE: dict[str, str] = {
    Change.START: "started it",
    Change.PAUSE: "paused it",
    Change.STOP: "stopped it",
    Operation.Kind.UPLOAD: "uploaded",
    Operation.Kind.SEND: "sent",
    Operation.Kind.RESEND: "sent rows again of",
    Operation.Kind.FIX_ROWS: "fixed rows of",
    Operation.Kind.EDIT_ROWS: "edited rows of",
    Operation.Kind.DOWNLOAD: "downloaded rows of",
    Operation.Kind.PAUSE_SENDING: "paused sending",
    Operation.Kind.RESUME_SENDING: "resumed sending",
    Operation.Kind.CANCEL_SENDING: "cancelled sending",
    Operation.Kind.DISCARD_UPLOAD: "discarded",
}
"""What someone did, before the file's name if there is one."""

GLYPHS: dict[str, tuple[str, str]] = {
    Change.START: ("player-play", "good"),
    Change.PAUSE: ("player-pause", "quiet"),
    Change.STOP: ("player-stop", "quiet"),
    Operation.Kind.ASSIGN: ("user-plus", "quiet"),
    Operation.Kind.UPLOAD: ("upload", "quiet"),
    Operation.Kind.SEND: ("send", "quiet"),
    Operation.Kind.RESEND: ("send", "quiet"),
    Operation.Kind.FIX_ROWS: ("wand", "quiet"),
    Operation.Kind.EDIT_ROWS: ("pencil", "quiet"),
    Operation.Kind.DOWNLOAD: ("download", "quiet"),
}
BY_THEMSELVES: dict[str, str] = {
    Status.ACTIVE: "started it",
    Status.PAUSED: "paused it",
    Status.STOPPED: "stopped it",
    Status.AUTO_PAUSED: "auto-paused it",
    Status.COMPLETED: "completed it",
}
"""How a state came about, where no click here led to it."""


def history_of(
    campaign: Campaign,
    user: User,
    *,
    most: int,
    before: datetime | None = None,
    states: Sequence[CampaignState] | None = None,
) -> tuple[list[Entry], bool]:
    """The latest entries, and whether there are earlier ones. `states`: the latest, if they were read before."""
    operations = _operations(campaign, user, before, most)
    states = _states(campaign, before, most) if states is None else states[: most + BESIDE]
    of_others = entries_of(campaign, user, before=before, most=most + BESIDE)
    said = frozenset[int]().union(*(entry.operations for entry in of_others))
    found = [
        *of_others,
        *(_entry_of(operation, campaign) for operation in operations if operation.pk not in said),
        *_changes_elsewhere(states, operations),
    ]
    found.sort(key=lambda entry: entry.at, reverse=True)
    while most < len(found) and found[most].at == found[most - 1].at:
        most += 1  # the next page begins before the last moment of this one
    return found[:most], len(found) > most


def name_of_moment(moment: datetime) -> str:
    """For an address: the microseconds since 1970."""
    return str((moment - EPOCH) // timedelta(microseconds=1))


def moment_named(text: str) -> datetime | None:
    number = whole_number(text, most=LAST_MOMENT)
    return None if number is None else EPOCH + timedelta(microseconds=number)


def _operations(campaign: Campaign, user: User, before: datetime | None, most: int) -> list[Operation]:
    found = Operation.objects.visible_to(user).about_campaign(campaign.pk)
    return list((found.filter(asked_at__lt=before) if before else found)[: most + BESIDE])


def _states(campaign: Campaign, before: datetime | None, most: int) -> list[CampaignState]:
    found = campaign.states.all()
    return list((found.filter(since__lt=before) if before else found)[: most + BESIDE])


def _entry_of(operation: Operation, campaign: Campaign) -> Entry:
    line = line_of(operation, campaign_name=str(campaign))
    glyph, css = GLYPHS.get(operation.kind, ("history", "quiet"))
    if operation.status == Operation.Status.REFUSED:
        glyph, css = "circle-x", "bad"
    elif operation.status == Operation.Status.UNCONFIRMED:
        glyph, css = "help-circle", "warn"
    elif not operation.has_ended:
        glyph = "loader-2"
    return Entry(
        at=operation.asked_at,
        glyph=glyph,
        css=css,
        who=operation.by_label,
        what=_what(operation, line),
        subject=line.subject,
        url=line.url,
        detail=_detail(operation, line),
    )


def _what(operation: Operation, line: ActivityLine) -> str:
    if operation.kind in DONE and operation.status == Operation.Status.DONE:
        return DONE[operation.kind]
    return f"pressed {line.what}" if operation.kind in list(Change) else f"· {line.what}"


def _detail(operation: Operation, line: ActivityLine) -> str:
    said = f"Voiso: “{operation.answer}”" if operation.answer else ""
    is_plain = operation.status == Operation.Status.DONE
    parts = [line.summary, "" if is_plain else line.word, "" if is_plain else said, operation.problem]
    text = ". ".join(part.rstrip(".") for part in parts if part)
    return text[:1].upper() + text[1:]


def _changes_elsewhere(states: Sequence[CampaignState], operations: Iterable[Operation]) -> Iterator[Entry]:
    """The states that no operation of these led to. A passing one is left out where the lasting one followed."""
    changes = [one for one in operations if one.kind in list(Change) and one.status != Operation.Status.REFUSED]
    later: CampaignState | None = None
    for state in states:
        has_settled = later is not None and settled(state.status) == later.status
        later = state
        if not has_settled and not any(_led_to(change, state) for change in changes):
            yield _entry_of_state(state)


def _led_to(change: Operation, state: CampaignState) -> bool:
    if requested_by(state.status) != change.kind or state.by != change.by_label:
        return False
    ended = change.ended_at or state.since
    return change.asked_at <= state.since <= ended + FOLLOWS_WITHIN


def _entry_of_state(state: CampaignState) -> Entry:
    chip = chip_of(state.status)
    change = requested_by(state.status)
    glyph, css = GLYPHS[change] if change else (chip.glyph, "warn" if state.status == Status.AUTO_PAUSED else "quiet")
    if state.cause == Cause.FIRST_SEEN:
        return Entry(at=state.since, glyph="eye", what=f"First seen, {chip.word.lower()}")
    why = cause_of(state)
    who = actor_of(state)
    resumed = state.cause == Cause.CONTINUED
    return Entry(
        at=state.since,
        glyph=glyph,
        css=css,
        who=who[:1].upper() + who[1:],
        what="resumed it" if resumed else BY_THEMSELVES.get(state.status, f"· {chip.word}"),
        detail="" if resumed or why in {NO_CAUSE, Cause.ELSEWHERE.label} else why,
    )
