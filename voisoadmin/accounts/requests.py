"""The request type of our views."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from voisoadmin.accounts.models import User


class Request(HttpRequest):
    """A request after sign-in and the htmx middleware. Only for annotations; Django creates the object."""

    user: User
    htmx: HtmxDetails
