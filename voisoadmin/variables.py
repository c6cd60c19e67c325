"""All settings that are read from the environment. An invalid value stops the start; nothing is guessed.

docs/operations.md, "Settings", lists every variable with its default.
"""

import os
import tempfile

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from environs import Env, EnvError

from voisoadmin.lib import places
from voisoadmin.lib.environment import (
    check,
    is_country,
    is_fernet_key,
    is_host_and_port,
    is_host_name,
    is_log_level,
    is_origin,
    is_secret,
    words,
)
from voisoadmin.lib.garbage import collect_less_often
from voisoadmin.lib.secrets import LaterSecret, stored_secret
from voisoadmin.lib.sqlite import journal_mode, take_newest
from voisoadmin.lib.zones import is_time_zone

collect_less_often()  # first: what follows creates most objects of a process
SQLITE = take_newest()
env = Env(prefix="VOISOADMIN_")
plain_env = Env()


try:
    DEBUG = env.bool("DEBUG", False)
    _folder = env.str("DATA_DIR", places.default_data_folder())
    _must = places.why_not_a_data_folder(_folder)
    check("VOISOADMIN_DATA_DIR", ok=not _must, must=_must)
    DATA_DIR = places.data_folder(_folder)
    DATABASE_FILE = DATA_DIR / "voisoadmin.sqlite3"
    # In lower case, so that it isn't a setting: Django's own reports hide a password only by a setting's name.
    database_url = plain_env.str("DATABASE_URL", "")
    HTTPS = env.bool("HTTPS", True)
    HSTS_PRELOAD = env.bool("HSTS_PRELOAD", False)
    TRUST_PROXY = env.bool("TRUST_PROXY", False)
    PROXIES = env.int("PROXIES", 0)
    IDLE_MINUTES = env.int("IDLE_MINUTES", 60)
    ALLOWED_HOSTS = words(env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost"]))
    CSRF_TRUSTED_ORIGINS = words(env.list("CSRF_TRUSTED_ORIGINS", []))
    TIME_ZONE = env.str("TIME_ZONE", "UTC")
    EXTRA_HOSTS = words(env.list("EXTRA_HOSTS", []))
    TIME_SCALE = env.float("TIME_SCALE", 1.0)
    SLICE_SECONDS = env.float("SLICE_SECONDS", 25.0)  # one job of the lane engine; then its successor continues
    BULK_REQUESTS = env.float("BULK_REQUESTS", 5.0)  # a second and connection, of changes of many campaigns at once
    DEFAULT_REGION = env.str("DEFAULT_REGION", "").upper()
    WORKERS = env.int("WORKERS", 4)
    MAX_ROWS = env.int("MAX_ROWS", 1_048_576)
    MAX_COLUMNS = env.int("MAX_COLUMNS", 100)
    MAX_CSV_MIB = env.int("MAX_CSV_MIB", 300)
    MAX_WORKBOOK_MIB = env.int("MAX_WORKBOOK_MIB", 100)
    DISK_RESERVE_MIB = env.int("DISK_RESERVE_MIB", 200)
    FEED_REQUESTS = env.int("FEED_REQUESTS", 600)  # a minute, of one token
    FEED_LEADS = env.int("FEED_LEADS", 6_000)  # a minute, of one token
    FEED_WAITING = env.int("FEED_WAITING", 100_000)  # leads of one feed; beyond it none is accepted
    EMAIL_HOST = env.str("EMAIL_HOST", "")
    EMAIL_PORT = env.int("EMAIL_PORT", 587)
    EMAIL_HOST_USER = env.str("EMAIL_USER", "")
    EMAIL_HOST_PASSWORD = env.str("EMAIL_PASSWORD", "")
    EMAIL_SECURITY = env.str("EMAIL_SECURITY", "starttls").lower()
    EMAIL_FROM = env.str("EMAIL_FROM", "")
    LOG_LEVEL = env.str("LOG_LEVEL", "INFO").upper()
    EMBEDDED = not database_url
    if EMBEDDED:
        SECRET_KEY = env.str("SECRET_KEY", "") or stored_secret(DATA_DIR / "secret_key", get_random_secret_key)
        ENCRYPTION_KEYS: list[str | LaterSecret] = [*words(env.list("ENCRYPTION_KEYS", []))] or [
            stored_secret(DATA_DIR / "encryption_key", lambda: Fernet.generate_key().decode("ascii"))
        ]
    else:
        SECRET_KEY = env.str("SECRET_KEY")
        ENCRYPTION_KEYS = [*words(env.list("ENCRYPTION_KEYS"))]
except EnvError as problem:
    raise ImproperlyConfigured(str(problem)) from None
except OSError as problem:
    raise ImproperlyConfigured(f"Can't use VOISOADMIN_DATA_DIR: {problem.strerror}.") from None

for _name, _ok, _must in (
    ("SECRET_KEY", is_secret(SECRET_KEY), "must have at least 50 characters, 5 of them different"),
    (
        "ENCRYPTION_KEYS",
        ENCRYPTION_KEYS and all(map(is_fernet_key, ENCRYPTION_KEYS)),
        "must be one or more Fernet keys, separated by commas",
    ),
    ("ALLOWED_HOSTS", ALLOWED_HOSTS and all(map(is_host_name, ALLOWED_HOSTS)), "must be host names without scheme or port"),
    ("CSRF_TRUSTED_ORIGINS", all(map(is_origin, CSRF_TRUSTED_ORIGINS)), "must be origins such as https://dialer.example.com"),
    ("EXTRA_HOSTS", all(map(is_host_and_port, EXTRA_HOSTS)), "must be entries such as 127.0.0.1:8900 (host and port)"),
    ("PROXIES", 0 <= PROXIES <= 10, "must be between 0 and 10"),
    ("IDLE_MINUTES", 0 <= IDLE_MINUTES <= 720, "must be between 0 and 720"),
    ("TIME_ZONE", is_time_zone(TIME_ZONE), "must be a time zone name, for example Europe/Berlin"),
    ("TIME_SCALE", 0 < TIME_SCALE <= 10, "must be between 0 and 10"),
    ("SLICE_SECONDS", 1 <= SLICE_SECONDS <= 60, "must be between 1 and 60"),
    ("BULK_REQUESTS", 0.5 <= BULK_REQUESTS <= 50, "must be between 0.5 and 50"),
    ("DEFAULT_REGION", DEFAULT_REGION == "" or is_country(DEFAULT_REGION), "must be a two-letter country code, for example GB"),
    ("WORKERS", 3 <= WORKERS <= 32, "must be between 3 and 32"),
    ("MAX_ROWS", 1 <= MAX_ROWS <= 10_000_000, "must be between 1 and 10000000"),
    ("MAX_COLUMNS", 1 <= MAX_COLUMNS <= 16_384, "must be between 1 and 16384"),
    ("MAX_CSV_MIB", 1 <= MAX_CSV_MIB <= 4096, "must be between 1 and 4096"),
    ("MAX_WORKBOOK_MIB", 1 <= MAX_WORKBOOK_MIB <= 4096, "must be between 1 and 4096"),
    ("FEED_REQUESTS", 1 <= FEED_REQUESTS <= 1_000_000, "must be between 1 and 1000000"),
    ("FEED_LEADS", 1_000 <= FEED_LEADS <= 100_000_000, "must be between 1000 and 100000000"),
    ("FEED_WAITING", 1_000 <= FEED_WAITING <= 10_000_000, "must be between 1000 and 10000000"),
    ("DISK_RESERVE_MIB", 0 <= DISK_RESERVE_MIB <= 1_000_000, "must be between 0 and 1000000"),
    ("EMAIL_HOST", not EMAIL_HOST or is_host_name(EMAIL_HOST), "must be a host name without port"),
    ("EMAIL_PORT", 1 <= EMAIL_PORT <= 65535, "must be between 1 and 65535"),
    ("EMAIL_SECURITY", EMAIL_SECURITY in {"starttls", "tls", "none"}, "must be starttls, tls or none"),
    ("EMAIL_FROM", not EMAIL_HOST or "@" in EMAIL_FROM, "must be an email address, because EMAIL_HOST is set"),
    ("LOG_LEVEL", is_log_level(LOG_LEVEL), "must be DEBUG, INFO, WARNING, ERROR or CRITICAL"),
):
    check(f"VOISOADMIN_{_name}", ok=bool(_ok), must=_must)

TEMP_ROOT = DATA_DIR / "tmp"  # incoming bodies and outgoing answers; files without a name
# Temporary files of Django and the libraries are in the folder whose free space is monitored.
tempfile.tempdir = str(TEMP_ROOT)
os.environ.setdefault("SQLITE_TMPDIR", str(TEMP_ROOT))

if EMBEDDED:
    DATABASES = {
        "default": {
            "ENGINE": "voisoadmin.lib.private_sqlite",
            "NAME": DATABASE_FILE,
            # A request that only reads must not take the write lock.
            "ATOMIC_REQUESTS": False,
            # Opening a file takes as long as a small request, and closing the last connection to it writes all of the log back.
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": f"PRAGMA journal_mode={journal_mode(SQLITE)}; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
            # In memory, Django's test database says "table is locked" at once, whatever the timeout.
            "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
        }
    }
else:
    try:
        DATABASES = {"default": plain_env.dj_db_url("DATABASE_URL", conn_max_age=60, conn_health_checks=True)}
    except (EnvError, ValueError):
        # Not with the parser's message: it quotes the text in place of the port, often half a password.
        DATABASES = {"default": {"ENGINE": "unknown"}}
    check(
        "DATABASE_URL",
        ok=DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql",
        must="must read postgres://user:password@host:port/name (# in the password as %23, / as %2F); unset: SQLite",
    )
