import io
import logging
from collections.abc import Iterator

import pytest
from django.core.management import call_command

from tests.browser.files import mixed_file
from voisoadmin.lib.logs import OneLineFormatter
from voisoadmin.uploads.models import Upload
from voisoadmin.voiso.http.redaction import KeyFilter


@pytest.fixture
def finished_upload(transactional_db, campaign, tmp_path) -> Upload:
    """Five rows, sent: two added, one repeated in the file, two invalid."""
    call_command("push", str(mixed_file(tmp_path)), campaign=campaign.voiso_id, wait=True)
    return Upload.objects.get()


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
