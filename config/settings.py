"""All settings, in one file; what differs between installations comes from the environment."""

import os
from pathlib import Path

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF

from config import env, logs, places

# Lets admin classes and fields name the types they are about, for the type checker.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = places.folder("DATA_DIR", BASE_DIR / ".data")

DATABASES = {"default": places.database("DATABASE_URL", DATA_DIR)}
ON_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if ON_SQLITE:
    # A file, because threads that share a database in memory do not wait for one another; one per
    # process, because two runs of the tests in one checkout must not meet in it.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / f"test-{os.getpid()}.sqlite3")}

DEBUG = env.flag("DEBUG", False)
SECRET_KEY = places.secret_key("SECRET_KEY", DATA_DIR, required=not ON_SQLITE)
BASE_URL = env.web_address("BASE_URL", "http://127.0.0.1:8000")
HTTPS = BASE_URL.startswith("https://")
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]", serving=BASE_URL)
CSRF_TRUSTED_ORIGINS = [BASE_URL] if HTTPS else []

INSTALLED_APPS = [
    "escalation.apps.EscalationConfig",
    "escalation.incidents.apps.IncidentsConfig",
    "kb.apps.KbConfig",
    "kb.scripts.apps.ScriptsConfig",
    "kb.offers.apps.OffersConfig",
    "tickets.apps.TicketsConfig",
    "tickets.people.apps.PeopleConfig",
    "tickets.outbox.apps.OutboxConfig",
    "tickets.inbound.apps.InboundConfig",
    "tickets.calls.apps.CallsConfig",
    "tickets.routing.apps.RoutingConfig",
    "tickets.searching.apps.SearchingConfig",
    "tickets.telling.apps.TellingConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "template_partials",
    "heroicons",
    "django.forms",  # so that widgets are drawn by templates/django/forms where it has them
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tickets.people.middleware.SignedOutFragmentMiddleware",
    "tickets.people.middleware.ReaderZoneMiddleware",
    "tickets.people.middleware.ReadableMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

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
                "csp.context_processors.nonce",
                "tickets.calls.views.bar.on_call",
                "tickets.live.views.page",
            ],
        },
    },
]

# People -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "tickets.people.backends.AdminRoleBackend",
]
PASSWORD_HASHERS = [
    "tickets.people.hashers.Argon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to strangers because somebody typed them
ACCOUNT_ADAPTER = "tickets.people.accounts.StaffAccountAdapter"

# Time and language --------------------------------------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = env.time_zone("TIME_ZONE", "UTC")
USE_TZ = True

# Files --------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = places.folder("STATIC_ROOT", DATA_DIR / "static", writable=False)
STATICFILES_DIRS = [BASE_DIR / "config" / "static"]
# With STATIC_MANIFEST the files get hashed names and far-future caching; needs collectstatic.
STATIC_MANIFEST = env.flag("STATIC_MANIFEST", False)
WHITENOISE_USE_FINDERS = not STATIC_MANIFEST
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_MANIFEST
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = places.folder("MEDIA_ROOT", DATA_DIR / "media")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Safety -------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.flag("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Else all the world is one address to the limits on logins: the proxy's.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
# Several processes share what they count against guessing; one process has it in its memory.
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
        if ON_SQLITE
        else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache"}
    )
    # Beyond the most a cache forgets some at random: whoever makes many counters must not reset all.
    | {"OPTIONS": {"MAX_ENTRIES": 100_000}}
}
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Mail ---------------------------------------------------------------------------------------
EMAIL_BACKEND = env.dotted("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = env.host("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 25, least=1, most=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL", False)
env.at_most_one("EMAIL_USE_TLS", "EMAIL_USE_SSL")
EMAIL_TIMEOUT = env.number("EMAIL_TIMEOUT", 20, least=1, most=300)
# A reply address is ours with a plus sign and a signed reference before the @: 64 characters at most.
DEFAULT_FROM_EMAIL = env.address("SUPPORT_ADDRESS", "support@helpdesk.localhost", longest_local=37)
SUPPORT_ADDRESS = DEFAULT_FROM_EMAIL
COMPANY_NAME = env.text("COMPANY_NAME", "Support")
HOLD = env.minutes("REPLY_HOLD_MINUTES", 30)
HOLD_MINIMUM = env.minutes("REPLY_HOLD_MINIMUM_MINUTES", 1)
HOLD_MARGIN = env.minutes("REPLY_HOLD_MARGIN_MINUTES", 2)
env.in_order(REPLY_HOLD_MINIMUM_MINUTES=HOLD_MINIMUM, REPLY_HOLD_MINUTES=HOLD)
NOTIFY_BY_MAIL_AFTER = env.minutes("NOTIFY_BY_MAIL_MINUTES", 10)
BASE_CURRENCY = env.currency("BASE_CURRENCY", "USD")

# Timers -------------------------------------------------------------------------------------
METRICS_TOKEN = env.text("METRICS_TOKEN")
CELERY_BROKER_URL = env.broker("CELERY_BROKER_URL", "memory://localhost")

# Live updates ---------------------------------------------------------------------------------
# A path of this site, or the whole address of the stream where it has a host of its own.
LIVE_URL = env.page("LIVE_URL", "/live/stream/")
if not LIVE_URL.startswith("/"):
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["connect-src"] = [SELF, env.origin(LIVE_URL)]

# API ----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    # A refusal quotes what was sent, and half a character has no bytes in UTF-8, but an escape.
    "UNICODE_JSON": False,
    "DEFAULT_PARSER_CLASSES": ["tickets.api.parsing.JsonParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "tickets.api.errors.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Helpdesk API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "tickets.api.schema.refuse_alike",
    ],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "ENUM_NAME_OVERRIDES": {
        "ClockState": "escalation.models.clocks.STATE_CHOICES",
        "EscalationState": "escalation.models.Escalation.State",
        "GrantState": "kb.offers.models.Grant.State",
        "MessageKind": "tickets.models.Message.Kind",
        "EventKind": "tickets.models.TicketEvent.Kind",
        "WrittenKind": "tickets.api.serializers.WRITTEN_KINDS",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# Logs ---------------------------------------------------------------------------------------
LOG_LEVEL = env.one_of("LOG_LEVEL", "INFO", {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"})
LOGGING = logs.lines(LOG_LEVEL)
logs.configure()
