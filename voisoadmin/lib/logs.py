"""One event, one line, although contact data and answers of Voiso may contain line breaks."""

import logging
import re

_ODD = re.compile(r"[^ -~]")  # may need escaping; nearly all of a log is plain ASCII


class ShortRefusals(logging.Filter):
    """Strips the traceback from requests that Django refused (for example, a foreign host), because scanners send
    thousands."""

    def filter(self, record: logging.LogRecord) -> bool:
        if 400 <= getattr(record, "status_code", 0) < 500:
            record.exc_info = record.exc_text = None
        return True


class OneLineFormatter(logging.Formatter):
    """`2026-11-23 14:04:50 INFO voisoadmin.pushes message`, control characters escaped, tracebacks on the same line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return _ODD.sub(lambda found: found[0] if found[0].isprintable() else repr(found[0])[1:-1], text)
