"""Repairs of all rows with a reason: offered with what they make ready, applied by a new check of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from voisoadmin.contacts.bare_digits import OPEN_CODES
from voisoadmin.contacts.questions import COUNTRY, open_ones
from voisoadmin.contacts.repair_offers import label_of
from voisoadmin.contacts.repairs import Rule
from voisoadmin.contacts.wording import title_of
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.operations.services import ask, record_done
from voisoadmin.uploads.fixes.refusals import NOT_OFFERED, NotEditable, Stale, check_again, locked
from voisoadmin.uploads.models import Fix, Upload

MANY_ROWS = 20_000  # from here on a fix is open in the Activity until its check has ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    key: str  # names it in a form
    label: str  # of its button
    kind: str
    parameters: Mapping[str, Any]
    reason: str
    field: str
    column: str
    rows: int  # to fix, with this reason
    before: tuple[str, ...]  # up to three cells,
    after: tuple[str, ...]  # and what becomes of them
    ready_before: int
    ready_after: int | None  # None if there were too many rows to count

    @property
    def examples(self) -> list[tuple[str, str]]:
        return list(dict.fromkeys(zip(self.before, self.after, strict=True)))

    @property
    def examples_in_words(self) -> str:
        return "\n".join(f"{before} → {after}" for before, after in self.examples)


def offers(upload: Upload) -> list[Offer]:
    """The repairs that fit the rows to fix, as the last check found them; nothing before a check."""
    draft = upload.draft
    if upload.stage != Upload.Stage.CHECKED or draft is None:
        return []
    is_asked = any(question["code"] == COUNTRY for question in open_ones(upload.notices))
    # The question above the rows asks the same.
    return [offer for offer in stored_offers(upload, draft.reasons) if not (is_asked and offer.reason in OPEN_CODES)]


def stored_offers(upload: Upload, open_rows: Mapping[str, int]) -> list[Offer]:
    """The repairs that the last check found for rows that are still to fix. `open_rows`: these, by reason."""
    ready = upload.draft.pending if upload.draft is not None else 0
    found = []
    for stored in upload.notices.get("repairs", []):
        rows = min(stored["rows"], open_rows.get(stored["reason"], 0))
        if not rows:
            continue  # all were fixed by hand
        more = stored["more_ready"]
        found.append(
            Offer(
                key=stored["key"],
                label=label_of(Rule(stored["kind"], stored["reason"], stored["field"], stored["parameters"])),
                kind=stored["kind"],
                parameters=stored["parameters"],
                reason=stored["reason"],
                field=stored["field"],
                column=stored["column"],
                rows=rows,
                before=tuple(stored["before"]),
                after=tuple(stored["after"]),
                ready_before=ready,
                ready_after=None if more is None else ready + more,
            )
        )
    return found


@transaction.atomic
def apply_fix(upload: Upload, key: str, *, version: int, click: Click) -> Fix:
    """Apply one offered repair to all rows that it fits. Raises Stale or NotEditable."""
    current = _current(upload, version)
    offer = next((offer for offer in offers(current) if offer.key == key), None)
    if offer is None:
        raise NotEditable(NOT_OFFERED)
    fix = fix_made(current, offer, click)
    fix.operation = record_fix(Operation.Kind.FIX_ROWS, current, fix, click)
    fix.save(update_fields=["operation"])
    check_again(current)
    return fix


@transaction.atomic
def undo_fix(upload: Upload, fix_id: int, *, version: int, click: Click) -> None:
    """Put the cells back. Raises Stale or NotEditable."""
    current = _current(upload, version)
    fix = current.fixes.filter(pk=fix_id, undone_at=None).first()
    if fix is None:
        raise NotEditable(NOT_OFFERED)
    Fix.objects.filter(pk=fix.pk).update(undone_at=click.at)
    record_fix(Operation.Kind.UNDO_FIX, current, fix, click)
    check_again(current)


def fixes_in_force(upload: Upload) -> list[Fix]:
    return list(upload.fixes.filter(undone_at=None).order_by("-pk"))


def words_of(fix: Fix) -> str:
    """What the repair does."""
    return label_of(Rule(fix.kind, fix.reason, fix.field, fix.parameters))


def _current(upload: Upload, version: int) -> Upload:
    current = locked(upload)
    if current.version != version:
        raise Stale(current)
    return current


def fix_made(upload: Upload, offer: Offer, click: Click) -> Fix:
    return Fix.objects.create(
        upload=upload,
        sheet=str(upload.facts.get("sheet") or ""),
        kind=offer.kind,
        parameters=dict(offer.parameters),
        reason=offer.reason,
        field=offer.field,
        column=offer.column,
        rows=offer.rows,
        ready_before=offer.ready_before,
        by=click.by,
        by_label=click.label[:200],
        at=click.at,
    )


def record_fix(kind: Operation.Kind, upload: Upload, fix: Fix, click: Click) -> Operation:
    words = f"{title_of(fix.reason)}: {words_of(fix)}"
    record = ask if fix.rows > MANY_ROWS else record_done
    return record(kind, upload.subject, click, request={"fix": words, "rows": fix.rows})
