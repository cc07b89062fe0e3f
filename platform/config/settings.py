"""Settings, with values from the environment only (see `.env.example`)."""

from datetime import timedelta
from urllib.parse import quote, unquote

from api.schema.components import COMPONENTS
from api.schema.tags import TAGS
from backoffice.site import branding
from backoffice.site.navigation import UNFOLD  # noqa: F401 - read by unfold
from config.beat_schedule import SCHEDULE
from config.environment import BASE_DIR, env, mail_settings, read_choice, read_int
from config.log_settings import logging_settings
from core.sections import SECTION_CONFIGS
from pictures.storage_settings import storage_settings

ENVIRONMENT = read_choice("ENVIRONMENT", "development", ("development", "production"))
PRODUCTION = ENVIRONMENT == "production"
DEBUG = False
DEVELOPMENT_KEY = "development-only-key-never-in-production-0123456789"
SECRET_KEY = env.str("SECRET_KEY", DEVELOPMENT_KEY)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["*"])
PORT = read_int("PORT", 8000, 1, 65535)

BRAND_NAME: str = env.str("BRAND_NAME", branding.DEFAULT_NAME)
BRAND_LOGO: str = branding.check_logo(env.str("BRAND_LOGO", ""))
BRAND_COLOR: str = branding.check_color(env.str("BRAND_COLOR", ""))

# --- servers: private ones, unless a URL names others -----------------------------------
LOCAL_DIR = env.str("LOCAL_DIR", ".local")
DATABASE_URL = env.str("DATABASE_URL", "")
REDIS_URL = env.str("REDIS_URL", "")
OWN_DATABASE, OWN_REDIS = not DATABASE_URL, not REDIS_URL
CELERY_BROKER_URL = REDIS_URL
if OWN_DATABASE or OWN_REDIS:
    from runtime.paths import LocalPaths  # for development: production imports nothing of it

    SOCKETS = LocalPaths.resolve(BASE_DIR, LOCAL_DIR).sockets
    if OWN_DATABASE:
        DATABASE_URL = f"postgresql://broker@{quote(str(SOCKETS), safe='')}:5432/broker"
    if OWN_REDIS:
        REDIS_URL = f"unix://{SOCKETS}/redis.sock?db=0"
        # kombu has its own form of URL for a Unix socket.
        CELERY_BROKER_URL = f"redis+socket://{SOCKETS}/redis.sock?virtual_host=1"

DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DATABASES["default"]["HOST"] = unquote(DATABASES["default"]["HOST"])  # a socket's folder
DATABASES["default"]["ENGINE"] = "core.postgresql"
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),  # what the URL asks for, such as sslmode
    "pool": {"min_size": 1, "max_size": read_int("DATABASE_POOL", 16, 1, 1000), "timeout": 10},
    "connect_timeout": 5,
    "prepare_threshold": 2**31,  # only what `core.postgresql.prepared` is given
}
DATABASES["default"]["TEST"] = {"NAME": "test_broker"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- applications ------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",
    "backoffice.apps.BackofficeConfig",
    "staff_auth.apps.StaffAuthConfig",  # its templates go before those of unfold
    "unfold.apps.BasicAppConfig",  # without unfold's own admin site
    "unfold.contrib.filters",
    "backoffice.site.apps.SiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "api.apps.ApiConfig",
    "runtime",
    "realtime.apps.RealtimeConfig",
    "audit.apps.AuditConfig",
    "pictures.apps.PicturesConfig",
    "observe.apps.ObserveConfig",
    *SECTION_CONFIGS,
]
MIDDLEWARE = [
    "observe.probes.ProbesMiddleware",  # before anything that checks the host or requires HTTPS
    "observe.access_log.RequestLogMiddleware",
    "config.response_headers.DateMiddleware",
    "config.response_headers.OriginMiddleware",  # refusals can be read by terminals as well
    "api.admission.AdmissionMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "staff_auth.page_middleware.PageCompressionMiddleware",
    "staff_auth.content_security_policy.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "staff_auth.page_middleware.PageSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "staff_auth.page_middleware.PageUserMiddleware",
    "staff_auth.page_middleware.PageMessageMiddleware",
    "staff_auth.middleware.StaffSessionMiddleware",
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

# --- authentication ----------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "accounts.passwords.LengthValidator"}]
TOKEN_LIFETIME = timedelta(hours=read_int("TOKEN_LIFETIME_HOURS", 12, 1, 24 * 30))
SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "ACCESS_TOKEN_LIFETIME": TOKEN_LIFETIME,
    "USER_ID_FIELD": "login",
    "USER_ID_CLAIM": "login",
}
SIGN_UP_VERIFY = bool(read_int("SIGN_UP_VERIFY", 0, 0, 1))
SIGN_UP_UNIQUE_EMAIL = bool(read_int("SIGN_UP_UNIQUE_EMAIL", 0, 0, 1))
CANDLES_PUBLIC = bool(read_int("CANDLES_PUBLIC", 0, 0, 1))
# --- sign-in of staff ----------------------------------------------------------------------
STAFF_SECOND_FACTOR = read_choice("STAFF_SECOND_FACTOR", "none", ("none", "administrators", "all"))
STAFF_LOCKOUT_TRIES = read_int("STAFF_LOCKOUT_TRIES", 5, 0, 1000)  # 0: never
STAFF_LOCKOUT_MINUTES = read_int("STAFF_LOCKOUT_MINUTES", 15, 1, 24 * 60)
STAFF_IDLE_MINUTES = read_int("STAFF_IDLE_MINUTES", 30, 1, 24 * 60)
STAFF_SESSION_HOURS = read_int("STAFF_SESSION_HOURS", 12, 1, 24 * 7)
SESSION_COOKIE_AGE = STAFF_SESSION_HOURS * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
# With this prefix browsers accept them only over HTTPS and from this host, no sibling.
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "csrf"
DEVICE_COOKIE_NAME = "__Host-device" if PRODUCTION else "device"
LOGIN_URL, LOGIN_REDIRECT_URL = "admin:login", "admin:index"
CSRF_FAILURE_VIEW = "backoffice.site.error_pages.csrf_failure"

