"""The forms of a row to fix. Those of one page differ by the row's number, its cell and a token, so they are drawn once."""

import re
import uuid
from secrets import randbelow, token_hex
from typing import Any

from django import template
from django.template.context import Context
from django.template.loader import get_template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages.rejects import CellInList

_ROW = 10**15 + randbelow(10**15)  # an address takes only a number; not to be guessed by a search, which a form holds
_SHOWN = f"{_ROW:,}"
_HASH, _TEXT = (f"{name}-{token_hex(8)}" for name in ("hash", "text"))
_TOKEN = re.compile('(?<=name="client_token" value=")[^"]*')
_DRAWN = "forms_of_rows"

register = template.Library()


@register.simple_tag(takes_context=True)
def dismiss_row(context: Context, upload: Upload, row: int, *, back: bool) -> SafeString:
    """`back`: it takes the row back to the list."""
    return _form(context, "uploads/dismiss.html", upload, row, back=back, row_shown=_SHOWN)


@register.simple_tag(takes_context=True)
def edit_cell(context: Context, upload: Upload, row: int, cell: CellInList) -> SafeString:
    facts = {"column": cell.column, "label": cell.label, "seen_hash": _HASH, "text": _TEXT}
    form = _form(context, "uploads/cell_in_list.html", upload, row, **{f"cell_{name}": fact for name, fact in facts.items()})
    # The text last: nothing in it is replaced.
    return mark_safe(form.replace(_HASH, escape(cell.seen_hash)).replace(_TEXT, escape(cell.text)))


def _form(context: Context, name: str, upload: Upload, row: int, **facts: Any) -> SafeString:
    request = context["request"]
    drawn: dict[Any, str] = request.__dict__.setdefault(_DRAWN, {})
    key = name, upload.pk, *facts.values()
    if key not in drawn:
        drawn[key] = get_template(name).render(_facts_of_page(context) | facts | {"upload": upload, "row": _ROW}, request)
    html = drawn[key].replace(_SHOWN, f"{row:,}").replace(str(_ROW), str(row))
    return mark_safe(_TOKEN.sub(str(uuid.uuid4()), html))  # a template's output with our own numbers


def _facts_of_page(context: Context) -> dict[str, Any]:
    """Where the answer leads."""
    return {"list": context.get("list", ""), "filters": context["listing"].wanted.url()}
