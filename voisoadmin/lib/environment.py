"""Validates environment variables. An error names the variable, never its value, which may be a secret."""

import logging
import re

import phonenumbers
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from voisoadmin.lib.secrets import LaterSecret

HOST = r"([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])"
HOST_AND_PORT = re.compile(HOST + r":([0-9]{1,5})")
HOST_NAME = re.compile(HOST + r"|\*")
ORIGIN = re.compile(r"https?://(\*\.)?" + HOST + r"(:[0-9]{1,5})?")


def check(name: str, *, ok: bool, must: str) -> None:
    """Raises ImproperlyConfigured, which stops the start."""
    if not ok:
        raise ImproperlyConfigured(f"{name} {must}.")


def words(entries: list[str]) -> list[str]:
    """A list with the blanks after commas removed."""
    return [entry.strip() for entry in entries if entry.strip()]


def is_secret(text: str | LaterSecret) -> bool:
    if isinstance(text, LaterSecret):
        return True  # ours, once it is needed
    # Django has the same check, but only as a warning, and not every command runs it.
    return len(text.strip()) >= 50 and len(set(text)) >= 5


def is_fernet_key(text: str | LaterSecret) -> bool:
    if isinstance(text, LaterSecret):
        return True
    try:
        Fernet(text)
    except ValueError:
        return False
    return True


def is_host_name(text: str) -> bool:
    return HOST_NAME.fullmatch(text) is not None


def is_host_and_port(text: str) -> bool:
    match = HOST_AND_PORT.fullmatch(text)
    return match is not None and 0 < int(match[2]) < 65536


def is_origin(text: str) -> bool:
    return ORIGIN.fullmatch(text) is not None


def is_country(text: str) -> bool:
    return text in phonenumbers.SUPPORTED_REGIONS


def is_log_level(text: str) -> bool:
    return text in logging.getLevelNamesMapping()
