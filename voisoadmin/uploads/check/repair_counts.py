"""The repairs that are offered for the rows to fix, with what each makes ready: counted at the end of a check."""

from collections.abc import Iterable, Sequence
from typing import Any

from voisoadmin.contacts.mapped import Mappings, in_words
from voisoadmin.contacts.repair_offers import key_of, repaired, rules_for
from voisoadmin.contacts.repairs import LEAVE_ROWS_OUT
from voisoadmin.phones import Reader
from voisoadmin.pushes.known_contacts import known_numbers
from voisoadmin.pushes.models import Push
from voisoadmin.uploads.check.reason_samples import ReasonSamples
from voisoadmin.uploads.intake.number_index import NumberIndex, opened
from voisoadmin.uploads.models import Upload

MOST_REASONS = 20
SHOWN = 3
AT_ONCE = 2_000


def count_repairs(
    upload: Upload, draft: Push, samples: ReasonSamples, reader: Reader, fields: Mappings, columns: Sequence[str]
) -> list[dict[str, Any]]:
    """As stored; the reasons of most rows first."""
    offers: list[dict[str, Any]] = []
    with opened(upload.stored_name, draft.pk) as index:
        for field, reason in sorted(samples.rows, key=lambda key: -samples.rows[key])[:MOST_REASONS]:
            key = field, reason
            cells = samples.cells.get(key, [])
            for rule in rules_for(field, reason, cells, reader):
                made = repaired(rule, cells, reader)
                if not made and rule.kind != LEAVE_ROWS_OUT:
                    continue
                more = _made_ready(upload, index, {one.number for one in made}) if samples.is_whole(key) else None
                offers.append(
                    {
                        "key": key_of(rule),
                        "kind": rule.kind,
                        "parameters": dict(rule.parameters),
                        "reason": reason,
                        "field": field,
                        "column": in_words(fields[field], columns) if field in fields else "",
                        "rows": samples.rows[key],
                        "before": [one.before for one in made[:SHOWN]],
                        "after": [f"+{one.number}" for one in made[:SHOWN]],
                        "more_ready": more,
                    }
                )
    return offers


def _made_ready(upload: Upload, index: NumberIndex | None, numbers: Iterable[str]) -> int | None:
    """How many of these numbers no other row has, and are to be sent."""
    if index is None:
        return None
    new = [number for number in numbers if not (index.rows(int(number), most=1) or index.said(int(number)))]
    if not upload.leaves_known_out:
        return len(new)
    lane = upload.campaign.lane
    known = sum(len(known_numbers(lane, new[at : at + AT_ONCE])) for at in range(0, len(new), AT_ONCE))
    return len(new) - known
