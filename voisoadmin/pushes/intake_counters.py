"""The counters of an intake, changed in the transaction that changes those of its pushes."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from voisoadmin.pushes.models import Counted, Intake

_NAMES = [field.name for field in Counted._meta.concrete_fields]
_ROWS = ""  # of a counter that has no reasons


class IntakeChanges:
    """What one transaction changes, written once at its end: each intake's rows then have a bucket again."""

    def __init__(self) -> None:
        self._changes: dict[int, dict[str, Counter[str]]] = {}
        self._taken = Counter[int]()

    def take(self, intake_id: int, rows: int) -> None:
        """Rows that waited are in a push now."""
        self._taken[intake_id] += rows

    def note(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """The values of a push that has changed. A draft counts from its confirmation on."""
        intake_id = after["intake_id"]
        if intake_id is None or after["confirmed_at"] is None:
            return
        changes = self._changes.setdefault(intake_id, {name: Counter() for name in _NAMES})
        for name, change in changes.items():
            change.update(_counts(after[name]))
            if before["confirmed_at"] is not None:
                change.subtract(_counts(before[name]))

    def write(self) -> None:
        for intake_id in sorted(self._changes.keys() | self._taken.keys()):
            changes = self._changes.get(intake_id, {})
            if not self._taken[intake_id] and not any(any(change.values()) for change in changes.values()):
                continue
            intake = Intake.objects.select_for_update().get(pk=intake_id)
            intake.waiting -= self._taken[intake_id]
            for name, change in changes.items():
                setattr(intake, name, _with(getattr(intake, name), change))
            intake.save(update_fields=["waiting", *changes])


def _counts(value: Any) -> Mapping[str, int]:
    return value if isinstance(value, dict) else {_ROWS: value}


def _with(value: Any, change: Counter[str]) -> Any:
    if not isinstance(value, dict):
        return value + change[_ROWS]
    counts = Counter(value)
    counts.update(change)
    return {code: rows for code, rows in counts.items() if rows}
