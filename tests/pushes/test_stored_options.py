"""What an earlier version stored in the options of a push is in columns after the upgrade."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from tests.support.triggers import create_triggers

pytestmark = pytest.mark.slow

BEFORE = [
    ("pushes", "0008_rows_that_are_sent_again"),
    ("operations", "0006_forget_request_form"),
    ("connections", "0006_family_of_presence"),
]
AFTER = [("pushes", "0010_options_and_rank_end")]


@pytest.fixture
def before(transactional_db):
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    executor.migrate(BEFORE)
    yield executor.loader.project_state(BEFORE).apps
    executor = MigrationExecutor(connection)
    executor.migrate(latest)
    create_triggers()


def test_stored_options_become_columns(before):
    now = timezone.now()
    centre = before.get_model("connections", "Connection").objects.create(name="Berlin", base_url="https://cc-x.voiso.com")
    lane = before.get_model("campaigns", "Lane").objects.create(address="https://cc-x.voiso.com:443", voiso_id="7")
    campaign = before.get_model("campaigns", "Campaign").objects.create(
        connection=centre, lane=lane, voiso_id="7", changed_at=now
    )
    operation = before.get_model("operations", "Operation").objects.create(
        kind="send", subject_kind="upload", subject_id=1, asked_at=now
    )
    options = [
        {},
        {"resend_known": True, "operation": operation.pk},
        {"operation": operation.pk + 1000, "number_as_name": True, "each_batch_once": True},
        {"forms": {"priority": "text"}, "forms_accepted": ["priority"]},
    ]
    pushes = before.get_model("pushes", "Push").objects
    keys = [pushes.create(lane=lane, campaign=campaign, options=one).pk for one in options]

    executor = MigrationExecutor(connection)
    executor.migrate(AFTER)

    after = executor.loader.project_state(AFTER).apps.get_model("pushes", "Push").objects.in_bulk(keys)
    names = ("resends_known", "operation_id", "number_as_name", "each_batch_once", "forms_tried", "forms_accepted")
    assert [tuple(getattr(after[key], name) for name in names) for key in keys] == [
        (False, None, False, False, {}, []),
        (True, operation.pk, False, False, {}, []),
        (False, None, True, True, {}, []),
        (False, None, False, False, {"priority": "text"}, ["priority"]),
    ]
