"""Rows to fix as cards, one for each reason: of one upload, and of the latest uploads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import Q

from voisoadmin.contacts.reasons import EXPLAINED
from voisoadmin.contacts.wording import advice_of, sentence_of, title_of
from voisoadmin.pushes.models import Push
from voisoadmin.pushes.resent_rows import RESENDABLE
from voisoadmin.uploads.fixes.bulk import Offer, words_of
from voisoadmin.uploads.fixes.bulk_after_sending import fixes_after_sending, offers_after_sending, waiting_by_reason
from voisoadmin.uploads.models import Upload
from voisoadmin.uploads.pages import rejects_of_all
from voisoadmin.uploads.pages.rejects import ListFilter, counts

FIRST_CARDS = 8
UPLOADS, PUSHES = 8, 100  # as many are grouped; the list below them has all rows


@dataclass(frozen=True, slots=True)
class ReasonCard:
    """The rows with one reason, and what can be done with all of them."""

    code: str
    title: str
    sentence: str
    advice: str
    rows: int
    url: str  # the query of the list of these rows
    is_chosen: bool
    can_be_sent_again: bool
    fixes: list[Offer]


@dataclass(frozen=True, slots=True)
class UploadCards:
    upload: Upload
    rows: int
    cards: list[ReasonCard]

    @property
    def first(self) -> Sequence[ReasonCard]:
        return self.cards[:FIRST_CARDS]

    @property
    def more(self) -> Sequence[ReasonCard]:
        return self.cards[FIRST_CARDS:]


def of_upload(upload: Upload, wanted: ListFilter) -> UploadCards:
    """The cards of a sent upload, the commonest reason first."""
    offers = [] if wanted.dismissed else offers_after_sending(upload)
    rows_of_reasons = counts(upload.counters(), dismissed=wanted.dismissed)
    cards = [_card(code, rows, wanted, offers) for code, rows in rows_of_reasons.items()]
    return UploadCards(upload, sum(card.rows for card in cards), cards)


def of_everything(pushes: Sequence[Push], wanted: ListFilter) -> list[UploadCards]:
    """Those of the latest uploads with rows to fix. `pushes`: from `pushes_with_rows_to_fix`."""
    latest = list(islice(rejects_of_all.pushes_of_list(pushes, wanted), PUSHES))
    of_files = Upload.pushes.through.objects.filter(push__in=latest).values("upload")
    days = {push.intake_id for push in latest if push.intake_id is not None}
    # Joined to the pushes, PostgreSQL takes thirty times as long to plan it as to answer it.
    uploads = Upload.objects.filter(Q(pk__in=of_files) | Q(intake__in=days)).for_pages().order_by("-pk")
    return [of_upload(upload, wanted) for upload in uploads[:UPLOADS]]


def fixes_made(upload: Upload) -> list[dict[str, Any]]:
    """The repairs made after sending whose rows still wait, so that they can be taken back."""
    waiting = waiting_by_reason(upload)
    return [
        {"fix": fix, "words": f"{title_of(fix.reason)}: {words_of(fix)}", "fixed": (fix.ready_after or 0) - fix.ready_before}
        for fix in fixes_after_sending(upload)
        if fix.reason in waiting
    ]


def _card(code: str, rows: int, wanted: ListFilter, offers: Sequence[Offer]) -> ReasonCard:
    is_chosen = wanted.reason == code
    return ReasonCard(
        code=code,
        title=title_of(code),
        # Voiso may have explained some of these rows and not the others.
        sentence=EXPLAINED[code][0] if code in EXPLAINED else sentence_of(code),
        advice="" if code in EXPLAINED else advice_of(code),
        rows=rows,
        url=wanted.url(reason="" if is_chosen else code, bucket="", campaign=""),
        is_chosen=is_chosen,
        can_be_sent_again=code in RESENDABLE and not wanted.dismissed,
        fixes=[offer for offer in offers if offer.reason == code],
    )
