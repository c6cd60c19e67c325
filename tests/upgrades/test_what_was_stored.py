"""What earlier versions stored otherwise is right after the upgrade. One walk through all migrations: they take seconds."""

from collections.abc import Iterator

import pytest
from django.apps.registry import Apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from tests.support.triggers import create_triggers

pytestmark = pytest.mark.slow

OPERATIONS = ("operations", "0006_forget_request_form")
SENTENCES = [("campaigns", "0002_alter_lane_sending_state"), ("connections", "0002_alter_connection_held_kind"), OPERATIONS]
CODES = [("campaigns", "0004_codes_of_causes")]
OPTIONS = [("pushes", "0008_rows_that_are_sent_again"), OPERATIONS, ("connections", "0006_family_of_presence")]
COLUMNS = [("pushes", "0010_options_and_rank_end")]
CAUSES = {
    "Already so when we first looked": "first_seen",
    "Went on by itself": "continued",
    "Not asked for here": "elsewhere",
    "Inferred: Voiso accepted our start at 10:42": "accepted",
    "Assumed: Voiso accepted our pause at 10:42": "accepted",
    "A sentence of no version": "",
    "": "",
}
ADDRESS = "https://cc-x.voiso.com:443"


@pytest.fixture
def every_migration_again(transactional_db) -> Iterator[None]:
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield
    migrated(latest)
    create_triggers()


def migrated(to: list[tuple[str, str]]) -> Apps:
    """The models as they are there."""
    executor = MigrationExecutor(connection)
    executor.migrate(to)
    return executor.loader.project_state(to).apps


def test_sentences_of_causes_become_codes_and_options_of_pushes_become_columns(every_migration_again):
    store_sentences(migrated(SENTENCES))
    codes = migrated(CODES)

    assert dict(codes.get_model("campaigns", "Campaign").objects.values_list("name", "cause")) == CAUSES
    states = codes.get_model("campaigns", "CampaignState").objects.values_list("campaign__name", "cause")
    assert dict(states) == CAUSES

    keys, operation = store_options(migrated(OPTIONS))
    pushes = migrated(COLUMNS).get_model("pushes", "Push").objects.in_bulk(keys)

    names = ("resends_known", "operation_id", "number_as_name", "each_batch_once", "forms_tried", "forms_accepted")
    assert [tuple(getattr(pushes[key], name) for name in names) for key in keys] == [
        (False, None, False, False, {}, []),
        (True, operation, False, False, {}, []),
        (False, None, True, True, {}, []),
        (False, None, False, False, {"priority": "text"}, ["priority"]),
    ]


def store_sentences(apps: Apps) -> None:
    now = timezone.now()
    centre = apps.get_model("connections", "Connection").objects.create(name="Berlin", base_url="https://cc-x.voiso.com")
    for number, sentence in enumerate(CAUSES):
        lane = apps.get_model("campaigns", "Lane").objects.create(address=ADDRESS, voiso_id=str(number))
        campaign = apps.get_model("campaigns", "Campaign").objects.create(
            connection=centre, lane=lane, voiso_id=str(number), name=sentence, status="paused", cause=sentence, changed_at=now
        )
        campaign.states.create(status="paused", source="polled", cause=sentence, since=now)


def store_options(apps: Apps) -> tuple[list[int], int]:
    """The keys of the pushes, and of the operation that one of them names."""
    now = timezone.now()
    campaign = apps.get_model("campaigns", "Campaign").objects.first()
    operation = apps.get_model("operations", "Operation").objects.create(
        kind="send", subject_kind="upload", subject_id=1, asked_at=now
    )
    options = [
        {},
        {"resend_known": True, "operation": operation.pk},
        {"operation": operation.pk + 1000, "number_as_name": True, "each_batch_once": True},
        {"forms": {"priority": "text"}, "forms_accepted": ["priority"]},
    ]
    pushes = apps.get_model("pushes", "Push").objects
    return [pushes.create(lane=campaign.lane, campaign=campaign, options=one).pk for one in options], operation.pk
