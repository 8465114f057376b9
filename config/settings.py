"""Every setting, closed by default; what may differ between two installations comes from config/env.py."""

import os
from pathlib import Path

from config import env, safety

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"

env.check_names(os.environ)

PRODUCTION = env.envbool("PRODUCTION")
DATA_DIR = Path(env.envtext("DATA", str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
LISTEN = env.envtext("LISTEN", "127.0.0.1:8000")

# Never on, in no size: its pages show code, settings and labels.
DEBUG = False
SECRET_KEY = env.envsecret("SECRET_KEY", DATA_DIR / "secret_key")
FIELD_KEY = env.envsecret("FIELD_KEY", DATA_DIR / "field_key")
SECRET_KEY_FALLBACKS = env.envlist("SECRET_KEY_FALLBACKS")
SIGNING_KEY = env.envsecret("SIGNING_KEY", DATA_DIR / "signing_key")
ALLOWED_HOSTS = env.envlist("HOSTS", ("localhost", "127.0.0.1", "[::1]"))

INSTALLED_APPS = [
    "config",
    "reports",
    "qc",
    "accounts",
    "annotations",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
]

OTEL_ENDPOINT = env.envtext("OTEL_ENDPOINT")

MIDDLEWARE = [
    "config.requests.RequestId",
    *(["config.tracing.Traced"] if OTEL_ENDPOINT else []),
    "config.metrics.Measured",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.sessions.Idle",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.sessions.Gate",
    "config.language.Chosen",
    "config.problems.PageProblems",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    },
]

# -- database ---------------------------------------------------------------------------------------------------------
SQLITE_SYNCHRONOUS = env.envchoice("SQLITE_SYNCHRONOUS", "NORMAL", ("NORMAL", "FULL"))
DATABASES = {"default": env.envdatabase(f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # IMMEDIATE takes the write lock at BEGIN: DEFERRED ends in "database is locked" under load.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (f"PRAGMA journal_mode=WAL;PRAGMA synchronous={SQLITE_SYNCHRONOUS};PRAGMA foreign_keys=ON;"),
    }
else:
    # Connections are kept by thread, not pooled: a pool does not survive the fork of the worker's processes.
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {
        "options": "-c lock_timeout=5s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s",
    }

# -- files ------------------------------------------------------------------------------------------------------------
STORAGES = {
    "default": env.envstorage(str(DATA_DIR / "files")),
    "staticfiles": {"BACKEND": "config.storage.ModuleManifestStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder", "config.static.AppFiles"]
WHITENOISE_INDEX_FILE = False
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
ADDRESS = env.envtext("ADDRESS", "http://localhost:8000").rstrip("/")
globals().update(env.envmail())
CAN_MAIL = bool(env.envmail())
DEFAULT_FROM_EMAIL = env.envtext("MAIL_FROM", "consilium@localhost")
EMAIL_TIMEOUT = 20
PRIVATE_HOOKS = env.envbool("PRIVATE_HOOKS")
DATA_UPLOAD_MAX_MEMORY_SIZE = env.envint("MAX_BODY", 50_000_000)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

# -- people -----------------------------------------------------------------------------------------------------------
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 60 * env.envint("IDLE_MINUTES", 30)
SESSION_COOKIE_NAME = "consilium_session"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.problems.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Asked of nobody, of whoever can sign (adjudicators, leads, vendors, administrators), or of everybody.
SECOND_FACTOR = env.envchoice("SECOND_FACTOR", "signers" if PRODUCTION else "off", ("off", "signers", "all"))
OIDC = {
    "issuer": env.envtext("OIDC_ISSUER"),
    "client_id": env.envtext("OIDC_CLIENT_ID"),
    "client_secret": env.envoptional("OIDC_CLIENT_SECRET"),
    "name": env.envtext("OIDC_NAME", "your organisation") if env.envtext("OIDC_ISSUER") else "",
    "opens_accounts": env.envbool("OIDC_OPENS_ACCOUNTS"),
}

# -- headers ----------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
TRUSTED_PROXIES = env.envlist("TRUSTED_PROXIES")
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# -- cache ------------------------------------------------------------------------------------------------------------
CACHE_URL = env.envtext("CACHE", "locmem://")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
    if CACHE_URL.startswith(("redis://", "rediss://"))
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Figures of reports under the digest of their data: kept in files where there is no Redis, so that they outlive a
    # process and every process has them. Only the server writes there.
    "reports": {
        **(
            {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
            if CACHE_URL.startswith(("redis://", "rediss://"))
            else {
                "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
                "LOCATION": str(DATA_DIR / "reports"),
            }
        ),
        "KEY_PREFIX": "reports",
        "TIMEOUT": 7 * 24 * 3600,
        "OPTIONS": {"MAX_ENTRIES": 2_000} if not CACHE_URL.startswith(("redis://", "rediss://")) else {},
    },
}

# -- language and time ------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch"), ("ja", "日本語")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

# -- API --------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "annotations.authentication.BearerToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.parsers.StrictJSON"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
        "rest_framework.throttling.ScopedRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "30/min", "user": "600/min", "claim": "60/min", "upload": "20/hour"},
    "EXCEPTION_HANDLER": "config.problems.api_problem",
    "NUM_PROXIES": len(TRUSTED_PROXIES),
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Consilium",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.1",
    "DESCRIPTION": "Independent readings of medical images, agreement, consensus, adjudication and gold releases.",
    "LICENSE": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {"ReaderKindEnum": "annotations.models.ReaderKind"},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.schema.add_problems",
    ],
}

# -- work -------------------------------------------------------------------------------------------------------------
BROKER = env.envtext("BROKER", "memory://")
CONCURRENCY = env.envint("CONCURRENCY", min(max(os.cpu_count() or 2, 2), 4))
POOL = env.envchoice("POOL", "threads" if os.name == "nt" else "prefork", ("prefork", "threads", "solo"))
WEB_THREADS = env.envint("WEB_THREADS", 8)
METRICS_TOKEN = env.envoptional("METRICS_TOKEN")
PUMP_SECONDS = env.envfloat("PUMP_SECONDS", 0.25, least=0.01)
PUMP_IDLE_SECONDS = env.envfloat("PUMP_IDLE_SECONDS", 0.25, least=0.01)

# -- logs -------------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "config.logs.WithRequestId"}},
    "formatters": {
        "console": {"format": "{asctime} {levelname} {name} {message} [{request_id}]", "style": "{"},
        "json": {"()": "config.logs.JSONLines"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["request_id"],
            "formatter": env.envchoice("LOG", "json" if PRODUCTION else "console", ("console", "json")),
        },
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.server": {"level": "WARNING"},
        "pydicom": {"level": "CRITICAL"},  # its warnings quote what a header says of a patient
        "highdicom": {"level": "CRITICAL"},
        "kombu.connection": {"level": "ERROR"},  # memory:// has no host name, and it says so at each start
    },
}

safety.refuse_insecure_start(
    production=PRODUCTION, hosts=ALLOWED_HOSTS, listen=LISTEN, engine=DATABASES["default"]["ENGINE"], broker=BROKER
)
