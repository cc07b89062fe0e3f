"""Settings: this one file, values from the environment only (see `.env.example`)."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, unquote

import environ
from django.core.exceptions import ImproperlyConfigured

from api.components import COMPONENTS
from backoffice.look import UNFOLD  # noqa: F401 - read by unfold
from config.sections import PATH_TASKS, SECTIONS
from embedded.places import Places

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    """The variable's value; anything that is not allowed stops the start."""
    value = str(env.str(name, default))
    if value not in allowed:
        raise ImproperlyConfigured(f"{name}={value!r}: must be one of {', '.join(allowed)}")
    return value


def integer(name: str, default: int, least: int, most: int) -> int:
    """The variable as an int within bounds; anything else stops the start."""
    text = env.str(name, str(default))
    try:
        value = int(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={text!r}: must be a whole number") from None
    if not least <= value <= most:
        raise ImproperlyConfigured(f"{name}={value}: must be from {least} to {most}")
    return value


def mail_server(url: str) -> dict[str, object]:
    """Django's settings of the mail server; what is none stops the start."""
    try:
        return dict(environ.Env.email_url_config(url or "dummymail://"))
    except (ImproperlyConfigured, ValueError) as error:
        raise ImproperlyConfigured(f"EMAIL_URL: {error}") from None


ENVIRONMENT = choice("ENVIRONMENT", "development", ("development", "production"))
PRODUCTION = ENVIRONMENT == "production"
DEBUG = False
DEVELOPMENT_KEY = "development-only-key-never-in-production-0123456789"
SECRET_KEY = env.str("SECRET_KEY", DEVELOPMENT_KEY)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["*"])
PORT = integer("PORT", 8000, 1, 65535)

# --- servers: ours where nothing else is named -----------------------------------------
PLACES = Places.of(BASE_DIR, env.str("LOCAL_DIR", ".local"))
DATABASE_URL = env.str("DATABASE_URL", "")
REDIS_URL = env.str("REDIS_URL", "")
OWN_DATABASE, OWN_REDIS = not DATABASE_URL, not REDIS_URL
if OWN_DATABASE:
    DATABASE_URL = f"postgresql://broker@{quote(str(PLACES.sockets), safe='')}:5432/broker"
if OWN_REDIS:
    REDIS_URL = f"unix://{PLACES.sockets}/redis.sock?db=0"

DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DATABASES["default"]["HOST"] = unquote(DATABASES["default"]["HOST"])  # a socket's folder
DATABASES["default"]["ENGINE"] = "core.postgresql"
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),  # what the URL asks for, such as sslmode
    "pool": {"min_size": 1, "max_size": integer("DATABASE_POOL", 16, 1, 1000), "timeout": 10},
    "connect_timeout": 5,
    "prepare_threshold": 2**31,  # only what `core.postgresql.prepared` is given
}
DATABASES["default"]["TEST"] = {"NAME": "test_broker"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- applications ------------------------------------------------------------------------
INSTALLED_APPS = [
    "daphne",
    "backoffice.apps.BackofficeConfig",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "api",
    "embedded",
    "realtime",
    *SECTIONS,
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
APPEND_SLASH = False  # every route answers with and without a slash, without a redirect
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None  # development finds them
WHITENOISE_USE_FINDERS = not PRODUCTION
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

# --- who may come in ---------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "accounts.passwords.LengthValidator"}]
TOKEN_LIFETIME = timedelta(hours=integer("TOKEN_LIFETIME_HOURS", 12, 1, 24 * 30))
SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "ACCESS_TOKEN_LIFETIME": TOKEN_LIFETIME,
    "USER_ID_FIELD": "login",
    "USER_ID_CLAIM": "login",
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
LOGIN_URL = "admin:login"

# --- the REST API ------------------------------------------------------------------------
# Bytes of a request body: 256 KiB of a script may be written as six times as many.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.SessionTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.HasSession"],
    "DEFAULT_RENDERER_CLASSES": ["api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "api.schema.Schema",
    "EXCEPTION_HANDLER": "api.errors.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Broker platform",
    "DESCRIPTION": "Client REST API of the broker platform. Tables are `structure` + `rows`.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "POSTPROCESSING_HOOKS": [],  # enums stay where they are used, with their own names
    "PREPROCESSING_HOOKS": ["api.schema.without_slash"],
    "APPEND_COMPONENTS": COMPONENTS,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
IDEMPOTENCY_DAYS = integer("IDEMPOTENCY_DAYS", 4, 1, 365)  # the answer to a key is kept
EVENT_LOG_DAYS = integer("EVENT_LOG_DAYS", 90, 0, 36_500)  # account events are kept; 0: for good
# The most requests (see api/limits.py); 0 turns a rule off.
LIMIT_ADDRESS = integer("LIMIT_ADDRESS", 3000, 0, 1_000_000)  # a minute, of one address
LIMIT_SIGN_ADDRESS = integer("LIMIT_SIGN_ADDRESS", 30, 0, 1_000_000)  # passwords, a minute
LIMIT_SIGN_LOGIN = integer("LIMIT_SIGN_LOGIN", 10, 0, 1_000_000)  # passwords, a minute
LIMIT_TRADING = integer("LIMIT_TRADING", 20, 0, 1_000_000)  # a second, of one login
TRUSTED_PROXIES = integer("TRUSTED_PROXIES", 0, 0, 10)  # that write X-Forwarded-For

# --- the feed and what follows it ----------------------------------------------------------
FEED = choice("FEED", "simulated", ("simulated", "push", "replay"))
FEED_TOKEN = env.str("FEED_TOKEN", "")
FEED_FILES = env.list("FEED_FILES", default=[])
FEED_SPEED = integer("FEED_SPEED", 1, 1, 1_000_000)
FLUSH_INTERVAL = 0.08  # seconds between two batches of the path
PATH_TASK_INTERVAL = 0.25  # seconds between two wake-ups of the tasks in PATH_TASKS
PATH_RETENTION = integer("PATH_RETENTION", 3600, 60, 7 * 86400)  # seconds of path kept in Redis
ALERT_LIMIT = integer("ALERT_LIMIT", 500, 1, 100_000)  # active alerts of one login
ALERT_LOG_DAYS = integer("ALERT_LOG_DAYS", 0, 0, 36_500)  # then archive_alert_logs takes them

# --- deliveries of fired alerts ------------------------------------------------------------
EMAIL_URL = env.str("EMAIL_URL", "")
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", "alerts@localhost")
EMAIL_TIMEOUT = 15  # seconds for each step with the mail server
globals().update(mail_server(EMAIL_URL))
WEBHOOK_ALLOW_LOOPBACK = bool(integer("WEBHOOK_ALLOW_LOOPBACK", 0, 0, 1))  # for tests

# --- Celery ----------------------------------------------------------------------------------
# kombu spells a Unix socket its own way.
CELERY_BROKER_URL = (
    f"redis+socket://{PLACES.sockets}/redis.sock?virtual_host=1" if OWN_REDIS else REDIS_URL
)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 60}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(PLACES.root / "beat-schedule")
# The feed wakes these tasks; beat does so once more a second, should a wake-up get lost.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    name: {"task": name, "schedule": 1.0, "options": {"expires": 1.0}} for name in PATH_TASKS
}
CELERY_BEAT_SCHEDULE["trading.rollover"] = {
    "task": "trading.rollover",
    "schedule": 60.0,
    "options": {"expires": 60.0},
}
CELERY_BEAT_SCHEDULE["alerts.close_expired"] = {
    "task": "alerts.close_expired",
    "schedule": 60.0,
    "options": {"expires": 60.0},
}
CELERY_BEAT_SCHEDULE["alerts.deliver"] = {
    "task": "alerts.deliver",
    "schedule": 1.0,
    "options": {"expires": 1.0},
}
CELERY_BEAT_SCHEDULE["api.prune_keys"] = {"task": "api.prune_keys", "schedule": 3600.0}
CELERY_BEAT_SCHEDULE["accounts.prune_tokens"] = {
    "task": "accounts.prune_tokens",
    "schedule": 86_400.0,
}
CELERY_BEAT_SCHEDULE["realtime.prune_events"] = {
    "task": "realtime.prune_events",
    "schedule": 86_400.0,
}
CELERY_BEAT_SCHEDULE["trading.complete_fills"] = {
    "task": "trading.complete_fills",
    "schedule": 15.0,
    "options": {"expires": 15.0},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # Ten lines a second that say "woken, nothing to do" would hide everything else.
    "loggers": {
        name: {"level": "WARNING"}
        for name in ("celery.worker.strategy", "celery.app.trace", "celery.beat")
    }
    | {"psycopg.pool": {"level": "ERROR"}},  # what a dead database is asked says so once
    "root": {
        "handlers": ["console"],
        "level": choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
    },
}
