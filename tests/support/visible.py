"""What a person reads on a page."""

from html.parser import HTMLParser

SILENT = {"script", "style", "svg", "head"}
SPEAKING = {"title", "placeholder", "aria-label", "alt", "data-label"}
INLINE = {"a", "b", "bdi", "bdo", "code", "em", "i", "kbd", "mark", "small", "span", "strong", "sub", "sup", "time", "wbr"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.blocks, self.spoken, self._silent = [""], list[str](), 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        self.spoken += [value for name, value in attrs if name in SPEAKING and value]
        self._end_block(tag)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT
        self._end_block(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.blocks[-1] += data

    def _end_block(self, tag: str) -> None:
        if tag not in INLINE:
            self.blocks.append("")


def blocks_of(html: str) -> list[str]:
    """The text of a page block by block, and the texts of attributes that a browser shows or speaks."""
    reader = _Reader()
    reader.feed(html)
    return [" ".join(text.split()) for text in (*reader.blocks, *reader.spoken) if text.strip()]
