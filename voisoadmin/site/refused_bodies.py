"""The words for a request whose body isn't read."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from voisoadmin.runtime.server.bodies import BodyRefusal


@dataclass(frozen=True, slots=True)
class RefusedBody:
    heading: str
    cause: str
    advice: str
    way_out: str = "Go to campaigns"


def refused_body(request: HttpRequest, refusal: BodyRefusal) -> RefusedBody:
    if refusal == BodyRefusal.TOO_LARGE and not request.user.is_authenticated:
        return RefusedBody(
            "Sign in first", "A file this large is received only after you sign in.", "Sign in, then send it again.", "Sign in"
        )
    if refusal == BodyRefusal.TOO_LARGE:
        limits = f"The limit is {settings.MAX_CSV_MIB} MB for CSV and {settings.MAX_WORKBOOK_MIB} MB for a workbook."
        return RefusedBody("The file is too large", limits, "Split the file, or save the workbook as CSV.")
    if refusal == BodyRefusal.NO_ROOM:
        advice = "Ask an administrator to free some space, then send it again."
        return RefusedBody("The disk is full", "VoisoAdmin has no room for this.", advice)
    if refusal == BodyRefusal.TOO_SLOW:
        return RefusedBody("The connection was too slow", "Almost nothing arrived for a minute.", "Go back and send it again.")
    return RefusedBody("Bad request", "VoisoAdmin couldn't read this request.", "Scripts must send a Content-Length.")
