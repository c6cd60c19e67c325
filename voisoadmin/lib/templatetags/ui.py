"""Shared display: icons, times, durations, shares, the token of a form."""

import functools
import re
import uuid
from datetime import datetime

from django import forms, template
from django.contrib.auth.base_user import AbstractBaseUser
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from voisoadmin.lib.form_owner import OWNER, owner_mark
from voisoadmin.lib.places import PROGRAM, STATIC
from voisoadmin.lib.times import DAY, about, duration, exact, relative, short_date
from voisoadmin.lib.zones import zones_to_choose

register = template.Library()


@functools.cache
def _symbols() -> frozenset[str]:
    return frozenset(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8")))


@register.simple_tag
@functools.cache  # a page has about thirty; uncached they take a seventh of its render time
def icon(name: str, css: str = "") -> SafeString:
    """An icon from the sprite. Decorative: the word is next to it. A loader spins."""
    if name not in _symbols():
        raise template.TemplateSyntaxError(f"static/icons.svg has no symbol {name!r}.")
    classes = " ".join(filter(None, ["icon", css, "spin" if name == "loader-2" else ""]))
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', classes, static("icons.svg"), name)


@register.simple_tag
def program() -> str:
    """What a person types before the name of a command."""
    return PROGRAM


@register.simple_tag
def client_token() -> SafeString:
    """One effect per click: every rendering of a form gets a new token."""
    return mark_safe(f'<input type="hidden" name="client_token" value="{uuid.uuid4()}">')  # our own


@register.simple_tag
def typed_by(user: AbstractBaseUser) -> SafeString:
    """In a form that is shown again, as it was typed, after its session had ended (submissions/typed_again.py)."""
    return format_html('<input type="hidden" name="{}" value="{}">', OWNER, owner_mark(user.pk))


@register.simple_tag
@functools.cache  # some 500 options, the same for as long as the process lives
def time_zones() -> SafeString:
    """What a field with `list="time-zones"` offers; once on a page."""
    options = format_html_join("", '<option value="{}"></option>', ((name,) for name in zones_to_choose()))
    return format_html('<datalist id="time-zones">{}</datalist>', options)


@register.simple_block_tag
def blank(content: SafeString, title: str, query: str = "") -> SafeString:
    """What is shown instead of an empty list, with what was searched for: `{% blank "No X yet" %}What to do.{% endblank %}`."""
    searched = f" “{query}”" if query else ""
    return format_html('<div class="blank"><b hx-disable>{}{}</b> {}</div>', title, searched, content)


def _time(moment: datetime, words: str) -> SafeString:
    return mark_safe(f'<time datetime="{moment.isoformat()}" title="{exact(moment)}">{words}</time>')  # digits and our words


@register.simple_tag
def when(moment: datetime | None, suffix: str = "", at: datetime | None = None) -> SafeString:
    """`<time>34 min</time>`; with `"ago"` as suffix `34 min ago`, but never `19 Nov ago`. Empty without a moment."""
    if moment is None:
        return SafeString("")
    at = at or timezone.now()
    words = relative(moment, at=at)
    if suffix and abs((at - moment).total_seconds()) < DAY:
        words = f"{words} {suffix}"
    return _time(moment, words)


@register.simple_tag
def clock(moment: datetime | None, at: datetime | None = None, *, short: bool = False) -> SafeString:
    """For logs: `14:04:50` of today, `22 Nov 14:04:50` of another day; `short` without seconds."""
    if moment is None:
        return SafeString("")
    at = at or timezone.now()
    local = timezone.localtime(moment)
    words = f"{local:%H:%M}" if short else f"{local:%H:%M:%S}"
    if local.date() != timezone.localtime(at).date():
        words = f"{short_date(moment, at=at)} {words}"
    return _time(moment, words)


register.filter("duration", duration)
register.simple_tag(duration, name="duration")
register.filter("about", about)


@register.filter("share")
def share(part: int, whole: int) -> str:
    """The part in per cent: `12.3 %`, never `0.0 %` for something, never `100.0 %` for less than all."""
    if not whole:
        return "0%"
    percent = 100 * part / whole
    if part and percent < 0.1:
        return "<0.1%"
    if part < whole and percent > 99.9:
        return ">99.9%"
    return f"{percent:.1f}%" if percent % 100 else f"{percent:.0f}%"


register.simple_tag(share, name="share")


@register.inclusion_tag("parts/search.html")
def search(
    value: str | None, placeholder: str, label: str, *, name: str = "q", id: str = "", is_second: bool = False
) -> dict[str, object]:
    """The field of a search. `is_second`: the key / leads to another one of the page."""
    shown = {"value": value or "", "placeholder": placeholder, "label": label, "name": name}
    return shown | {"id": id, "is_second": is_second}


@register.inclusion_tag("parts/field.html")
def field(bound: forms.BoundField) -> dict[str, object]:
    """A form's field with label, hint and errors, as the look has it: `{% field form.name %}`."""
    kind = bound.field.widget
    css = "form-control"
    if isinstance(kind, forms.CheckboxInput | forms.RadioSelect):
        css = "form-check-input"
    elif isinstance(kind, forms.Select):
        css = "form-select"
    several = isinstance(kind, forms.CheckboxSelectMultiple)
    if several:
        css = ""  # its list would get the class as well, and look like one tick
    return {
        "field": bound,
        "widget": bound.as_widget(attrs={"class": css} if css else {}),
        "is_tick": isinstance(kind, forms.CheckboxInput),
        "is_ticks": several,
    }
