"""Keys never leave this process in words: every text that may contain an address or an answer passes through here."""

import logging
import re

LEGACY_PATH = re.compile(r"(/api/v1/)[^/\s\"']+")
KEY_QUERY = re.compile(r"([?&]key=)[^&\s\"']+")
BEARER = re.compile(r"(Bearer\s+)[^\s\"']+", re.IGNORECASE)


def redact(text: str, *secrets: str) -> str:
    """Return the text without keys: the given ones anywhere, and anything in a place where a key would be."""
    for secret in secrets:
        if secret:
            # Ignore case: escapes are written both ways, and some servers repeat text in lower case.
            text = re.sub(re.escape(secret), "[key]", text, flags=re.IGNORECASE)
    for pattern in (LEGACY_PATH, KEY_QUERY, BEARER):
        text = pattern.sub(r"\1[key]", text)
    return text


class KeyFilter(logging.Filter):
    """Redacts every log record, tracebacks included."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        return True
