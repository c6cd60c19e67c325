"""Every check of a password: limited wrong ones, and one at a time. A refused attempt is answered at once."""

import logging
import math
from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from voisoadmin.accounts.browsers import browser_of
from voisoadmin.accounts.client_addresses import client_address, network_of
from voisoadmin.accounts.gate import Gate, NoPlace
from voisoadmin.accounts.models import User
from voisoadmin.accounts.signals import sign_in_failed
from voisoadmin.accounts.wrong_passwords import Try, account_key
from voisoadmin.lib.times import duration

logger = logging.getLogger(__name__)

gate = Gate()


class TryLater(Exception):
    """The password wasn't checked. The message is for a person."""

    def __init__(self, seconds: float, why: str) -> None:
        self.seconds = max(1, math.ceil(seconds))
        in_words = f" ({duration(self.seconds)})" if self.seconds > 60 else ""
        unit = "second" if self.seconds == 1 else "seconds"
        super().__init__(f"{why} Try again in {self.seconds} {unit}{in_words}.")


def check_password(request: HttpRequest, name: str, check: Callable[[], User | None]) -> User | None:
    """The user with this password, as `check` finds out; None, and one more failure, if it is wrong. Raises TryLater.

    Names without a user are counted, refused and answered like all others, so that nothing shows which exist.
    """
    user = User.objects.filter(username=name).first()
    attempt = _try(request, user, name)
    _refuse_what_is_too_much(attempt)
    try:
        with gate.turn(is_known=attempt.is_known):
            _refuse_what_is_too_much(attempt)  # the attempts before ours may have failed meanwhile
            found = check()
            if found is None:
                _note_failure(attempt, user, client_address(request))
            return found
    except NoPlace:
        raise TryLater(gate.seconds, "Many people are signing in.") from None


def _try(request: HttpRequest, user: User | None, name: str) -> Try:
    browser = browser_of(request)
    is_known = user is not None and (browser.knows(user.pk, at=timezone.now()) or request.user.pk == user.pk)
    return Try(
        account=account_key(user, name),
        address=network_of(client_address(request)),
        browser=(browser.id or "signed in") if is_known else "",
        is_known=is_known,
    )


def _refuse_what_is_too_much(attempt: Try) -> None:
    if seconds := attempt.wait(timezone.now()):
        raise TryLater(seconds, "Too many failed sign-ins.")


def _note_failure(attempt: Try, user: User | None, address: str) -> None:
    at = timezone.now()
    with transaction.atomic():
        attempt.count(at)
        sign_in_failed.send(sender=User, user=user, address=attempt.address, at=at)
    seconds = attempt.wait(at)
    logger.warning(
        "Failed sign-in %s from %s%s",
        f"for {user.username}" if user else "with an unknown username",
        address or "an unknown address",
        f"; further tries are refused for {seconds} s" if seconds else "",
    )
