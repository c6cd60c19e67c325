"""A source that posts leads, as a program outside does: over the whole stack of middleware, without a cookie."""

import itertools
from typing import Any, NamedTuple

import orjson
from django.test import Client
from django.utils import timezone

from voisoadmin.campaigns.models import Campaign
from voisoadmin.feeds.models import Feed
from voisoadmin.feeds.services import create_feed, create_token
from voisoadmin.lib.secrets import Secret
from voisoadmin.operations.clicks import Click

_keys = itertools.count(1)


def click() -> Click:
    return Click(by=None, by_label="Ada", at=timezone.now())


class Source(NamedTuple):
    feed: Feed
    token: Secret
    client: Client

    @property
    def address(self) -> str:
        return f"/api/v1/feeds/{self.feed.public_id}/leads"

    def post(self, leads: Any, *, key: str = "", token: str = "", content_type: str = "application/json", **headers: str):
        """`leads`: bytes are the body as it is."""
        return self.client.post(
            self.address,
            leads if isinstance(leads, bytes) else orjson.dumps(leads),
            content_type=content_type,
            headers={
                "Authorization": f"Bearer {token or self.token}",
                "Idempotency-Key": key or f"key-{next(_keys)}",
                **headers,
            },
        )

    def status(self, address: str, token: str = ""):
        return self.client.get(address, headers={"Authorization": f"Bearer {token or self.token}"})


def a_source(campaign: Campaign, *, name: str = "Website form", writing: str = "refuse", **options: Any) -> Source:
    feed = create_feed(campaign, name=name, writing=writing, click=click(), **options)
    return Source(feed, create_token(feed, click()), Client(enforce_csrf_checks=True))


def outcomes(answer) -> list[tuple[str, str]]:
    return [(lead["outcome"], lead["code"]) for lead in answer.json()["leads"]]
