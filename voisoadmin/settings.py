"""Settings of Django and its apps. Those that are read from the environment are in `variables`."""
# ruff: noqa: F403, F405 - Django reads all settings from this one module

from django.contrib.messages import constants as levels

from voisoadmin.lib import places
from voisoadmin.variables import *

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "template_partials",
    "django_q",
    "csp",
    "allauth",
    "allauth.account",
    "voisoadmin.lib",
    "voisoadmin.submissions",
    "voisoadmin.accounts",
    "voisoadmin.operations",
    "voisoadmin.connections",
    "voisoadmin.campaigns",
    "voisoadmin.pushes",
    "voisoadmin.uploads",
    "voisoadmin.feeds",
    "voisoadmin.controls",
    "voisoadmin.assignments",
    "voisoadmin.rules",
    "voisoadmin.runtime",
    "voisoadmin.demo",
]

MIDDLEWARE = [
    "voisoadmin.runtime.probes.ProbeMiddleware",
    "voisoadmin.site.middleware.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "voisoadmin.feeds.api_gate.ApiMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",  # below the policy: a picture opened directly is a page, too
    "voisoadmin.lib.middleware.NulMiddleware",
    "voisoadmin.uploads.intake.handlers.PartialFileMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "voisoadmin.site.middleware.BodyMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "voisoadmin.accounts.idle.IdleMiddleware",
    "voisoadmin.accounts.middleware.SignInMiddleware",
    "voisoadmin.accounts.roles.RoleMiddleware",
    "voisoadmin.campaigns.pages.shared_boards.ChangesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "voisoadmin.site.middleware.WrongMethodMiddleware",
]

ROOT_URLCONF = "voisoadmin.urls"
WSGI_APPLICATION = "voisoadmin.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "campaigns:board"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
USE_TZ = True
LANGUAGE_CODE = "en"
USE_I18N = False
USE_THOUSAND_SEPARATOR = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The pages' words for how bad a message is (templates/base.html).
MESSAGE_TAGS = {
    levels.DEBUG: "info",
    levels.INFO: "info",
    levels.SUCCESS: "good",
    levels.WARNING: "warn",
    levels.ERROR: "bad",
}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [places.TEMPLATES],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "voisoadmin.site.frame.frame",
            ],
            "builtins": ["voisoadmin.lib.templatetags.kept_addresses"],
        },
    }
]

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # django-q2 writes its statistics and the results of tasks, which are never read.
    "queue": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}

CHECKS_AT_ONCE = 2  # files on one host; each has a worker that waits for its process
QUEUE_WORKERS = WORKERS + CHECKS_AT_ONCE

# Measured values. The queue only delivers and never repeats a task, because retries are rows.
Q_CLUSTER = {
    "name": "voisoadmin",
    "orm": "default",
    "workers": QUEUE_WORKERS,
    "timeout": 150,
    "retry": 7200,
    "queue_limit": 1,
    "bulk": 1,
    "poll": 0.2,
    "ack_failures": True,
    "max_attempts": 1,
    "scheduler": False,  # `manage.py work` contains the schedule; with a table, a row would be enough to run anything
    "recycle": 200,
    "cache": "queue",
    "label": "Queue",
    "log_level": LOG_LEVEL,
}

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [places.STATIC]
WHITENOISE_ALLOW_ALL_ORIGINS = False
UPLOAD_ROOT = DATA_DIR / "uploads"
# Every file of a form goes straight to the disk where it stays, never through memory.
FILE_UPLOAD_HANDLERS = ["voisoadmin.uploads.intake.handlers.SpoolHandler"]
FILE_UPLOAD_PERMISSIONS = 0o600
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": UPLOAD_ROOT}},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "voisoadmin.runtime.static_files.Storage"
    },
}

# Creates an httpx transport for one address of Voiso. Tests name one that leads to a sandbox in the same process.
VOISO_TRANSPORT = "voisoadmin.voiso.http.transport.network_transport"

PASSWORD_HASHERS = ["voisoadmin.accounts.hashers.Scrypt", "voisoadmin.accounts.hashers.PBKDF2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "voisoadmin.accounts.validators.MoreThanNamesValidator"},
]

# Sign-in uses allauth, so that a second factor, passkeys and single sign-on can be added. Its addresses are not included:
# there is no sign-up here, and no email is sent.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "voisoadmin.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = False  # ours count in the database (accounts/wrong_passwords.py)

# With this prefix, a browser accepts them only from this host and over HTTPS: no neighbouring host can set them.
_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{_PREFIX}csrftoken"
SESSION_COOKIE_AGE = 12 * 60 * 60
IDLE_SECONDS = IDLE_MINUTES * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
KNOWN_BROWSER_COOKIE_NAME = f"{_PREFIX}known-browser"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "voisoadmin.site.views.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS and HSTS_PRELOAD
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # browsers' preload lists are hard to leave, so it must be asked for
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUST_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # the arrows and ticks in Tabler's style sheet
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
# Only rules send emails. Without a host none is sent.
EMAIL_USE_TLS = EMAIL_SECURITY == "starttls"
EMAIL_USE_SSL = EMAIL_SECURITY == "tls"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = EMAIL_FROM or "voisoadmin@localhost"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 1  # no form has more; each may be as large as a spreadsheet

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "no_keys": {"()": "voisoadmin.voiso.http.redaction.KeyFilter"},
        "short_refusals": {"()": "voisoadmin.lib.logs.ShortRefusals"},
    },
    "formatters": {"line": {"()": "voisoadmin.lib.logs.OneLineFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["short_refusals", "no_keys"]}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # At INFO they write whole addresses, and with the legacy API the key is part of the address.
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        # Left to propagate, so that the filter above sees what Django logs of a failing request.
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        "django-q": {"handlers": [], "level": "WARNING", "propagate": True},
    },
}
