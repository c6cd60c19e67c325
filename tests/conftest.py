import pytest

from tests.support.sandbox import (  # noqa: F401
    any_campaign,
    any_connection,
    campaign,
    connection,
    generation,
    legacy_connection,
    sandbox,
)
from voisoadmin.accounts.models import User


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    """Templates name their files without a manifest: nothing was collected."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def fast_passwords(settings):
    """Nearly every test makes somebody; scrypt would take a fifth of a second each time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ines(db) -> User:
    """Ines supervises campaigns."""
    return User.objects.create_user("ines", password="correct horse battery", first_name="Ines", last_name="Sousa")


@pytest.fixture
def omar(db) -> User:
    """Omar supervises campaigns as well."""
    return User.objects.create_user("omar", password="correct horse battery", first_name="Omar", last_name="Haddad")


@pytest.fixture
def ada(db) -> User:
    """Ada is an administrator."""
    return User.objects.create_user(
        "ada", password="correct horse battery", first_name="Ada", last_name="Berg", role=User.Role.ADMINISTRATOR
    )
