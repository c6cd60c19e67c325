"""Two people press Resend at the same moment: the rows go out once, and who was second sees the new counts."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.contrib.messages import get_messages
from django.db import connection as database
from django.test import Client
from django.urls import reverse

from tests.pushes.support import Cast, numbers
from voisoadmin.pushes.audit import audit
from voisoadmin.uploads.models import Upload

PEOPLE = 2


def test_rows_are_sent_again_once(transactional_db, sandbox, campaign, give, page, ines):
    cast, given = Cast(sandbox, campaign), numbers(5)
    upload = give("phone\n" + "".join(f"+{number}\n" for number in given))
    form = {"client_token": uuid.uuid4(), "version": upload.version}
    page.post(reverse("uploads:send", args=[upload.pk]), form)
    page.post(reverse("uploads:cancel", args=[upload.pk]), {"client_token": uuid.uuid4()})
    together = Barrier(PEOPLE)

    def press(_: int) -> list[str]:
        client = Client()
        client.force_login(ines)
        together.wait()
        try:
            form = {"client_token": uuid.uuid4(), "what": "rest", "rows": 5}
            answer = client.post(reverse("uploads:resend", args=[upload.pk]), form)
            return [str(message) for message in get_messages(answer.wsgi_request)]
        finally:
            database.close()

    with ThreadPoolExecutor(PEOPLE) as pool:
        said = [words for words in pool.map(press, range(PEOPLE)) if words]

    assert len(said) == PEOPLE - 1
    assert all("none of them can be sent again now" in words[0] for words in said)
    assert Upload.objects.get().pushes.count() == 2
    cast.drain()
    assert audit() == []
    assert sum(push.added for push in upload.pushes.all()) == 5
