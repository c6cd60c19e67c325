from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from voisoadmin.accounts.requests import Request, page_or_part, wants_part
from voisoadmin.accounts.roles import only_for_changes
from voisoadmin.campaigns.models import Campaign, visible_campaign
from voisoadmin.lib.numbers import whole_number
from voisoadmin.lib.own_pages import own_page
from voisoadmin.lib.paging import page_for
from voisoadmin.operations.clicks import ActionRefused, Click
from voisoadmin.rules import overrides, saving
from voisoadmin.rules.models import Firing, FiringQuerySet, Rule
from voisoadmin.rules.pages.campaign_rules import rules_of
from voisoadmin.rules.pages.chosen_campaigns import MOST
from voisoadmin.rules.pages.edited_rule import EditedRule
from voisoadmin.rules.pages.notices import notices_of
from voisoadmin.rules.pages.right_now import right_now
from voisoadmin.rules.pages.rule_lines import (
    campaigns_now_named,
    evaluation_words,
    line_of,
    list_of,
    sentence_of,
    team_names,
)
from voisoadmin.rules.pages.rule_log import log_lines
from voisoadmin.rules.pages.week import week_of
from voisoadmin.rules.replay import replay
from voisoadmin.rules.sentence import Sentence
from voisoadmin.rules.sentence_words import in_words
from voisoadmin.submissions.services import FirstAnswer, FormRefused, once
from voisoadmin.submissions.typed_again import shows_typed_again

LATEST = 12  # of the log, on a page about more than the log
LOG_PAGE = 50
MOST_DAYS = 9  # a pause of longer ago isn't owed any more
CHECKED = ("save", "look")
MODES = {"on": Rule.Mode.ON, "off": Rule.Mode.OFF, "dry": Rule.Mode.DRY_RUN}
SAYS = {"on": "{} is on.", "off": "{} is off.", "dry": "{} is in dry run: it does nothing."}


@require_safe
def rule_list(request: Request) -> HttpResponse:
    at = timezone.now()
    context = {
        "list": list_of(request.user, request.GET, at=at),
        "evaluation": evaluation_words(at),
        "notices": notices_of(request.user),
        "log": log_lines(list(_firings(request)[:LATEST]), at=at),
    }
    return render(request, page_or_part(request, "rules/list.html", "rules"), context)


@require_safe
def log(request: Request) -> HttpResponse:
    """What all rules did, or one of them, or all of them with one campaign."""
    found = _firings(request)
    rule, campaign = (whole_number(request.GET.get(name, "")) for name in ("rule", "campaign"))
    if rule is not None:
        found = found.filter(rule=rule)
    if campaign is not None:
        found = found.filter(campaign=campaign)
    page = page_for(found, query=request.GET, size=LOG_PAGE)
    lines = log_lines(list(page), at=timezone.now())
    of_rule = Rule.objects.visible_to(request.user).filter(pk=rule).first() if rule is not None else None
    return render(request, "rules/log.html", {"log": lines, "page": page, "rule": of_rule})


@require_safe
def detail(request: Request, pk: int) -> HttpResponse:
    rule, at = _rule(request, pk), timezone.now()
    firings = _firings(request).filter(rule=rule)[:LATEST]
    context: dict[str, object] = {
        "rule": rule,
        "line": line_of(rule, at=at),
        "log": log_lines(list(firings), at=at),
        "newly_named": campaigns_now_named(rule, request.user) if request.user.may_change else [],
    }
    sentence, campaigns = sentence_of(rule), list(rule.campaigns.select_related("connection").order_by("name", "pk"))
    if sentence is not None:
        context["now"] = right_now(sentence, campaigns, rule=rule, team=team_names(), at=at)
        if not wants_part(request):
            context["week"] = week_of(sentence, replay(sentence, campaigns, at=at))
    return render(request, page_or_part(request, "rules/detail.html", "live"), context)


@shows_typed_again
@only_for_changes
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    if request.method == "POST":
        return _posted(request, None)
    key = whole_number(request.GET.get("campaign", ""))
    campaign = Campaign.objects.visible_to(request.user).select_related("connection").filter(pk=key).first() if key else None
    return _form(request, EditedRule.new(request.user, campaign=campaign))


@shows_typed_again
@only_for_changes
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    rule = _rule(request, pk)
    if request.method == "POST":
        return _posted(request, rule)
    edited = EditedRule.stored(request.user, rule)
    if request.GET.get("named"):
        edited.campaigns.add_all(rule.every_named)
    return _form(request, edited)


def _posted(request: Request, rule: Rule | None) -> HttpResponse:
    do = request.POST.get("do", "")
    edited = EditedRule.posted(request.user, request.POST, rule, is_checked=do in CHECKED)
    is_valid = do in CHECKED and edited.is_valid()
    if do != "save":
        return _form(request, edited)
    if not is_valid:
        return _form(request, edited, status=422)
    sentence = edited.sentence()
    assert sentence is not None  # checked

    def act() -> FirstAnswer:
        saved = saving.save_rule(
            rule,
            name=edited.form.cleaned_data["name"],
            sentence=sentence,
            campaigns=edited.campaigns.chosen,
            every_named=edited.campaigns.every_named,
            sends_mail=edited.form.cleaned_data["sends_mail"],
            by=request.user,
            at=timezone.now(),
        )
        return FirstAnswer(url=reverse("rules:detail", args=[saved.pk]), says=_saved(saved))

    try:
        return once(request, act).redirect(request)
    except FormRefused as problem:
        edited.problems.append(str(problem))
        return _form(request, edited, status=422)


