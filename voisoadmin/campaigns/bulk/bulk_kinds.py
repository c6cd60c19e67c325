"""Which job carries out a bulk of which kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from voisoadmin.campaigns.bulk.bulk_job import BulkJob

_jobs: dict[str, str] = {}


def register(kinds: Iterable[str], job: str) -> None:
    """Bulks of these kinds are carried out by this class, `package.module.Class`. In `AppConfig.ready`; it is loaded later."""
    _jobs.update(dict.fromkeys(map(str, kinds), job))


def bulk_kinds() -> list[str]:
    return list(_jobs)


def job_of(kind: str) -> type[BulkJob]:
    job: type[BulkJob] = import_string(_jobs[kind])
    return job
