"""A page's HTML, however its template is laid out."""

import re

from django.http import HttpResponseBase

# White space beside these means nothing on a page.
_BLOCKS = (
    "html|head|body|meta|link|title|div|section|aside|header|main|nav|form|fieldset|legend|p|h1|h2|h3|ul|ol|li|dl|dt|dd|table|thead"
    "|tbody|tfoot|tr|th|td|details|summary|dialog|noscript|button|select|option|svg|rect|pattern|use|script|!DOCTYPE"
)
_BESIDE_BLOCKS = re.compile(rf""" ?(</?(?:{_BLOCKS})\b(?:"[^"]*"|'[^']*'|[^>])*>) ?""", re.IGNORECASE)


def markup(answer: HttpResponseBase) -> str:
    """The HTML of an answer without the line breaks and indents of its template."""
    assert answer["Content-Type"].startswith("text/html")
    text = answer.content.decode()
    # What a person typed keeps its lines.
    parts = re.split(r"(<textarea.*?</textarea>)", text, flags=re.DOTALL)
    return "".join(part if part.startswith("<textarea") else _without_layout(part) for part in parts)


def _without_layout(text: str) -> str:
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" (/?>)", r"\1", text)
    return _BESIDE_BLOCKS.sub(r"\1", text)
