"""`POST /api/v1/feeds/<id>/leads`: takes leads of an application in. The answer comes after the commit.

The order is part of the promise: a valid token first, then the answer that was given before, and only then whatever may
have changed since, as a limit or a pause.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from voisoadmin.feeds.accepting import (
    FeedPaused,
    KeptRequest,
    Post,
    TooManyWaiting,
    accept,
    answer_of,
    digest_of_body,
    kept_request,
)
from voisoadmin.feeds.lead_json import MOST_BYTES, WrongShape, leads_of
from voisoadmin.feeds.lead_judging import judge
from voisoadmin.feeds.lead_status import status_of
from voisoadmin.feeds.models import LONGEST_KEY, FeedRequest
from voisoadmin.feeds.post_limits import limits
from voisoadmin.feeds.refused_posts import count_refusal
from voisoadmin.feeds.tokens import OpenFeed, feed_of, token_of_header
from voisoadmin.lib.clock import monotonic
from voisoadmin.lib.lock_waits import LockedTooLong

PAUSED_SECONDS = 60  # until a paused feed is to be asked again
FULL_SECONDS = 60
LOCKED_SECONDS = 1
JSON_TYPE = "application/json"
KEY = re.compile(rf"[^\x00-\x1f\x7f]{{1,{LONGEST_KEY}}}")


@dataclass(frozen=True)
class ApiRefusal(Exception):
    """An answer other than 202. The message repeats nothing of the request."""

    status: int
    code: str
    message: str
    retry_after: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


def leads(request: HttpRequest, public_id: str) -> HttpResponse:
    return _answered(lambda: _post(request, public_id), request, "POST")


def status(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    return _answered(lambda: _status(request, public_id, pk), request, "GET", "HEAD")


def _answered(answer: Callable[[], HttpResponse], request: HttpRequest, *methods: str) -> HttpResponse:
    try:
        if request.method not in methods:
            allowed = {"Allow": ", ".join(methods)}
            raise ApiRefusal(405, "wrong_method", f"Send {methods[0]} to this address.", headers=allowed)
        return answer()
    except ApiRefusal as refusal:
        return refused(refusal)


def refused(refusal: ApiRefusal) -> HttpResponse:
    headers = dict(refusal.headers)
    if refusal.retry_after:
        headers["Retry-After"] = str(refusal.retry_after)
    return _json({"code": refusal.code, "message": refusal.message}, refusal.status, headers)


def _json(body: Mapping[str, Any] | bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    own = {"X-Frame-Options": "DENY", **(headers or {})}
    return HttpResponse(
        body if isinstance(body, bytes) else orjson.dumps(body), status=status, content_type=JSON_TYPE, headers=own
    )


def _authenticated(request: HttpRequest, public_id: str) -> OpenFeed:
    found = feed_of(public_id, token_of_header(request.headers.get("Authorization", "")))
    if found is None:
        message = "The token is missing, wrong or revoked, or there is no such feed. Send “Authorization: Bearer TOKEN”."
        raise ApiRefusal(401, "unauthorized", message, headers={"WWW-Authenticate": "Bearer"})
    return found


def _post(request: HttpRequest, public_id: str) -> HttpResponse:
    began, at = monotonic(), timezone.now()
    feed = _authenticated(request, public_id)
    try:
        return _json(_kept(request, feed, began, at), 202)
    except ApiRefusal as refusal:
        count_refusal(public_id, refusal.status, refusal.code, at=at)
        raise


def _kept(request: HttpRequest, feed: OpenFeed, began: float, at: datetime) -> bytes:
    _check_type(request)
    key = _key_of(request)
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise ApiRefusal(413, "too_large", "The body is larger than 1 MB. Send fewer leads at once.")
    post = Post(feed, key, digest_of_body(body), began, at)
    earlier = kept_request(feed, key)
    if earlier is None:
        earlier = _accepted(post, body)
    if earlier.body_digest != post.body_digest:
        message = "This Idempotency-Key was used with another body. Use a new key for new leads."
        raise ApiRefusal(422, "key_used", message)
    return answer_of(earlier, feed.public_id)


def _accepted(post: Post, body: bytes) -> KeptRequest:
    feed = post.feed
    if wait := limits.wait_for_request(feed.token_id):
        raise ApiRefusal(429, "too_many_requests", "Too many requests in a minute.", wait)
    if feed.is_closed:
        raise ApiRefusal(503, "closed", "The contact centre of this feed was removed.", PAUSED_SECONDS)
    if feed.is_paused:
        raise _paused()
    try:
        posted = leads_of(body)
    except WrongShape as problem:
        raise ApiRefusal(400, "wrong_shape", str(problem)) from None
    if wait := limits.wait_for_leads(feed.token_id, len(posted)):
        raise ApiRefusal(429, "too_many_leads", "Too many leads in a minute.", wait)
    judgement = judge(posted, writing=feed.writing, region=feed.country, lowest_priority=feed.lowest_priority)
    try:
        return accept(post, judgement)
    except FeedPaused:
        raise _paused() from None
    except TooManyWaiting:
        message = "Too many leads wait for this campaign, so no more are accepted for now."
        raise ApiRefusal(429, "too_many_waiting", message, FULL_SECONDS) from None
    except LockedTooLong:
        message = "Another request is still being written. Send this one again with the same key."
        raise ApiRefusal(409, "in_progress", message, LOCKED_SECONDS) from None


def _paused() -> ApiRefusal:
    return ApiRefusal(503, "paused", "The feed is paused. Send the leads again later, with the same key.", PAUSED_SECONDS)


def _check_type(request: HttpRequest) -> None:
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    if request.content_type != JSON_TYPE or charset not in {"utf-8", "utf8"}:
        raise ApiRefusal(415, "wrong_type", "Send “Content-Type: application/json”, in UTF-8.")


def _key_of(request: HttpRequest) -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if not KEY.fullmatch(key):
        message = f"Send an “Idempotency-Key” of 1 to {LONGEST_KEY} characters: the same one when you repeat a request."
        raise ApiRefusal(400, "no_key", message)
    return key


def _status(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    feed = _authenticated(request, public_id)
    found = FeedRequest.objects.filter(feed=feed.pk, pk=pk).first()
    if found is None:
        raise ApiRefusal(404, "unknown_request", "There is no such request, or it was more than 30 days ago.")
    return _json(status_of(found))
