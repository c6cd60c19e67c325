"""One event, one line: contact data and answers of Voiso may hold line breaks of their own."""

import logging


class OneLineFormatter(logging.Formatter):
    """`2026-11-23 14:04:50 INFO voisoadmin.pushes message`, control characters escaped, tracebacks on the same line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
