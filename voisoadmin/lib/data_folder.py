"""The data directory. Settings only name it: what uses it creates it first."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from voisoadmin.lib.secrets import private_folder


def make_data_folder() -> None:
    """Create it, with the folder of all temporary files, for its owner only. Raises ImproperlyConfigured."""
    try:
        private_folder(settings.DATA_DIR)
        private_folder(settings.TEMP_ROOT)
    except OSError as problem:
        raise ImproperlyConfigured(f"Can't write to VOISOADMIN_DATA_DIR: {problem.strerror}.") from None