# --- web terminals on other sites: none, but those that are named -------------------------
CORS_ALLOWED_ORIGINS = env.list("CORS_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/(?!admin)"
CORS_ALLOW_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT")
CORS_ALLOW_HEADERS = (
    "authorization", "content-type", "idempotency-key", "x-request-id", "x-requested-with",
)  # fmt: skip
CORS_EXPOSE_HEADERS = (
    "Date", "Idempotent-Replay", "Retry-After", "X-Account-Seq", "X-RateLimit-Limit",
    "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Request-ID",
)  # fmt: skip

# --- the REST API ------------------------------------------------------------------------
# Bytes of a JSON body: 256 KiB of a script may be written as six times as many.
JSON_MAX_BYTES = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024  # of any body: a picture of 5 MiB with its form
FILE_UPLOAD_MAX_MEMORY_SIZE = DATA_UPLOAD_MAX_MEMORY_SIZE  # no picture goes to the disk
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.SessionTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.HasSession"],
    "DEFAULT_RENDERER_CLASSES": ["api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "api.schema.autoschema.ViewSchema",
    "EXCEPTION_HANDLER": "api.errors.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": BRAND_NAME,
    "DESCRIPTION": "Client REST API of the broker platform. Tables are `structure` + `rows`.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "POSTPROCESSING_HOOKS": [],  # enums stay where they are used, with their own names
    "PREPROCESSING_HOOKS": ["api.schema.autoschema.choose_endpoints"],
    "APPEND_COMPONENTS": COMPONENTS,
    "TAGS": TAGS,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
API_ANSWERS = BASE_DIR / "platform" / "config" / "answers.json"  # examples in the schema
IDEMPOTENCY_DAYS = read_int("IDEMPOTENCY_DAYS", 4, 1, 365)  # that a response is stored
SIGN_IN_DAYS = read_int("SIGN_IN_DAYS", 400, 0, 36_500)  # of sign-ins; 0: no end
# Amounts above this, in APPROVAL_CURRENCY, need approval by a second person; 0: none do.
APPROVAL_ABOVE = read_int("APPROVAL_ABOVE", 0, 0, 10**12)
APPROVAL_CURRENCY = env.str("APPROVAL_CURRENCY", "USD")
APPROVAL_DAYS = read_int("APPROVAL_DAYS", 7, 1, 365)  # until an open request expires
# Hours after which the newest backup by `manage.py backup` is called too old; 0: never.
BACKUP_HOURS = read_int("BACKUP_HOURS", 26 if PRODUCTION else 0, 0, 24 * 365)
EVENT_LOG_DAYS = read_int("EVENT_LOG_DAYS", 90, 0, 36_500)  # of account events; 0: no end
NOTIFICATION_DAYS = read_int("NOTIFICATION_DAYS", 400, 0, 36_500)  # of notifications; 0: no end
# The most requests (see api/throttling/rate_limits.py); 0 turns a rule off.
LIMIT_ADDRESS = read_int("LIMIT_ADDRESS", 3000, 0, 1_000_000)  # a minute, of one address
LIMIT_SIGN_ADDRESS = read_int("LIMIT_SIGN_ADDRESS", 30, 0, 1_000_000)  # passwords, a minute
LIMIT_SIGN_LOGIN = read_int("LIMIT_SIGN_LOGIN", 10, 0, 1_000_000)  # of an address, a minute
LIMIT_SIGN_FAILURES = read_int("LIMIT_SIGN_FAILURES", 10, 0, 250_000)  # in a quarter of an hour
LIMIT_SIGN_UP_MINUTE = read_int("LIMIT_SIGN_UP_MINUTE", 3, 0, 1_000_000)  # address, e-mail
LIMIT_SIGN_UP_DAY = read_int("LIMIT_SIGN_UP_DAY", 20, 0, 1_000_000)  # of an address
LIMIT_SIGN_UP_EMAIL_DAY = read_int("LIMIT_SIGN_UP_EMAIL_DAY", 5, 0, 1_000_000)
LIMIT_UPLOAD = read_int("LIMIT_UPLOAD", 10, 0, 1_000_000)  # pictures a minute, of one login
LIMIT_TRADING = read_int("LIMIT_TRADING", 20, 0, 1_000_000)  # a second, of one login
TRUSTED_PROXIES = read_int("TRUSTED_PROXIES", 0, 0, 10)  # that write X-Forwarded-For and -Proto

# --- HTTPS -----------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = bool(read_int("SSL_REDIRECT", 1 if PRODUCTION else 0, 0, 1))
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = read_int("HSTS_SECONDS", 31_536_000 if PRODUCTION else 0, 0, 2 * 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_SECONDS > 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# Preloading by browsers concerns the whole domain and can hardly be undone.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

# --- the feed and what follows it ----------------------------------------------------------
FEED = read_choice("FEED", "simulated", ("simulated", "push", "replay"))
DEMO_HOURS = read_choice("DEMO_HOURS", "always", ("always", "real"))
FEED_TOKEN = env.str("FEED_TOKEN", "")
FEED_FILES = env.list("FEED_FILES", default=[])
FEED_SPEED = read_int("FEED_SPEED", 1, 1, 1_000_000)
FEED_AHEAD = read_int("FEED_AHEAD", 300, 0, 86_400)  # s that a quote may be dated in the future
FLUSH_INTERVAL = 0.08  # seconds between two batches of the tick log
TASK_WAKE_INTERVAL = 0.25  # seconds between two wake-ups of the tasks that follow the tick log
PATH_RETENTION = read_int("PATH_RETENTION", 3600, 60, 7 * 86400)  # seconds of ticks in Redis
REPORTING_CURRENCY = env.str("REPORTING_CURRENCY", "USD")  # of sums over all accounts
# Bytes of all values that a login may store under /settings.
SETTINGS_BYTES = read_int("SETTINGS_BYTES", 2 * 1024 * 1024, 64 * 1024, 64 * 1024 * 1024)
ALERT_LIMIT = read_int("ALERT_LIMIT", 500, 1, 100_000)  # active alerts of one login
ALERT_COOLDOWN_LEAST = read_int("ALERT_COOLDOWN_LEAST", 1, 0, 86_400)
ALERT_COOLDOWN = read_int(  # seconds between two firings of a repeating alert, where none are sent
    "ALERT_COOLDOWN", max(60, ALERT_COOLDOWN_LEAST), ALERT_COOLDOWN_LEAST, 604_800
)
ALERT_FIRINGS_HOUR = read_int("ALERT_FIRINGS_HOUR", 1000, 0, 1_000_000)  # of one login
ALERT_LOG_DAYS = read_int("ALERT_LOG_DAYS", 400, 0, 36_500)
ALERT_LOG_FOLDER = env.str("ALERT_LOG_FOLDER", "")  # of the archive; without one they are deleted

# --- uploaded pictures ---------------------------------------------------------------------
PICTURE_STORAGE = read_choice("PICTURE_STORAGE", "local", ("local", "database", "s3"))
S3 = {
    "bucket_name": env.str("PICTURE_BUCKET", ""),
    "endpoint_url": env.str("PICTURE_ENDPOINT", ""),
    "region_name": env.str("PICTURE_REGION", ""),
    "access_key": env.str("PICTURE_ACCESS_KEY", ""),
    "secret_key": env.str("PICTURE_SECRET_KEY", ""),
    "location": env.str("PICTURE_PREFIX", ""),
}
STORAGES = storage_settings(PICTURE_STORAGE, BASE_DIR / LOCAL_DIR / "pictures", S3)

# --- deliveries of fired alerts ------------------------------------------------------------
EMAIL_URL = env.str("EMAIL_URL", "")
DEFAULT_FROM_EMAIL = branding.name_sender(env.str("EMAIL_FROM", "alerts@localhost"), BRAND_NAME)
EMAIL_TIMEOUT = 15  # seconds for each step with the mail server
globals().update(mail_settings(EMAIL_URL))
ATTENTION_MAIL_ROLE = env.str("ATTENTION_MAIL_ROLE", "")  # that is told what needs attention
REPORT_MAIL_ROLE = env.str("REPORT_MAIL_ROLE", "")  # role that gets the broker's result by e-mail
STATEMENT_FONTS: list[str] = env.list("STATEMENT_FONTS", default=[])
REPORT_MAIL_HOUR = read_int("REPORT_MAIL_HOUR", 6, 0, 23)  # from this hour on, UTC
ALERT_EMAILS_HOUR = read_int("ALERT_EMAILS_HOUR", 60, 0, 1_000_000)  # to one address
ALERT_WEBHOOKS_HOUR = read_int("ALERT_WEBHOOKS_HOUR", 600, 0, 1_000_000)
ENDPOINT_FAILURE_DAYS = read_int("ENDPOINT_FAILURE_DAYS", 3, 0, 365)
WEBHOOK_ALLOW_LOOPBACK = bool(read_int("WEBHOOK_ALLOW_LOOPBACK", 0, 0, 1))  # for tests

# --- Celery ----------------------------------------------------------------------------------
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 60}
CELERY_BEAT_SCHEDULE_FILENAME = str((BASE_DIR / LOCAL_DIR).resolve() / "beat-schedule")
CELERY_BEAT_SCHEDULE = SCHEDULE

# --- logs, readiness, metrics ----------------------------------------------------------------
LOG_FORMAT = read_choice("LOG_FORMAT", "json" if PRODUCTION else "line", ("json", "line"))
LOGGING = logging_settings(
    LOG_FORMAT, read_choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
)
READY_FEED_AGE = read_int("READY_FEED_AGE", 60, 0, 86_400)  # s without any quote; 0: no limit
READY_ENGINE_LAG = read_int("READY_ENGINE_LAG", 10, 0, 86_400)  # s behind the quotes; 0: no limit
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
METRICS_LOOPBACK = bool(read_int("METRICS_LOOPBACK", 0 if PRODUCTION else 1, 0, 1))
SENTRY_DSN = env.str("SENTRY_DSN", "")
