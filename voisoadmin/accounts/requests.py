"""The request as our views know it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from voisoadmin.accounts.models import User


class Request(HttpRequest):
    """A request after sign-in and the htmx middleware. For annotations only; Django makes the object."""

    user: User
    htmx: HtmxDetails
