"""The form of a rule: a main form, and one small form per line. Each line has all fields; its kind says which are shown."""

from collections.abc import Iterable
from functools import cache
from typing import Any, ClassVar

from babel import Locale
from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.http import QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from voisoadmin.assignments.models import Team
from voisoadmin.campaigns.statuses import STATUSES, Status
from voisoadmin.lib.zone_field import ZoneField
from voisoadmin.rules import sentence as words
from voisoadmin.rules.days_off import known_countries
from voisoadmin.rules.sentence import ASSIGNED, CENTRE, PRESET, TEAM, AtMostOnce, Join, Json, Since, Then, Which
from voisoadmin.rules.sentence_words import DAY_NAMES

DAYS = list(enumerate(DAY_NAMES))
THENS = [(Then.START, "start"), (Then.PAUSE, "pause"), (Then.STOP, "stop"), (Then.NOTIFY, "notify me")]
OFTEN = [
    (AtMostOnce.DAY, "once a day"),
    (AtMostOnce.HOUR, "once an hour"),
    (AtMostOnce.EACH_TIME, "each time it becomes true"),
]
STATES = [
    (status.value, STATUSES[status].word)
    for status in (Status.DRAFT, Status.ACTIVE, Status.AUTO_PAUSED, Status.PAUSED, Status.STOPPED)
]
LINES: dict[str, str] = {
    "times": "Add a time",
    "accepted": "Add a quota",
    "waiting_contacts": "Add contacts waiting",
    "agents": "Add agents",
    "auto_pause": "Add auto-pause",
}
AT_LEAST, FEWER = "at_least", "fewer_than"


def _select(choices: Iterable[tuple[str, str]], label: str, **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        choices=list(choices),
        required=False,
        widget=forms.Select(attrs={"class": "form-select", "aria-label": label}),
        **more,
    )


def _number(label: str, most: int, *, least: int = 1) -> forms.IntegerField:
    attrs = {"class": "form-control n2", "aria-label": label, "inputmode": "numeric"}
    return forms.IntegerField(required=False, min_value=least, max_value=most, widget=forms.NumberInput(attrs=attrs))


def _clock(label: str) -> forms.TimeField:
    # Not type="time": a browser shows that as its language does, with AM and PM.
    attrs = {"class": "form-control clock", "aria-label": label, "inputmode": "numeric", "placeholder": "09:00", "maxlength": 5}
    widget = forms.TimeInput(format="%H:%M", attrs=attrs)
    return forms.TimeField(required=False, input_formats=["%H:%M", "%H.%M", "%H%M", "%H"], widget=widget)


def _weekdays() -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        choices=DAYS, coerce=int, required=False, widget=forms.CheckboxSelectMultiple, empty_value=[]
    )


@cache
def _countries() -> list[tuple[str, str]]:
    """Those whose public holidays are known, by their names."""
    names = Locale("en").territories
    known = sorted((str(names.get(code, code)), code) for code in known_countries())
    return [("", "none"), *((code, name) for name, code in known)]


@cache
def _country_options() -> SafeString:
    return format_html_join("", '<option value="{}">{}</option>', _countries())


