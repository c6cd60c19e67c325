"""A rule while it is being edited: its forms, what the pressed button adds or removes, and the sentence they make."""

from dataclasses import dataclass, field
from functools import cached_property

from django import forms
from django.http import QueryDict

from voisoadmin.accounts.models import User
from voisoadmin.assignments.models import Team
from voisoadmin.campaigns.models import Campaign
from voisoadmin.lib.numbers import whole_number
from voisoadmin.rules.models import Rule
from voisoadmin.rules.pages.chosen_campaigns import ChosenCampaigns
from voisoadmin.rules.pages.sentence_forms import LINES, LineForm, SentenceForm
from voisoadmin.rules.sentence import MOST_LINES, Json, NotASentence, Sentence, Then
from voisoadmin.rules.sentence_check import problems_of
from voisoadmin.rules.sentence_json import understood

CHOOSE_CAMPAIGN = "Choose at least one campaign."
FOREIGN_TEAM = "This team isn't in the contact centre of every chosen campaign. Choose another, or make one rule per centre."


@dataclass
class EditedRule:
    user: User
    form: SentenceForm
    lines: list[LineForm]
    campaigns: ChosenCampaigns
    rule: Rule | None = None
    problems: list[str] = field(default_factory=list)  # of the lines as a whole
    focus: str = ""  # where the keyboard continues after a button: "add" or "campaign"

    @classmethod
    def new(cls, user: User, *, campaign: Campaign | None = None) -> "EditedRule":
        initial = dict(SentenceForm.STARTING)
        if campaign is not None:
            # Chosen by an administrator for the contact centre; a default would be no choice.
            initial["zone"] = campaign.connection.time_zone
        chosen = ChosenCampaigns(user, [campaign] if campaign else [])
        edited = cls(user, SentenceForm(initial=initial), [], chosen)
        edited.lines = [edited._line(0, dict(LineForm.STARTING["times"]) | {"kind": "times"})]
        return edited

    @classmethod
    def stored(cls, user: User, rule: Rule) -> "EditedRule":
        campaigns = list(rule.campaigns.select_related("connection").order_by("name", "pk"))
        try:
            sentence = understood(rule.sentence)
        except NotASentence:
            edited = cls.new(user)
            edited.form.initial["name"] = rule.name
            edited.campaigns, edited.rule = ChosenCampaigns(user, campaigns, rule.every_named), rule
            return edited
        hours = sentence.hours
        initial = SentenceForm.STARTING | {
            "name": rule.name,
            "join": sentence.join,
            "states": list(sentence.states),
            "then": sentence.then,
            "at_most_once": sentence.at_most_once,
            "window": sentence.window,
            "zone": sentence.zone,
            "days_off": sentence.days_off,
            "sends_mail": rule.sends_mail,
        }
        if hours:
            initial |= {"hours_days": list(hours.weekdays), "hours_from": hours.begin, "hours_to": hours.end}
        edited = cls(user, SentenceForm(initial=initial), [], ChosenCampaigns(user, campaigns, rule.every_named), rule)
        parts: list[Json] = [{"kind": "times"} | line.as_json() for line in sentence.lines]
        parts += [condition.as_json() for condition in sentence.conditions]
        edited.lines = [edited._line(place, LineForm.initial_of(part)) for place, part in enumerate(parts)]
        return edited

    @classmethod
    def posted(cls, user: User, posted: QueryDict, rule: Rule | None, *, is_checked: bool) -> "EditedRule":
        """What a button makes of the form. Problems are shown only if `is_checked`: while a rule grows, most of it is empty."""
        form = SentenceForm(posted) if is_checked else SentenceForm(initial=_typed(SentenceForm(), posted))
        edited = cls(user, form, [], ChosenCampaigns.posted(user, posted), rule)
        places = range(whole_number(posted.get("lines", ""), most=MOST_LINES) or 0)
        do = posted.get("do", "")
        kept = [place for place in places if do != f"remove-{place}"]
        for new, old in enumerate(kept):
            moved = _moved(posted, old, new)
            line = edited._line(new, None, moved)
            edited.lines.append(line if is_checked else edited._line(new, _typed(line, moved)))
        kind = do.removeprefix("add-")
        if do.startswith("add-") and kind in LINES and len(edited.lines) < MOST_LINES:
            edited.lines.append(edited._line(len(edited.lines), LineForm.STARTING[kind] | {"kind": kind}))
            edited.lines[-1].focus()
        elif do.startswith("remove-"):
            edited.focus = "add"
        elif do:
            edited.focus = "campaign"
        return edited

    def _line(self, place: int, initial: Json | None, data: QueryDict | None = None) -> LineForm:
        return LineForm(data, prefix=f"line-{place}", initial=initial, teams=self.teams)

    @cached_property
    def teams(self) -> list[Team]:
        centres = {campaign.connection_id for campaign in self.campaigns.chosen}
        return list(Team.objects.filter(connection__in=centres).order_by("name", "pk")[:500])

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return list(LINES.items()) if len(self.lines) < MOST_LINES else []

    @property
    def has_conditions(self) -> bool:
        return any(line.line_kind != "times" for line in self.lines)

    @property
    def thens(self) -> set[str]:
        found = {str(line["then"].value() or "") for line in self.lines if line.line_kind == "times"}
        return found | ({str(self.form["then"].value() or "")} if self.has_conditions else set())

    @property
    def starts(self) -> bool:
        return Then.START in self.thens

    @property
    def stops(self) -> bool:
        return Then.STOP in self.thens

    @property
    def pauses(self) -> bool:
        return Then.PAUSE in self.thens

    @property
    def has_quota(self) -> bool:
        return any(line.line_kind == "accepted" for line in self.lines)

    @property
    def counts_agents(self) -> bool:
        return any(line.line_kind == "agents" for line in self.lines)

    def sentence(self) -> Sentence | None:
        """What the forms say; None if they have problems, which then are at their fields."""
        valid = [line.is_valid() for line in self.lines]
        # The name and the campaigns don't belong to the sentence.
        self.form.is_valid()
        if not all(valid) or set(self.form.errors) - {"name"}:
            return None
        data = self.form.data_with([line.part() for line in self.lines], only_times=not self.has_conditions)
        try:
            sentence = understood(data)
        except NotASentence as refused:
            self.problems += [problem.text for problem in refused.problems]
            return None
        for problem in problems_of(sentence):
            self._show(problem.place, problem.text)
        return None if problems_of(sentence) else sentence

    def is_valid(self) -> bool:
        sentence = self.sentence()
        if not self.campaigns.chosen and not self.campaigns.problem:
            self.campaigns.problem = CHOOSE_CAMPAIGN
        if sentence is not None:
            self._check_teams(sentence)
            self._check_name()
        return (
            sentence is not None
            and not self.form.errors
            and not self.campaigns.problem
            and not any(line.errors for line in self.lines)
        )

    def _check_teams(self, sentence: Sentence) -> None:
        centres = {campaign.connection_id for campaign in self.campaigns.chosen}
        own = {team.pk for team in self.teams if centres == {team.connection_id}}
        for line in self.lines:
            team = str(line.cleaned_data.get("of") or "").removeprefix("team:")
            if line.line_kind == "agents" and team.isdigit() and int(team) not in own:
                line.add_error("of", FOREIGN_TEAM)

    def _check_name(self) -> None:
        name = self.form.cleaned_data.get("name", "")
        others = Rule.objects.kept().filter(name=name)
        if self.rule is not None:
            others = others.exclude(pk=self.rule.pk)
        if name and others.exists():
            self.form.add_error("name", "Another rule has this name.")

    def _show(self, place: str, text: str) -> None:
        if place.startswith("line-"):
            self.lines[int(place.removeprefix("line-"))].add_error(None, text)
        elif place == "hours":
            self.form.add_error("hours_days", text)
        elif place in self.form.fields:
            self.form.add_error(place, text)
        else:
            self.problems.append(text)


def _typed(form: forms.Form, posted: QueryDict) -> Json:
    """The posted values as they were typed."""
    typed = {name: field.widget.value_from_datadict(posted, {}, form.add_prefix(name)) for name, field in form.fields.items()}
    if isinstance(form, SentenceForm):
        # Not shown while there is nothing that they are about.
        typed |= {name: form.STARTING[name] for name in ("join", "then", "at_most_once") if name not in posted}
    return typed


def _moved(posted: QueryDict, old: int, new: int) -> QueryDict:
    """The posted fields of one line, under the number that it has now."""
    moved = QueryDict(mutable=True)
    for name, values in posted.lists():
        if name.startswith(f"line-{old}-"):
            moved.setlist(f"line-{new}-{name.removeprefix(f'line-{old}-')}", values)
    return moved
