import pytest
from django.core.management import call_command

from tests.browser.files import mixed_file
from voisoadmin.uploads.models import Upload


@pytest.fixture
def finished_upload(transactional_db, campaign, tmp_path) -> Upload:
    """Five rows, sent: two added, one twice in the file, two invalid."""
    call_command("push", str(mixed_file(tmp_path)), campaign=campaign.voiso_id, wait=True)
    return Upload.objects.get()
