"""A known key, and every spelling in which it could leak."""

import base64
import html
import logging
import traceback
from pathlib import Path
from urllib.parse import quote, quote_plus

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection as database
from django_q.models import OrmQ


def spellings(key: str) -> set[str]:
    """Plain, encoded for addresses and pages, in base64 at all three alignments, in hexadecimal digits."""
    found = {key, quote(key, safe=""), quote(key), quote_plus(key), html.escape(key), key.encode().hex()}
    for skipped in range(3):
        # The ends of an encoding depend on the text around it; only the middle is the key's.
        whole = base64.b64encode(b"\0" * skipped + key.encode()).decode().rstrip("=")
        middle = whole[(4 if skipped else 0) : -2]
        found |= {middle, middle.replace("+", "-").replace("/", "_")}
    return found | {spelling.lower() for spelling in found if "%" in spelling}


def find(key: str, places: dict[str, str]) -> list[str]:
    """The places whose text contains the key, each with its surroundings."""
    leaks, sought = [], spellings(key)
    for place, text in places.items():
        for spelling in sought:
            at = text.find(spelling)
            if at >= 0:
                leaks.append(f"{place}: …{text[max(0, at - 60) : at + 80]!r}")
    return leaks


def rows() -> dict[str, str]:
    """Everything in the database, as text, unpacked."""
    places = {}
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {database.ops.quote_name(table)}")
            for number, row in enumerate(cursor.fetchall()):
                values = [bytes(value) if isinstance(value, memoryview) else value for value in row]
                places[f"{table} {number}"] = "\n".join(
                    value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in values
                )
    for session in Session.objects.all():
        places[f"session {session.pk}"] = str(SessionStore().decode(session.session_data))
    for queued in OrmQ.objects.all():
        places[f"queued {queued.pk}"] = str(queued.task)
    return places


def files(*folders: Path) -> dict[str, str]:
    """Every file below the folders, byte by byte."""
    return {
        str(path): path.read_bytes().decode("latin-1")
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def with_variables(problem: BaseException) -> str:
    """The traceback as an error tracker records it: with the values of all variables, and the causes."""
    return "".join(traceback.TracebackException.from_exception(problem, capture_locals=True).format())


def records(logged: list[logging.LogRecord]) -> dict[str, str]:
    """Log records as other handlers would see them: message, arguments, traceback with variables."""
    places = {}
    for number, record in enumerate(logged):
        places[f"log {number} {record.name}"] = record.getMessage() + repr(record.args)
        if record.exc_info and record.exc_info[1] is not None:
            places[f"log {number} {record.name}, traceback"] = with_variables(record.exc_info[1])
    return places
