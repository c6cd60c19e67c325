import io
import logging
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.browser.files import mixed_file
from voisoadmin.campaigns.models import Campaign
from voisoadmin.controls.bulk.begin import begin_bulk
from voisoadmin.lib.logs import OneLineFormatter
from voisoadmin.operations.clicks import Click
from voisoadmin.operations.models import Operation
from voisoadmin.uploads.models import Upload
from voisoadmin.voiso import Change
from voisoadmin.voiso.http.redaction import KeyFilter


@pytest.fixture
def finished_upload(transactional_db, campaign, tmp_path) -> Upload:
    """Five rows, sent: two added, one repeated in the file, two invalid."""
    call_command("push", str(mixed_file(tmp_path)), campaign=campaign.voiso_id, wait=True)
    return Upload.objects.get()


def a_bulk(campaign: Campaign) -> Operation:
    """A pause of several campaigns that waits for the worker: of this one."""
    click = Click(by=None, by_label="Rule “Evening”", at=timezone.now())
    return begin_bulk(Change.PAUSE, [(campaign.pk, "active")], click)


@pytest.fixture
def bulk(campaign) -> Operation:
    return a_bulk(campaign)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What an installation would log at its most verbose level."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OneLineFormatter())
    handler.addFilter(KeyFilter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.setLevel(level)
    root.removeHandler(handler)
