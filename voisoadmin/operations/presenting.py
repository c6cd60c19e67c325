"""An operation as the activity shows it: what was asked for, and the outcome name by name."""

from collections import Counter
from dataclasses import dataclass, field

from django.urls import reverse

from voisoadmin.lib.times import exact
from voisoadmin.operations.models import Operation
from voisoadmin.operations.templatetags.operations import state, took

GLYPHS = {
    "queued": ("loader-2", "is-busy", "Waiting"),
    "running": ("loader-2", "is-busy", "Running"),
    "done": ("check", "is-good", "Done"),
    "refused": ("circle-x", "is-bad", "Refused"),
    "unconfirmed": ("help-circle", "is-warn", "Not confirmed"),
}

NAME_WORDS = {
    "added": ("Added", "check", "good"),
    "removed": ("Removed", "check", "good"),
    "already_there": ("Already assigned", "circle-check", "quiet"),
    "not_in_campaign": ("Not assigned", "circle-check", "quiet"),
    "not_found": ("Not found", "help-circle", "warn"),
    "ambiguous": ("More than one match", "help-circle", "warn"),
    "left_out": ("Missing from answer", "circle-minus", "bad"),
    "refused": ("Refused", "circle-x", "bad"),
    "not_possible": ("Not possible", "circle-minus", "warn"),
    "unconfirmed": ("Not confirmed", "help-circle", "warn"),
    "twice": ("Listed twice", "circle-check", "quiet"),
    "sending": ("Sending", "loader-2", "quiet"),
    "waiting": ("Waiting", "loader-2", "quiet"),
}
"""The outcome of a name: its word, its glyph, its colour."""

COUNTED = {"done": "done", "refused": "refused", "unconfirmed": "not confirmed", "not_sent": "not sent"}
"""The outcomes of a bulk's campaigns, as they are counted."""

PLAIN_FACTS = {
    "file": "File",
    "rows": "Rows",
    "rows_ready": "Rows ready",
    "rows_to_fix": "Rows to fix",
    "edits": "Edits",
    "edits_taken_back": "Edits taken back",
    "fix": "Fix",
    "contacts": "Contacts",
    "campaigns": "Campaigns",
    "what": "What",
    "format": "Format",
    "api": "API",
    "base_url": "Address",
    "time_zone": "Time zone",
    "username": "Username",
    "tries": "Tries",
    "first_name": "First name",
    "last_name": "Last name",
    "email": "Email",
    "role": "Role",
    "all_centres": "All contact centres",
    "centres": "Contact centres",
    "from": "From",
    "keys": "Keys",
    "is_active": "Can sign in",
    "password": "Password",
    "reason": "Reason",
    "changed": "Changed",
    "forgotten": "Forgotten",
    "rule": "Rule",
    "mode": "Rule is",
    "writing": "Digits without + or 00",
    "country": "Country",
    "known_numbers": "Numbers already in the campaign",
    "token": "Token",
}
"""Facts of `request` and `result` that pages show; the rest is for the program."""


IN_WORDS: dict[str, dict[object, str]] = {
    "role": {"viewer": "Viewer", "supervisor": "Supervisor", "administrator": "Administrator"},
    "all_centres": {True: "yes", False: "no"},
    "is_active": {True: "yes", False: "no"},
    "api": {"v4": "Current (v4)", "legacy": "Legacy"},
    "format": {"csv": "CSV", "xlsx": "XLSX"},
    "what": {"not-added": "Rows not added", "to-fix": "Rows to fix", "all": "All rows"},
}
"""Values that are codes, as pages show them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NameLine:
    """The outcome for one name."""

    name: str
    word: str
    glyph: str
    css: str
    called: str = ""  # the email or name that matched
    note: str = ""
    via: str = ""  # the team that was named instead


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivityLine:
    operation: Operation
    what: str
    subject: str
    url: str  # of the subject; empty if it has no page
    glyph: str
    css: str
    word: str
    summary: str = ""
    names: list[NameLine] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)

    @property
    def has_ended(self) -> bool:
        return self.operation.has_ended

    @property
    def has_reason(self) -> bool:
        return bool(self.operation.answer or self.operation.problem)

    @property
    def reason_css(self) -> str:
        return "warn" if self.operation.status == Operation.Status.UNCONFIRMED else "bad"


def line_of(operation: Operation, *, campaign_name: str = "") -> ActivityLine:
    """`campaign_name`: the campaign whose page shows the line, so the line needn't name it."""
    glyph, css, word = GLYPHS[operation.outcome]
    names = name_lines(operation)
    return ActivityLine(
        operation=operation,
        what=_what(operation),
        subject=_subject(operation, campaign_name),
        url=_url(operation),
        glyph=glyph,
        css=css,
        word=word,
        summary=_summary(operation, names),
        names=names,
        facts=_facts(operation),
    )


