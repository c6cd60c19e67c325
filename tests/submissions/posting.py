"""Posting a form once, again, changed, and twenty times at once."""

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from tests.support.markup import markup
from voisoadmin.accounts.models import User

SENT_BEFORE = re.compile(r"This form was already sent at \d\d:\d\d\. Save again to apply your new values\.")
POSTS = 20


def said(answer: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def same(first: HttpResponse, again: HttpResponse) -> bool:
    """Whether both lead to the same page with the same message."""
    parts = [(answer.status_code, answer.headers.get("Location"), said(answer)[-1:]) for answer in (first, again)]
    return parts[0] == parts[1]


def refused(answer: HttpResponse, words: str | re.Pattern[str]) -> str:
    """The page that shows the form again, with the message and a new token."""
    page = markup(answer)
    assert answer.status_code == 422, answer
    assert re.search(words, page), page
    assert 'name="client_token"' in page
    return page


def at_once(user: User, address: str, *forms: Mapping[str, object]) -> list[HttpResponse]:
    """Post one form twenty times, or each of twenty once, all at the same moment."""
    posted = list(forms) * (POSTS if len(forms) == 1 else 1)
    together = Barrier(len(posted))
    clients = [Client() for _ in posted]
    for client in clients:
        client.force_login(user)

    def one(client: Client, form: Mapping[str, object]) -> HttpResponse:
        together.wait()
        try:
            return client.post(address, form)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(posted)) as pool:
        return list(pool.map(one, clients, posted))
