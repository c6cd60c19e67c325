"""The button of a row to fix. Those of one page differ by the row's number and a token, so they are drawn once."""

import re
import uuid
from typing import Any

from django import template
from django.template.context import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from voisoadmin.uploads.models import Upload

_ROW, _SHOWN = "row-0", "row-in-words-0"  # the form holds no text of a file
_TOKEN = re.compile('(?<=name="client_token" value=")[^"]*')
_DRAWN = "dismiss_forms"

register = template.Library()


@register.simple_tag(takes_context=True)
def dismiss_row(context: Context, upload: Upload, row: int, *, back: bool) -> SafeString:
    """`back`: it takes the row back to the list."""
    request = context["request"]
    drawn: dict[Any, str] = request.__dict__.setdefault(_DRAWN, {})
    key = upload.pk, back
    if key not in drawn:
        # `list` and the filters are those of the page.
        facts = {"upload": upload, "back": back, "list": context.get("list", ""), "filters": context["listing"].wanted.url()}
        drawn[key] = get_template("uploads/dismiss.html").render(facts | {"row": _ROW, "row_shown": _SHOWN}, request)
    html = drawn[key].replace(f'"{_ROW}"', f'"{row}"').replace(_SHOWN, f"{row:,}")
    return mark_safe(_TOKEN.sub(str(uuid.uuid4()), html))  # a template's output with our own numbers
