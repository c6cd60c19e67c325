"""The columns a person chose for a file's fields, kept for the next file with the same headers in the same contact centre.

They are suggestions: who is called is never decided by them, and an optional field takes a column only if its cells agree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from voisoadmin.contacts.column_choices import Chosen
from voisoadmin.contacts.fields import ACTIVE, PHONE
from voisoadmin.contacts.mapped import Mapped
from voisoadmin.uploads.models import RememberedColumns, Upload

DECIDE_WHO_IS_CALLED = frozenset({PHONE, ACTIVE})


def headers_hash(columns: Sequence[str]) -> str:
    names = sorted(" ".join(name.casefold().split()) for name in columns)
    return hashlib.sha256("\n".join(names).encode("utf-8", "replace")).hexdigest()


def remembered(upload: Upload, columns: Sequence[str]) -> RememberedColumns | None:
    """What is kept for these headers, unless the person who looks at the upload wants none of it."""
    if upload.choices.get("matches_again") or len(set(columns)) < len(columns):
        return None
    return RememberedColumns.objects.filter(
        connection=upload.campaign.connection_id, headers_hash=headers_hash(columns)
    ).first()


def suggested(upload: Upload, columns: Sequence[str]) -> dict[str, Chosen]:
    """The remembered columns of fields that this upload's own choices say nothing about."""
    kept = remembered(upload, columns)
    own: Mapping[str, Chosen] = upload.choices.get("mapping") or {}
    if kept is None:
        return {}
    taken = {at for wanted in own.values() for at in _places(wanted)}
    return {
        name: wanted
        for name, wanted in kept.columns.items()
        if name not in own and name not in DECIDE_WHO_IS_CALLED and taken.isdisjoint(_named(wanted, columns))
    }


def remember(upload: Upload, *, at: datetime) -> None:
    """Keep what a person chose for the columns of an upload that is being sent."""
    columns: Sequence[str] = upload.facts.get("columns", [])
    if len(set(columns)) < len(columns):
        return
    own: dict[str, Any] = {"connection_id": upload.campaign.connection_id, "headers_hash": headers_hash(columns)}
    chosen = upload.choices.get("mapping") or {}
    kept = RememberedColumns.objects.filter(**own)
    if not chosen:
        if upload.choices.get("matches_again"):
            kept.delete()
        else:
            kept.update(at=at)
        return
    mapped = upload.mapped
    earlier = None if upload.choices.get("matches_again") else kept.first()
    before: dict[str, Any] = earlier.columns if earlier is not None else {}
    names = {name: _by_name(mapped.get(name), columns) for name in {PHONE, *chosen}}
    RememberedColumns.objects.update_or_create(
        **own, defaults={"columns": {**before, **names}, "file_name": upload.file_name, "at": at}
    )


def _by_name(mapped: Mapped | None, columns: Sequence[str]) -> dict[str, Any] | None:
    if mapped is None:
        return None
    return {"columns": [columns[at] for at in mapped.columns], "join": mapped.join.value, "constant": mapped.constant}


def _places(wanted: Chosen) -> list[int]:
    if isinstance(wanted, Mapping):
        return [at for at in wanted.get("columns", ()) if isinstance(at, int)]
    return [wanted] if isinstance(wanted, int) else []


def _named(wanted: Any, columns: Sequence[str]) -> set[int]:
    names = set(wanted["columns"]) if wanted else set()
    return {at for at, name in enumerate(columns) if name in names}