def _saved(rule: Rule) -> str:
    if rule.mode == Rule.Mode.DRY_RUN:
        return f"{rule} saved. It is in dry run: it does nothing until you turn it on."
    if rule.starts_are_dry:
        return f"{rule} saved. Its pauses continue in the new time zone; its starts are in dry run until you turn them on."
    return f"{rule} saved."


def _form(request: Request, edited: EditedRule, *, status: int = 200) -> HttpResponse:
    context: dict[str, object] = {"edited": edited, "form": edited.form, "rule": edited.rule, "most": MOST}
    context |= _preview(request, edited)
    template = "rules/form.html"
    if request.htmx and request.method == "POST":
        template += "#dry" if request.htmx.target == "dry" else "#sentence-and-dry"
    return render(request, template, context, status=status)


def _preview(request: Request, edited: EditedRule) -> dict[str, object]:
    """What the rule would have done, as soon as its sentence is whole."""
    checked = edited
    if not edited.form.is_bound:
        if request.method != "POST":
            return _preview_of(sentence_of(edited.rule), edited) if edited.rule else {}
        checked = EditedRule.posted(request.user, request.POST, edited.rule, is_checked=True)
    return _preview_of(checked.sentence(), edited)


def _preview_of(sentence: Sentence | None, edited: EditedRule) -> dict[str, object]:
    if sentence is None or not edited.campaigns.chosen:
        return {}
    at, campaigns = timezone.now(), edited.campaigns.chosen
    return {
        "week": week_of(sentence, replay(sentence, campaigns, at=at)),
        "now": right_now(sentence, campaigns, rule=edited.rule, team=team_names(), at=at),
        "words": in_words(sentence, edited.campaigns.words, team=team_names()),
    }


@only_for_changes
@require_safe
def turn_on(request: Request, pk: int) -> HttpResponse:
    """The question before a rule that stops campaigns is turned on."""
    rule = _rule(request, pk)
    page = "rules/turn_on.html#question" if request.htmx else "rules/turn_on.html"
    return render(request, page, {"rule": rule, "line": line_of(rule, at=timezone.now())})


@require_POST
def switch(request: Request, pk: int) -> HttpResponse:
    rule = _rule(request, pk)
    wanted = request.POST.get("mode", "")
    back = reverse("rules:detail", args=[pk]) if request.POST.get("next") != "list" else reverse("rules:list")
    if wanted not in MODES:
        return HttpResponseRedirect(back)

    def act() -> FirstAnswer:
        saving.set_mode(rule, MODES[wanted], by=request.user, at=timezone.now())
        return FirstAnswer(url=back, says=SAYS[wanted].format(rule))

    return _done(request, act, back)


@only_for_changes
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: Request, pk: int) -> HttpResponse:
    if request.method != "POST":
        page = "rules/remove.html#question" if request.htmx else "rules/remove.html"
        return render(request, page, {"rule": _rule(request, pk)})

    def act() -> FirstAnswer:
        rule = _rule(request, pk)
        saving.remove_rule(rule, by=request.user, at=timezone.now())
        return FirstAnswer(url=reverse("rules:list"), says=f"{rule} deleted. Its log stays in the activity of its campaigns.")

    return _done(request, act, reverse("rules:list"))


def _done(request: Request, act: Callable[[], FirstAnswer], back: str) -> HttpResponse:
    try:
        return once(request, act).redirect(request)
    except (FormRefused, ActionRefused) as problem:
        messages.error(request, str(problem))
        return HttpResponseRedirect(back)


@require_safe
def of_campaign(request: Request, pk: int) -> HttpResponse:
    """The rules of a campaign: a part of its page, or a page."""
    campaign = visible_campaign(request.user, pk)
    context = {"campaign": campaign, "rules": rules_of(campaign, request.user, at=timezone.now())}
    return render(request, page_or_part(request, "rules/of_campaign.html", "panel"), context)


@require_POST
def let_start(request: Request, pk: int) -> HttpResponse:
    """Rules may start a campaign again that a person paused or stopped."""
    campaign = visible_campaign(request.user, pk)
    back = _back(request, campaign)

    def act() -> FirstAnswer:
        is_new = overrides.let_rules_start(campaign, Click(by=request.user, at=timezone.now()))
        return FirstAnswer(url=back, says=f"Rules may start {campaign} again." if is_new else "Rules may start it already.")

    return _done(request, act, back)


@require_POST
def keep_running(request: Request, pk: int) -> HttpResponse:
    """No timed pause or stop of that day."""
    campaign = visible_campaign(request.user, pk)
    back = _back(request, campaign)
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        raise BadRequest("Invalid form.") from None
    if abs((day - timezone.now().date()).days) > MOST_DAYS:
        raise BadRequest("Invalid form.")

    def act() -> FirstAnswer:
        overrides.keep_running(campaign, day, Click(by=request.user, at=timezone.now()))
        return FirstAnswer(url=back, says=f"{campaign} keeps running today: no rule pauses or stops it at a time.")

    return _done(request, act, back)


def _back(request: Request, campaign: Campaign) -> str:
    """The page of ours that the click came from, if any."""
    return own_page(request, request.POST.get("next", ""), otherwise=reverse("campaigns:detail", args=[campaign.pk]))


def _rule(request: Request, pk: int) -> Rule:
    return get_object_or_404(Rule.objects.visible_to(request.user), pk=pk)


def _firings(request: Request) -> FiringQuerySet:
    shown = Q(rule__in=Rule.objects.visible_to(request.user).values("pk")) | Q(rule__removed_at__isnull=False)
    return Firing.objects.visible_to(request.user).filter(shown).select_related("rule", "campaign", "operation")