class CountrySelect(forms.Select):
    """Its many options never change: their markup is made once, not by a template for each option."""

    def render(
        self, name: str, value: object, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        option = format_html('<option value="{}"', value or "")
        options = SafeString(_country_options().replace(option, f"{option} selected", 1))
        return format_html(
            "<select{}>{}</select>", flatatt(self.build_attrs({"name": name}, (attrs or {}) | self.attrs)), options
        )


class LineForm(forms.Form):
    kind = forms.ChoiceField(choices=list(LINES.items()), widget=forms.HiddenInput)
    weekdays = _weekdays()
    at = _clock("Time")
    then = _select(THENS, "What to do then")
    since = _select([(Since.TODAY, "today"), (Since.START, "since the last start")], "Since when")
    bound = _select([(AT_LEAST, "at least"), (FEWER, "fewer than")], "How many")
    agents = _number("Number of agents", words.MOST_AGENTS)
    which = _select([(Which.AVAILABLE, "available"), (Which.WAITING, "waiting for the Dialer")], "Doing what")
    of = _select([], "Which agents")
    contacts = _number("Number of contacts", words.MOST_CONTACTS)
    minutes = _number("Minutes", words.MOST_MINUTES, least=0)

    SHOWN: ClassVar[dict[str, tuple[str, ...]]] = {
        "times": ("at", "weekdays", "then"),
        "accepted": ("contacts", "since"),
        "waiting_contacts": ("contacts",),
        "agents": ("bound", "agents", "of", "which", "minutes"),
        "auto_pause": ("minutes",),
    }
    MISSING: ClassVar[dict[str, str]] = {
        "at": "Enter a time, for example 09:00.",
        "contacts": "Enter a number of contacts.",
        "agents": "Enter a number of agents.",
        "minutes": "Enter a number of minutes.",
    }
    STARTING: ClassVar[dict[str, Json]] = {
        "times": {"weekdays": list(words.WORKDAYS), "then": Then.START},
        "accepted": {"since": Since.TODAY, "contacts": 500},
        "waiting_contacts": {"contacts": 100},
        "agents": {"bound": AT_LEAST, "agents": 3, "of": ASSIGNED, "which": Which.AVAILABLE, "minutes": 2},
        "auto_pause": {"minutes": 10},
    }

    def __init__(self, data: QueryDict | None = None, *, teams: Iterable[Team], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.use_required_attribute = False
        own = [(f"{TEAM}{team.pk}", f"agents of team {team.name}") for team in teams]
        whose = self.fields["of"]
        assert isinstance(whose, forms.ChoiceField)
        whose.choices = [(ASSIGNED, "assigned agents"), *own, (CENTRE, "agents of the contact centre")]

    @property
    def line_kind(self) -> str:
        return str(self["kind"].value() or "")

    @property
    def shown(self) -> list[forms.BoundField]:
        return [self[name] for name in self.SHOWN.get(self.line_kind, ())]

    def focus(self) -> None:
        """The keyboard continues in its first field."""
        self.fields[self.SHOWN[self.line_kind][0]].widget.attrs["autofocus"] = True

    @property
    def problems(self) -> list[str]:
        """Of the fields that are shown, and of the line."""
        names = ("kind", *self.SHOWN.get(self.line_kind, ()), "__all__")
        return list(dict.fromkeys(str(text) for name in names for text in self.errors.get(name, ())))

    def clean(self) -> Json:
        wanted = self.cleaned_data
        for name in self.SHOWN.get(wanted.get("kind", ""), ()):
            if name in self.MISSING and name not in self.errors and wanted.get(name) is None:
                self.add_error(name, self.MISSING[name])
        return wanted

    def part(self) -> Json:
        """As a sentence's JSON has it. Only for a line without problems."""
        wanted = self.cleaned_data
        match wanted["kind"]:
            case "times":
                line = {"weekdays": wanted["weekdays"], "at": f"{wanted['at']:%H:%M}", "then": wanted["then"] or Then.START}
                return {"kind": "times", "lines": [line]}
            case "accepted":
                return {"kind": "accepted", "since": wanted["since"] or Since.TODAY, "at_least": wanted["contacts"]}
            case "waiting_contacts":
                return {"kind": "waiting_contacts", "fewer_than": wanted["contacts"]}
            case "agents":
                return {
                    "kind": "agents",
                    "which": wanted["which"] or Which.AVAILABLE,
                    "of": wanted["of"] or ASSIGNED,
                    wanted["bound"] or AT_LEAST: wanted["agents"],
                    "minutes": wanted["minutes"],
                }
        return {"kind": "auto_pause", "minutes": wanted["minutes"]}

    @classmethod
    def initial_of(cls, part: Json) -> Json:
        """What the form shows for a stored condition, or for one time of a rule."""
        values = {key: value for key, value in part.items() if key not in ("fewer_than", "at_least")}
        number = part.get("at_least", part.get("fewer_than"))
        if part["kind"] == "agents":
            values |= {"bound": AT_LEAST if part.get("at_least") is not None else FEWER, "agents": number}
        elif number is not None:
            values["contacts"] = number
        return values


class SentenceForm(forms.Form):
    """All of a rule but its lines and campaigns."""

    name = forms.CharField(
        max_length=80,
        widget=forms.TextInput(attrs={"class": "form-control"}),
        error_messages={"required": "Enter a name."},
    )
    join = _select([(Join.ANY, "or"), (Join.ALL, "and")], "How the lines are joined")
    states = forms.MultipleChoiceField(choices=STATES, required=False, widget=forms.CheckboxSelectMultiple)
    then = _select(THENS, "What to do then")
    at_most_once = _select(OFTEN, "How often")
    window = _number("Minutes that a start may be late", words.MOST_WINDOW)
    hours_days = _weekdays()
    hours_from = _clock("Starts from")
    hours_to = _clock("Starts until")
    zone = ZoneField(label="Time zone")
    days_off = forms.ChoiceField(
        choices=_countries,
        required=False,
        widget=CountrySelect(attrs={"class": "form-select", "aria-label": "Days off"}),
    )
    sends_mail = forms.BooleanField(
        required=False,
        label="Email me when it acts or can't",
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )
    every_named = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)

    STARTING: ClassVar[Json] = {
        "join": Join.ANY,
        "then": Then.PAUSE,
        "at_most_once": AtMostOnce.DAY,
        "window": 10,
        "hours_days": list(PRESET.weekdays),
        "hours_from": PRESET.begin,
        "hours_to": PRESET.end,
    }

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.use_required_attribute = False
        self.fields["zone"].widget.attrs |= {
            "class": "form-control wide",
            "aria-label": "Time zone",
            "placeholder": "Europe/Berlin",
        }

    @property
    def hours_errors(self) -> list[str]:
        names = ("hours_from", "hours_to", "hours_days", "window", "days_off")
        return list(dict.fromkeys(str(error) for name in names for error in self.errors.get(name, ())))

    def data_with(self, parts: list[Json], *, only_times: bool) -> Json:
        """The whole sentence, as JSON has it."""
        wanted = self.cleaned_data
        begin, end = wanted.get("hours_from"), wanted.get("hours_to")
        hours = None
        if begin and end:
            hours = {"weekdays": wanted.get("hours_days", []), "from": f"{begin:%H:%M}", "to": f"{end:%H:%M}"}
        first = parts[0]["lines"][0]["then"] if only_times and parts else Then.PAUSE
        then = first if only_times else wanted.get("then") or Then.PAUSE
        starts = (not only_times and then == Then.START) or any(
            line["then"] == Then.START for part in parts if part["kind"] == "times" for line in part["lines"]
        )
        window = wanted.get("window")
        return {
            wanted.get("join") or Join.ANY: parts,
            "while": wanted.get("states", []),
            "then": then,
            "at_most_once": wanted.get("at_most_once") or AtMostOnce.DAY,
            "window": 10 if window is None else window,
            "hours": hours if starts else None,
            "zone": wanted.get("zone", ""),
            "days_off": wanted.get("days_off", "") if starts else "",
        }
