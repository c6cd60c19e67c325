"""The log of rules, in words: what each did, would have done, or didn't do, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from voisoadmin.campaigns.statuses import Status
from voisoadmin.rules.models import Firing
from voisoadmin.rules.sentence import Then
from voisoadmin.rules.sentence_words import DONE

Outcome = Firing.Outcome
GLYPHS = {Then.START: ("player-play", "good"), Then.PAUSE: ("player-pause", ""), Then.STOP: ("player-stop", "")}
WORDS = {
    Outcome.WOULD: "would have {done}",
    Outcome.NOTHING: "had nothing to {do} at",
    Outcome.NOT_DECIDED: "didn't decide on",
    Outcome.MISSED: "missed its time to {do}",
    Outcome.HELD: "didn't {do}",
    Outcome.OVERTAKEN: "didn't {do}",
    Outcome.OWED: "still has to {do}",
    Outcome.REFUSED: "couldn't {do}",
    Outcome.UNCONFIRMED: "may have {done}",
    Outcome.WAIVED: "didn't {do}",
}
START_OFFERED = timedelta(hours=12)
LOOKS = {
    Outcome.WOULD: ("eye", "quiet"),
    Outcome.NOTHING: ("circle-minus", "quiet"),
    Outcome.NOT_DECIDED: ("help-circle", "warn"),
    Outcome.MISSED: ("clock", "warn"),
    Outcome.HELD: ("hourglass", "warn"),
    Outcome.OVERTAKEN: ("arrow-back-up", "quiet"),
    Outcome.OWED: ("alert-triangle", "warn"),
    Outcome.REFUSED: ("circle-x", "bad"),
    Outcome.UNCONFIRMED: ("help-circle", "warn"),
    Outcome.WAIVED: ("circle-minus", "quiet"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class LogLine:
    firing: Firing
    glyph: str
    css: str
    what: str  # between the rule and the campaign
    word: str  # of the outcome
    detail: str
    can_start: bool = False  # a person may make up for a start that was missed
    can_keep_running: bool = False  # a person may end what is owed


def log_lines(firings: Sequence[Firing], *, at: datetime) -> list[LogLine]:
    return [log_line(firing, at=at) for firing in firings]


def log_line(firing: Firing, *, at: datetime | None = None) -> LogLine:
    """`at`: now, where a person may still decide; without it there is nothing to decide."""
    outcome = Outcome(firing.outcome)
    then = Then(firing.change)
    glyph, css = LOOKS.get(outcome) or GLYPHS.get(then, ("info-circle", "good"))
    detail = " ".join(filter(None, [firing.reason, "Only a dry run." if firing.is_dry and outcome != Outcome.WOULD else ""]))
    return LogLine(
        firing=firing,
        glyph=glyph,
        css=css,
        what=what_in_words(firing),
        word=outcome.label,
        detail=detail,
        can_start=at is not None and _can_start(firing, at),
        can_keep_running=at is not None and firing.is_open and outcome == Outcome.OWED,
    )


def is_in_progress(firing: Firing) -> bool:
    """Requested, and Voiso hasn't confirmed it yet."""
    return firing.outcome == Outcome.FIRED and firing.operation is not None and not firing.operation.has_ended


def what_in_words(firing: Firing) -> str:
    then, outcome = Then(firing.change), Outcome(firing.outcome)
    if outcome == Outcome.NOTIFIED:
        return "reports"
    if is_in_progress(firing):
        return f"requested to {then.value}"
    do, done = ("report", "reported") if then == Then.NOTIFY else (then.value, DONE[then])
    return WORDS.get(outcome, "{done}").format(do=do, done=done)


def _can_start(firing: Firing, at: datetime) -> bool:
    is_missed = firing.outcome == Outcome.MISSED and firing.change == Then.START and not firing.is_dry
    return is_missed and timedelta() <= at - firing.due_at < START_OFFERED and firing.campaign.status != Status.ACTIVE
