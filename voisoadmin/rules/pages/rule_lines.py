"""The list of rules: each with its state, its sentence, when it last acted, and when it will."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, OuterRef, Q, Subquery
from django.http import QueryDict

from voisoadmin.accounts.models import User
from voisoadmin.assignments.models import Team
from voisoadmin.campaigns.models import Campaign
from voisoadmin.lib.searching import contains
from voisoadmin.lib.times import clock_time, short_date
from voisoadmin.rules.models import Evaluation, Firing, Rule, RuleQuerySet, RuleState, StartHold
from voisoadmin.rules.occurrences import next_occurrence
from voisoadmin.rules.pages.chosen_campaigns import campaigns_in_words
from voisoadmin.rules.sentence import NotASentence, Sentence, Then
from voisoadmin.rules.sentence_json import understood
from voisoadmin.rules.sentence_words import TeamName, Word, count_of, in_words

LATE = 120.0  # seconds
WEEK = timedelta(days=7)
ACTED = (Firing.Outcome.FIRED, Firing.Outcome.WOULD, Firing.Outcome.NOTIFIED)
GONE = "that no longer exists"
BROKEN = "This rule can't be read. Edit it, or delete it."


class Chip(NamedTuple):
    word: str
    glyph: str
    css: str


ON = Chip("On", "circle-check", "is-good")
DRY = Chip("Dry run", "eye", "is-busy")
HELD = Chip("Starts held", "hourglass", "is-warn")
OFF = Chip("Off", "circle-minus", "is-idle")
BAD = Chip("Can't be read", "alert-triangle", "is-bad")


class Tab(NamedTuple):
    key: str
    label: str
    number: int
    is_current: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleLine:
    rule: Rule
    chip: Chip
    words: Sequence[Word]
    why: Sequence[str] = ()  # what keeps its starts
    last: Firing | None = None
    in_week: int | None = None
    next: str = ""

    @property
    def may_start(self) -> bool:
        sentence = sentence_of(self.rule)
        return sentence is not None and sentence.starts

    @property
    def may_stop(self) -> bool:
        sentence = sentence_of(self.rule)
        return sentence is not None and Then.STOP in sentence.actions

    @property
    def key(self) -> str:
        return {ON.word: "on", DRY.word: "dry", HELD.word: "held"}.get(self.chip.word, "off")

    @property
    def in_week_words(self) -> str:
        return count_of(self.in_week, "time") if self.in_week else "–"


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleList:
    lines: Sequence[RuleLine]
    tabs: Sequence[Tab]
    query: str = ""
    any_rule: bool = False


def list_of(user: User, asked: QueryDict, *, at: datetime) -> RuleList:
    every = Rule.objects.visible_to(user)
    query, tab = asked.get("q", "").strip()[:200], asked.get("tab", "")
    found = every.filter(contains(query, "name", "campaigns__name")).distinct() if query else every
    lines = lines_of(found, at=at)
    counts = Counter(line.key for line in lines)
    names = {"on": "On", "dry": "Dry run", "held": "Starts held", "off": "Off"}
    current = tab if tab in names else ""
    tabs = [Tab("", "All", len(lines), not current)]
    tabs += [Tab(key, label, counts[key], key == current) for key, label in names.items()]
    shown = [line for line in lines if not current or line.key == current]
    return RuleList(lines=shown, tabs=tabs, query=query, any_rule=bool(lines) or every.exists())


def lines_of(rules: RuleQuerySet, *, at: datetime) -> list[RuleLine]:
    """In a few queries, however many rules there are."""
    last = Firing.objects.filter(rule=OuterRef("pk"), outcome__in=ACTED).order_by("-due_at", "-pk").values("pk")[:1]
    acted = Count("firings", filter=Q(firings__outcome__in=ACTED, firings__due_at__gt=at - WEEK), distinct=True)
    found = list(rules.annotate(last_firing=Subquery(last), in_week=acted))
    latest = {rule.pk: getattr(rule, "last_firing", None) for rule in found}
    firings = Firing.objects.select_related("campaign").in_bulk([pk for pk in latest.values() if pk])
    names = _campaign_names(found)
    held = _held_campaigns(found)
    teams = dict(Team.objects.filter(pk__in=_team_ids(found)).values_list("pk", "name"))
    return [_line(rule, names[rule.pk], held[rule.pk], teams, firings.get(latest[rule.pk]), at=at) for rule in found]


def line_of(rule: Rule, *, at: datetime) -> RuleLine:
    (line,) = lines_of(Rule.objects.filter(pk=rule.pk), at=at)
    return line


def sentence_of(rule: Rule) -> Sentence | None:
    try:
        return understood(rule.sentence)
    except NotASentence:
        return None


def team_names() -> TeamName:
    """Looks a team up when a sentence names it."""
    return lambda pk: Team.objects.filter(pk=pk).values_list("name", flat=True).first() or GONE


def _campaign_names(rules: Iterable[Rule]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    states = RuleState.objects.filter(rule__in=[rule.pk for rule in rules]).order_by("campaign__name", "campaign")
    for rule, name, voiso_id in states.values_list("rule", "campaign__name", "campaign__voiso_id"):
        found[rule].append(name or f"Campaign {voiso_id}")
    return found


def _held_campaigns(rules: Iterable[Rule]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    holds = StartHold.objects.filter(is_on=True, campaign__rule_states__rule__in=[rule.pk for rule in rules])
    rows = holds.order_by("campaign__name").values_list("campaign__rule_states__rule", "campaign__name", "campaign__voiso_id")
    for rule, name, voiso_id in rows:
        found[rule].append(name or f"Campaign {voiso_id}")
    return found


def _team_ids(rules: Iterable[Rule]) -> set[int]:
    sentences = (sentence_of(rule) for rule in rules)
    teams = (getattr(one, "team", None) for sentence in sentences if sentence for one in sentence.conditions)
    return {team for team in teams if team is not None}


def _line(
    rule: Rule, names: list[str], held: list[str], teams: dict[int, str], last: Firing | None, *, at: datetime
) -> RuleLine:
    sentence = sentence_of(rule)
    if sentence is None:
        return RuleLine(rule=rule, chip=BAD, words=[Word(BROKEN)], last=last)
    why = _why_held(rule, sentence, held)
    chip = {Rule.Mode.OFF: OFF, Rule.Mode.DRY_RUN: DRY}.get(Rule.Mode(rule.mode), HELD if why else ON)
    return RuleLine(
        rule=rule,
        chip=chip,
        words=in_words(sentence, campaigns_in_words(names), team=lambda pk: teams.get(pk, GONE)),
        why=why if chip is HELD else [],
        last=last,
        in_week=getattr(rule, "in_week", None),
        next="" if rule.mode == Rule.Mode.OFF else next_in_words(sentence, at=at),
    )


def _why_held(rule: Rule, sentence: Sentence, held: list[str]) -> list[str]:
    if not sentence.starts:
        return []
    why = []
    if rule.starts_are_dry:
        why.append("Its time zone was changed: turn its starts on.")
    if rule.right_lost_at is not None:
        why.append(f"{rule.owner_label} may no longer control every campaign of it.")
    if held:
        why.append(f"A person paused or stopped {campaigns_in_words(held)}.")
    return why


def next_in_words(sentence: Sentence, *, at: datetime) -> str:
    """`today 17:00`, `tomorrow 09:00`, `Mon 09:00`, `9 Dec, 09:00`, in the zone of the rule."""
    occurrence = next_occurrence(sentence, after=at)
    if occurrence is None:
        return "when it becomes true" if sentence.conditions else "–"
    return f"{occurrence.line.then} {day_in_words(occurrence.moment, sentence, at=at)}".replace("notify", "notice")


def day_in_words(moment: datetime, sentence: Sentence, *, at: datetime) -> str:
    local, today = moment.astimezone(sentence.timezone), at.astimezone(sentence.timezone).date()
    days = (local.date() - today).days
    if days == -1:
        return f"yesterday {local:%H:%M}"
    if days in (0, 1):
        return f"{'tomorrow' if days else 'today'} {local:%H:%M}"
    if 1 < days < 7:
        return f"{local:%a %H:%M}"
    return f"{short_date(moment, at=at)}, {local:%H:%M}"


def campaigns_now_named(rule: Rule, user: User) -> list[Campaign]:
    """Those that have the rule's text in the name, and aren't its campaigns yet."""
    if not rule.every_named:
        return []
    own = rule.campaigns.values("pk")
    found = Campaign.objects.visible_to(user).filter(contains(rule.every_named, "name"), missing_since=None)
    return list(found.exclude(pk__in=own).order_by("name", "pk")[:50])


def evaluation_words(at: datetime) -> list[str]:
    """What keeps all rules from working; empty if nothing does."""
    last = Evaluation.objects.first()
    if last is None or not Rule.objects.evaluated().exists():
        return []
    words = []
    if last.is_late(at, after=LATE):
        since = f" since {clock_time(last.at, at=at)}" if last.at else ""
        words.append(f"Rules haven't been evaluated{since}. Check that the background worker is running.")
    if last.clock_problem:
        words.append(f"Rules start nothing: {last.clock_problem}")
    return words