def name_lines(operation: Operation) -> list[NameLine]:
    """One line for each name of an assignment, in the order given."""
    named = operation.result.get("names")
    if not isinstance(named, list):
        return []
    lines = []
    for entry in named:
        word, glyph, css = NAME_WORDS.get(str(entry.get("outcome")), ("Not confirmed", "help-circle", "warn"))
        lines.append(
            NameLine(
                name=str(entry.get("name", "")),
                word=word,
                glyph=glyph,
                css=css,
                called=str(entry.get("called", "")),
                note=str(entry.get("note", "")),
                via=str(entry.get("via", "")),
            )
        )
    return lines


def counted(names: list[NameLine]) -> str:
    """`2 added, 1 already there, 1 not found`."""
    counts = Counter(line.word.lower() for line in names)
    return ", ".join(f"{count} {word}" for word, count in counts.items())


def _what(operation: Operation) -> str:
    if operation.kind != Operation.Kind.ASSIGN:
        return operation.get_kind_display()
    # A pasted name may be neither an agent nor a team.
    nobody = {"not_found", "ambiguous", "twice", "not_possible"}
    all_are = not any(entry.get("outcome") in nobody for entry in operation.result.get("names", []))
    one, several = ("agent", "agents") if all_are else ("name", "names")
    parts: list[str] = []
    for verb, agents, teams in (("Add", "add_agents", "add_teams"), ("Remove", "remove_agents", "remove_teams")):
        people = len(operation.request.get(agents, []))
        groups = len(operation.request.get(teams, []))
        nouns = [_number(people, one, several)] if people else []
        nouns += [_number(groups, "team", "teams")] if groups else []
        if nouns:
            parts.append(f"{verb if not parts else verb.lower()} {' and '.join(nouns)}")
    named = [entry["via"] for entry in operation.result.get("names", []) if entry.get("via")]
    instead_of = list(dict.fromkeys(named))
    whose = f"the team {instead_of[0]}" if len(instead_of) == 1 else f"{len(instead_of)} teams"
    return (", ".join(parts) or operation.get_kind_display()) + (f" of {whose}" if instead_of else "")


def _subject(operation: Operation, campaign_name: str) -> str:
    """On the page of a campaign, the campaign needn't be named."""
    if not campaign_name:
        return operation.subject_label
    about_it = operation.subject_kind == Operation.Subject.CAMPAIGN
    return "" if about_it else operation.subject_label.removesuffix(f" to {campaign_name}")


def _summary(operation: Operation, names: list[NameLine]) -> str:
    if names:
        return counted(names)
    if operation.campaigns:
        counts = operation.result.get("counts", {})
        return ", ".join(f"{counts[status]:,} {word}" for status, word in COUNTED.items() if counts.get(status))
    if operation.status == Operation.Status.DONE and operation.kind in {"start", "pause", "stop"}:
        if operation.result.get("read_back"):
            return f"answer lost; state read again as {state(str(operation.result.get('status', '')))} after {took(operation)}"
        return f"confirmed after {took(operation)}"
    if operation.kind == Operation.Kind.SIGN_IN_FAILED:
        return _number(int(operation.result.get("tries", 1)), "wrong password", "wrong passwords")
    return ""


def _url(operation: Operation) -> str:
    match operation.subject_kind:
        case "campaign":
            return reverse("campaigns:detail", args=[operation.subject_id])
        case "campaigns":
            return reverse("campaigns:bulk", args=[operation.result.get("bulk") or operation.pk])
        case "upload":
            return reverse("uploads:detail", args=[operation.subject_id])
        case "feed":
            return reverse("feeds:detail", args=[operation.subject_id])
        case _:
            return ""  # only administrators have pages for connections and users


def _facts(operation: Operation) -> list[tuple[str, str]]:
    facts: list[tuple[str, str]] = [("Requested", exact(operation.asked_at))]
    if operation.ended_at is not None:
        facts.append(("Ended", f"{exact(operation.ended_at)}, after {took(operation)}"))
    if operation.shown_status:
        facts.append(("State before", state(operation.shown_status).capitalize()))
    if operation.result.get("status") and operation.kind in {"start", "pause", "stop"}:
        facts.append(("State after", state(str(operation.result["status"])).capitalize()))
    sent = operation.result.get("sent")
    if isinstance(sent, int):
        facts.append(("Requests sent", str(sent)))
    values = {**operation.request, **operation.result}
    changes = operation.kind == Operation.Kind.SAVE_USER
    found = ((label, _plain(key, values.get(key), is_change=changes)) for key, label in PLAIN_FACTS.items())
    return facts + [(label, text) for label, text in found if text]


def _plain(key: str, value: object, *, is_change: bool = False) -> str:
    """A fact as text. `is_change`: a list of two is the value before and the one after."""
    if isinstance(value, list):
        parts = [_plain(key, item) for item in value]
        if is_change and len(parts) == 2:
            before, after = parts
            return f"{before} → {after or 'none'}" if before else after
        return ", ".join(filter(None, parts))
    if value is None:
        return ""
    if key in IN_WORDS and isinstance(value, (str, bool)):
        return IN_WORDS[key].get(value) or str(value).replace("-", " ").capitalize()
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _number(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
