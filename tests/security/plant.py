"""Runs in an installation as someone who can write to its database: queues jobs, and plants code wherever the queue may
load it.

Prints the files that exist once some of that code has run; arguments: the folder for them.
"""

import base64
import json
import pickle
import sys
from datetime import timedelta
from pathlib import Path

import django
from django.core import signing

django.setup()

from django.apps import apps  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_q.models import OrmQ, Schedule, Task  # noqa: E402
from django_q.signing import PickleSerializer  # noqa: E402
from django_q.tasks import async_task  # noqa: E402
from picklefield.fields import PickledObjectField  # noqa: E402

FOLDER = Path(sys.argv[1])


class Bomb:
    def __init__(self, name: str) -> None:
        self.path = FOLDER / name

    def __reduce__(self):
        return Path.touch, (self.path,)


def pickled(name: str) -> bytes:
    return pickle.dumps(Bomb(name))


def pickle_fields() -> list[models.Field]:
    """Every field of every table whose rows are unpickled when they are read."""
    tables = [model for model in apps.get_models() if not model._meta.proxy]
    return [field for model in tables for field in model._meta.fields if isinstance(field, PickledObjectField)]


def plant_results(queued: OrmQ, *, success: bool) -> None:
    """A stored result under the ID of a queued task, with code in each of its pickles."""
    now = timezone.now()
    row = {"id": queued.task_id(), "name": queued.name(), "func": "x", "started": now, "stopped": now, "success": success}
    Task.objects.create(**row, attempt_count=0)
    for field in pickle_fields():
        text = base64.b64encode(pickled(f"{field.model.__name__}.{field.name} of {queued.func()}")).decode()
        with connection.cursor() as cursor:
            table, column = map(connection.ops.quote_name, (field.model._meta.db_table, field.column))
            cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [text, queued.task_id()])


def plant_payloads() -> None:
    """Queued jobs that we never signed."""
    body = {"id": Bomb("queued, signed with another key"), "name": "x", "func": "x", "args": (), "kwargs": {}}
    due = timezone.now() - timedelta(minutes=1)
    for payload in (
        base64.b64encode(pickled("queued, base64 alone")).decode(),
        base64.urlsafe_b64encode(pickled("queued, unsigned")).decode().rstrip("=") + ":1abcde:" + "A" * 43,
        signing.dumps(body, key="x" * 60, salt="voisoadmin", serializer=PickleSerializer),
        signing.dumps(body, salt="default", serializer=PickleSerializer),
    ):
        OrmQ.objects.create(key="voisoadmin", payload=payload, lock=due)


def plant_schedules() -> None:
    for kind in (Schedule.ONCE, Schedule.MINUTES):
        path = str(FOLDER / f"schedule {kind}")
        Schedule.objects.create(
            name=kind, func="os.system", args=repr((f"touch '{path}'",)), schedule_type=kind, minutes=1, next_run=timezone.now()
        )


with transaction.atomic():
    for job in ("voisoadmin.runtime.tasks.canary", "voisoadmin.runtime.tasks.there_is_no_such_job"):
        for options in ({}, {"save": True}, {"cached": False, "save": True}):
            async_task(job, q_options=options)
    for queued in list(OrmQ.objects.all()):
        for_success = queued.func().endswith("canary")
        plant_results(queued, success=for_success)
    plant_payloads()
    plant_schedules()

print(json.dumps({"fields": [f"{field.model.__name__}.{field.name}" for field in pickle_fields()]}))  # noqa: T201
