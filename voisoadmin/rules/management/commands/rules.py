from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from voisoadmin.lib.commands import JsonCommand, bad_input, refused
from voisoadmin.pushes.engine.locks import open_locks
from voisoadmin.rules.evaluating import Evaluator, Report
from voisoadmin.rules.evaluation_loop import LOCK
from voisoadmin.rules.models import Firing, Rule
from voisoadmin.rules.occurrences import next_occurrence
from voisoadmin.rules.sentence import NotASentence, Sentence
from voisoadmin.rules.sentence_check import from_json
from voisoadmin.rules.sentence_words import as_text

SHOWN = 20  # firings


class Command(JsonCommand):
    help = "List rules, show one with its log, or evaluate all of them once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["list", "show", "run-once"])
        parser.add_argument("rule", nargs="?", default="", help="for `show`: the rule's name or ID")
        parser.add_argument("--at", default="", metavar="TIME", help="for `run-once`: only say what it would do at that time")

    def handle(self, *args: Any, **options: Any) -> None:
        match options["action"]:
            case "list":
                for rule in Rule.objects.kept():
                    self.emit(_line(rule), words=_as_words(rule))
            case "show":
                self._show(_find(options["rule"]))
            case _:
                self._run_once(options["at"])

    def _show(self, rule: Rule) -> None:
        self.emit(_line(rule) | {"sentence": rule.sentence, "campaigns": [str(campaign) for campaign in rule.campaigns.all()]})
        for firing in rule.firings.select_related("campaign")[:SHOWN]:
            self.emit(_firing(firing), words=_firing_as_words(firing))

    def _run_once(self, text: str) -> None:
        if text:
            self._say(Evaluator().evaluate(at=_moment(text), dry=True), is_dry=True)
            return
        locks = open_locks()
        try:
            if not locks.take(LOCK):
                raise refused("The background worker evaluates the rules. Stop it first, or use --at.")
            self._say(Evaluator().evaluate(), is_dry=False)
        finally:
            locks.close()

    def _say(self, report: Report, *, is_dry: bool) -> None:
        for firing in report.firings:
            if is_dry and firing.outcome == Firing.Outcome.FIRED:
                firing.outcome = Firing.Outcome.WOULD
            self.emit(_firing(firing) | {"dry": is_dry or firing.is_dry}, words=_firing_as_words(firing))
        record = {"rules": report.rules, "at": report.at, "requested": report.requested, "clock": report.clock_problem or None}
        self.emit(record, words=f"Rules evaluated: {report.rules}. Changes requested: {report.requested}.")


def _find(text: str) -> Rule:
    kept = Rule.objects.kept()
    found = kept.filter(name=text).first()
    if found is None and text.isascii() and text.isdigit() and len(text) < 19:
        found = kept.filter(pk=int(text)).first()
    if found is None:
        raise bad_input(f"There is no rule {text!r}." if text else "Name a rule: `rules show NAME`.")
    return found


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise bad_input(f"--at must be a date and time such as 2026-03-29T09:00:00+02:00, not {text!r}.")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _sentence(rule: Rule) -> Sentence | None:
    try:
        return from_json(rule.sentence)
    except NotASentence:
        return None


def _line(rule: Rule) -> dict[str, Any]:
    sentence = _sentence(rule)
    following = next_occurrence(sentence, after=timezone.now()) if sentence else None
    fired = rule.firings.filter(outcome=Firing.Outcome.FIRED).first()
    return {
        "id": rule.pk,
        "rule": rule.name,
        "mode": rule.mode,
        "owner": rule.owner_label,
        "text": _text(rule, sentence),
        "last_fired": fired.due_at if fired else None,
        "next": following.moment if following and rule.mode != Rule.Mode.OFF else None,
        "problem": rule.problem,
    }


def _text(rule: Rule, sentence: Sentence | None) -> str:
    count = rule.states.count()
    campaigns = f"{count:,} campaign{'' if count == 1 else 's'}"
    return as_text(sentence, campaigns) if sentence else "This rule can't be understood."


def _as_words(rule: Rule) -> str:
    return f"{rule.name} ({rule.get_mode_display().lower()}): {_text(rule, _sentence(rule))}"


def _firing(firing: Firing) -> dict[str, Any]:
    return {
        "rule": firing.rule.name,
        "campaign": firing.campaign.id_as_told,
        "change": firing.change,
        "occurrence": firing.occurrence,
        "due": firing.due_at,
        "outcome": firing.outcome,
        "reason": firing.reason,
        "dry": firing.is_dry,
    }


def _firing_as_words(firing: Firing) -> str:
    when = timezone.localtime(firing.due_at)
    what = f"{firing.get_change_display()} {firing.campaign}"
    return f"{when:%Y-%m-%d %H:%M} {firing.rule.name}: {what}: {firing.get_outcome_display().lower()}. {firing.reason}".strip()
