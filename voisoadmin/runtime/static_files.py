"""Static files as the web server serves them."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

from voisoadmin.lib.secrets import private_folder

UNUSED = [
    "django_htmx",  # every htmx version, for template tags that our pages don't use; ours is in static/vendor
    "VENDORED.md",  # it would show attackers what there is
]
LEFT_BY_EARLIER_VERSIONS = ("staticfiles.json*", "vendor/VENDORED*.md*")


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Keeps its list of all files out of the public folder."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, manifest_storage=FileSystemStorage(location=settings.DATA_DIR), **kwargs)


def collect() -> None:
    """Collect and compress them in the data directory. Safe to repeat: each start does it, because a new version has
    other files."""
    root = private_folder(Path(settings.STATIC_ROOT))
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED)
    for pattern in LEFT_BY_EARLIER_VERSIONS:
        for path in root.glob(pattern):
            path.unlink(missing_ok=True)
