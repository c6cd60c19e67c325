"""An API key in memory."""

import base64
import html
import json
from urllib.parse import quote


class Key:
    """An API key that no repr, log or traceback shows by accident, not even one with the values of variables."""

    def __init__(self, text: str, *, beside: "Key | None" = None) -> None:
        self._text = text
        self._beside = beside  # another key of the same contact centre, which no text of ours may show either

    def reveal(self) -> str:
        return self._text

    def in_path(self) -> str:
        return quote(self._text, safe="")

    def spellings(self) -> tuple[str, ...]:
        """Its forms in an answer that repeats our request.

        A page shows Voiso's words, and an error page echoes the request in its own notation: as a URL, HTML, JSON, or the
        base64 of a header that a proxy repeats.
        """
        raw = self._text.encode()
        return (
            self._text,
            self.in_path(),
            quote(self._text),
            html.escape(self._text),
            self._text.replace("/", "\\/"),
            json.dumps(self._text)[1:-1],
            base64.b64encode(raw).decode().rstrip("="),
            base64.urlsafe_b64encode(raw).decode().rstrip("="),
            *(self._beside.spellings() if self._beside else ()),
        )

    def __repr__(self) -> str:
        return "[key]"
