"""All settings, each from the environment or a file that it names (`<NAME>_FILE`); `.env.example` documents each.

The defaults suit a laptop: SQLite, in-process cache and tasks, the sandbox gateway, e-mail on the console.
`trufan/checks.py` refuses to start production with any of them.
"""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

from notifications.mail import providers
from trufan.lib.environment import Env
from trufan.openapi_settings import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()
Env.read_env(BASE_DIR / ".env")

# --- Which TruFan this is -------------------------------------------------------------------------

#: development, test, staging or production.
DJANGO_ENV = env("DJANGO_ENV", default="development")
IS_LIVE = DJANGO_ENV in {"staging", "production"}
INSECURE_SECRET_KEY = "insecure-laptop-key-never-use-this-anywhere-else"
SECRET_KEY = env("SECRET_KEY", default=INSECURE_SECRET_KEY)
# Reports know a returning buyer by a hash under this key; it stays what it is when SECRET_KEY is rotated.
BUYER_KEY_SECRET = env("BUYER_KEY_SECRET", default=SECRET_KEY)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = env.bool("DEBUG", default=DJANGO_ENV == "development")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
#: Where fans reach this service; links in mails and in the QR page begin with it.
PUBLIC_URL = env("PUBLIC_URL", default="http://localhost:8000").rstrip("/")
#: Where the fans' app lives: links for verifying and resetting lead there.
FRONTEND_URL = env("FRONTEND_URL", default=PUBLIC_URL).rstrip("/")
ROOT_URLCONF = "trufan.urls"
WSGI_APPLICATION = "trufan.wsgi.application"
ASGI_APPLICATION = "trufan.asgi.application"
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
#: What console, API and messages speak (docs/translating.md). Messages: a folder of this name beside the words in the
#: default language; all else: `trufan/locale/`.
LANGUAGES = [("en", "English"), ("es", "Español")]

INSTALLED_APPS = [
    "trufan",
    "reports",
    "ticketing",
    "parking",
    "orders",
    "events",
    "venues",
    "payments",
    "accounts",
    "notifications",
    "audit",
    "trufan.lib",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "anymail",
    "axes",
    "corsheaders",
    "django_filters",
    "phonenumber_field",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "trufan.lib.measuring.MeasuringMiddleware",
    "trufan.lib.correlation.CorrelationMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "trufan.lib.secure_headers.SecureHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "trufan.lib.outage.OutageMiddleware",
    "trufan.lib.throttling.ThrottleMiddleware",
    "trufan.lib.request_size.RequestSizeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "trufan.lib.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.spoken.SpokenMiddleware",
    "trufan.lib.console.switching.VenueSwitchMiddleware",
    "trufan.lib.correlation.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.console_sessions.middleware.ConsoleSessionMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "trufan.lib.exception_handler.EnvelopeMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.console_sessions.middleware.session_script",
            ],
        },
    }
]

# --- Database -------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'trufan.sqlite3'}")}
_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    # Writers queue for the lock when a transaction begins instead of failing half-way through it.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
#: `transaction`: PgBouncer stands in front in that mode, so that no connection keeps anything between transactions.
DATABASE_POOLER = env("DATABASE_POOLER", default="")
_pool_size = env.int("DB_POOL_SIZE", default=10)
_pool_overflow = env.int("DB_POOL_OVERFLOW", default=20)
_pool = {
    "min_size": env.int("DB_POOL_MIN", default=1),
    "max_size": _pool_size + _pool_overflow,
    "timeout": env.float("DB_POOL_TIMEOUT", default=10),
    # A try that failed is given up soon: the next request makes a new one, so that a database that is
    # back is used at once and not when a growing pause ends.
    "reconnect_timeout": 2,
}


def _postgres(database: dict[str, Any], pool: dict[str, Any]) -> None:
    """How PostgreSQL is connected to: by a pool of this process, or by connections that a pooler makes cheap."""
    database["CONN_HEALTH_CHECKS"] = True
    if DATABASE_POOLER == "transaction":
        # A cursor or a prepared statement lives in one back end, and the next transaction may run in another.
        database["DISABLE_SERVER_SIDE_CURSORS"] = True
        database["CONN_MAX_AGE"] = env.int("DB_POOLER_SECONDS", default=60)
        database["OPTIONS"] = {"prepare_threshold": None}
        return
    database["CONN_MAX_AGE"] = 0
    # Only what asks for it is prepared (`trufan.lib.prepared`), at once and not from some count on.
    database["OPTIONS"] = {"prepare_threshold": 1_000_000_000}
    if DJANGO_ENV != "test":
        database["OPTIONS"]["pool"] = pool


if _database["ENGINE"].endswith("postgresql"):
    _postgres(_database, _pool)
#: A streaming replica that reports and exports read from; without one they read from the same database as all else.
REPLICA_DATABASE_URL = env("REPLICA_DATABASE_URL", default="")
if REPLICA_DATABASE_URL:
    DATABASES["replica"] = env.db_url("REPLICA_DATABASE_URL")
    DATABASES["replica"]["TEST"] = {"MIRROR": "default"}
    # Whoever waits for it could have had the answer from the primary.
    _postgres(DATABASES["replica"], {**_pool, "min_size": 0, "timeout": 2})
    DATABASES["replica"].setdefault("OPTIONS", {})["connect_timeout"] = 2
#: From this many seconds behind on, a replica is not read from.
REPLICA_MAX_LAG = env.float("REPLICA_MAX_LAG", default=60)
DATABASE_ROUTERS = ["trufan.lib.replica.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache, sessions, background work -------------------------------------------------------------

REDIS_URL = env("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "trufan",
            # A Redis that is gone is a cache that misses: sessions are read from the database behind it.
            "OPTIONS": {"SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1, "IGNORE_EXCEPTIONS": True},
        }
    }
    DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "trufan"}}
#: Whether what one process publishes reaches the sockets of another; without Redis only those that it serves itself.
LIVE_ACROSS_PROCESSES = bool(REDIS_URL)
if REDIS_URL:
    # Publish and subscribe knows no numbers of databases: the name tells installations on one Redis apart.
    _live_name = hashlib.sha256(f"{REDIS_URL} {SECRET_KEY}".encode()).hexdigest()[:12]
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {
                "hosts": [{"address": REDIS_URL, "socket_connect_timeout": 1}],
                "prefix": f"trufan-{_live_name}-",
            },
        }
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 10_000}}}
#: So old an answer to a public list or page of events may be, in seconds; 0: each is read anew.
PUBLIC_READ_SECONDS = env.int("PUBLIC_READ_SECONDS", default=0 if DJANGO_ENV == "test" else 2)
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = env.int("SESSION_SECONDS", default=12 * 60 * 60)

CELERY_BROKER_URL = env("CELERY_BROKER_URL", default=REDIS_URL)
#: Without a broker a task runs in the process that asked for it.
CELERY_TASK_ALWAYS_EAGER = not CELERY_BROKER_URL
#: A task is taken off the queue when it is done: one whose worker died half-way is run again. Each may be run twice.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
#: A broker that is gone is noticed in a second or two; the sweeps do the work meanwhile. What a machine that vanished
#: had taken is handed out again after an hour, which is longer than any task lasts.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 0,
    "connect_retries_timeout": 1,
    "socket_connect_timeout": 2,
    "visibility_timeout": 3600,
}
#: The one schedule. `manage.py sweep` runs the same sweeps without a worker.
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=30)
#: Whether `uvicorn trufan.asgi:application` sweeps too, so that a laptop needs no second process.
SWEEP_IN_PROCESS = env.bool("SWEEP_IN_PROCESS", default=False)
#: How often the sweeps compare our books with a payment provider's (0: never), and how far back they look.
RECONCILE_EVERY_HOURS = env.float("RECONCILE_EVERY_HOURS", default=24)
RECONCILE_DAYS = env.int("RECONCILE_DAYS", default=7)
#: From this age of its oldest job on, in seconds, a queue counts as lagging in /health/ready and in the metrics.
QUEUE_LAG_SECONDS = env.float("QUEUE_LAG_SECONDS", default=600)
#: Who scrapes /metrics shows this as bearer token; without one it is answered only to this machine itself.
METRICS_TOKEN = env("METRICS_TOKEN", default="")
#: Where a worker tells Prometheus what it counted, on a port of its own; 0: nowhere.
WORKER_METRICS_PORT = env.int("WORKER_METRICS_PORT", default=0)
#: Where the processes of one server count together; the Prometheus client reads the same variable.
METRICS_DIRECTORY = env("PROMETHEUS_MULTIPROC_DIR", default="")
#: Who takes traces, by OTLP over HTTP; OpenTelemetry reads the same variable, and the others of its own.
TRACES_TO = env("OTEL_EXPORTER_OTLP_ENDPOINT", default="")
#: How many people of a message to many are handed to the outbox in a minute, of each such message.
BROADCAST_PER_MINUTE = env.int("BROADCAST_PER_MINUTE", default=1200)
#: How many messages an operator may send to all holders of an event within 24 hours.
EVENT_MESSAGES_PER_DAY = env.int("EVENT_MESSAGES_PER_DAY", default=5)
CELERY_BEAT_SCHEDULE = {"sweep": {"task": "trufan.tasks.sweep", "schedule": SWEEP_SECONDS}}

# --- People ---------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.BCryptSHA256PasswordHasher"]
if DJANGO_ENV == "test":
    PASSWORD_HASHERS = ["accounts.hashers.QuickBCryptHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "first_name", "last_name")},
    },
    {"NAME": "accounts.password_rules.DigitValidator"},
    {"NAME": "accounts.password_rules.UpperCaseValidator"},
]
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=env.int("ACCESS_TOKEN_MINUTES", default=30)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.int("REFRESH_TOKEN_DAYS", default=7)),
    "SIGNING_KEY": env("JWT_SIGNING_KEY", default=SECRET_KEY),
    "ALGORITHM": "HS256",
    "USER_ID_CLAIM": "sub",
    "UPDATE_LAST_LOGIN": False,
}
#: How long mailed links are good, in seconds.
PASSWORD_RESET_TIMEOUT = 60 * env.int("PASSWORD_RESET_MINUTES", default=60)
EMAIL_VERIFICATION_SECONDS = 60 * 60 * env.int("EMAIL_VERIFICATION_HOURS", default=72)
AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", default=5)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("LOGIN_LOCK_MINUTES", default=15))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "trufan.lib.client_ip.client_ip"
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "accounts.lockout.username_of"
AXES_LOCKOUT_CALLABLE = "accounts.lockout.answer"
# A lock ends when it ends, however often somebody knocks meanwhile.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# Who signed in stands in the audit trail; axes' own log would open a session for every API client.
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
#: Whether people whose roles move money sign in with a second factor or not at all; off where nothing is at stake.
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=IS_LIVE)
#: Whoever holds one of these anywhere counts as moving money; super admins always do.
SECOND_FACTOR_PERMISSIONS = env.list(
    "SECOND_FACTOR_PERMISSIONS", default=["refund_orders", "manage_payouts", "manage_venue", "manage_staff"]
)
#: After so many minutes without work the console signs out who moves money; 0: never. All sessions end after
#: `SESSION_SECONDS`.
CONSOLE_IDLE_MINUTES = env.int("CONSOLE_IDLE_MINUTES", default=30)
PHONENUMBER_DB_FORMAT = "E164"
PHONENUMBER_DEFAULT_FORMAT = "E164"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# --- The API --------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.SessionTokenAuthentication",
        "venues.devices.authentication.DeviceKeyAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["trufan.lib.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "trufan.lib.pagination.SkipLimitPagination",
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "trufan.lib.listing.Search",
        "trufan.lib.listing.Ordering",
    ],
    "DEFAULT_METADATA_CLASS": "trufan.lib.metadata.OperationMetadata",
    "DEFAULT_SCHEMA_CLASS": "trufan.lib.schema.TrufanSchema",
    "EXCEPTION_HANDLER": "trufan.lib.exception_handler.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
#: Requests a minute for one address, and how many may come at once; 0 a minute is no limit.
RATE_LIMIT_PER_MINUTE = env.int("RATE_LIMIT_PER_MINUTE", default=60)
RATE_LIMIT_BURST = env.int("RATE_LIMIT_BURST", default=100)
#: In front of every counter's name, where several installations share one Redis.
RATE_LIMIT_KEY_PREFIX = env("RATE_LIMIT_KEY_PREFIX", default="")
#: The same for the door, where all scanners of a venue share one address.
DOOR_LIMIT_PER_MINUTE = env.int("DOOR_LIMIT_PER_MINUTE", default=1200)
DOOR_LIMIT_BURST = env.int("DOOR_LIMIT_BURST", default=200)
#: The same for each device with an API key, however many share its address.
DEVICE_LIMIT_PER_MINUTE = env.int("DEVICE_LIMIT_PER_MINUTE", default=300)
DEVICE_LIMIT_BURST = env.int("DEVICE_LIMIT_BURST", default=100)
#: Stricter limits a minute and address for paths where guessing pays.
SENSITIVE_LIMITS = {
    "login": env.int("LIMIT_LOGIN_PER_MINUTE", default=10),
    "register": env.int("LIMIT_REGISTER_PER_MINUTE", default=5),
    "password_reset": env.int("LIMIT_PASSWORD_RESET_PER_MINUTE", default=5),
    "code": env.int("LIMIT_CODE_PER_MINUTE", default=5),
    "promo_code": env.int("LIMIT_PROMO_CODE_PER_MINUTE", default=20),
    "parking_quote": env.int("LIMIT_PARKING_QUOTE_PER_MINUTE", default=30),
    "parked_car": env.int("LIMIT_PARKED_CAR_PER_MINUTE", default=10),
}
#: How many proxies of ours stand in front; only what they wrote into X-Forwarded-For is believed.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
MAX_REQUEST_BYTES = env.int("MAX_REQUEST_BYTES", default=1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_REQUEST_BYTES
#: Where whole files are sent, such as the 25,000 seats of a stadium, and how large they may be.
MAX_IMPORT_BYTES = env.int("MAX_IMPORT_BYTES", default=8 * 1024 * 1024)
IMPORT_PATHS = [
    r"/api/v1/seating-plans/[0-9a-f-]{36}/seats",
    r"/admin/venues/seatingplan/[0-9a-f-]{36}/seats/",
    r"/admin/[a-z]+/[a-z]+/import/",
]
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
#: Headers that prove who a guest is: a kept answer is replayed only to a caller who sends the same.
IDEMPOTENCY_IDENTITY_HEADERS = ["X-Order-Access-Code", "X-Parking-Access-Code", "X-Transfer-Code"]
CORS_ALLOW_HEADERS = [
    "authorization",
    "content-type",
    "idempotency-key",
    "if-none-match",
    "x-correlation-id",
    "x-order-access-code",
    "x-parking-access-code",
    "x-transfer-code",
]
CORS_EXPOSE_HEADERS = [
    "ETag",
    "X-Correlation-ID",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "Retry-After",
    "Idempotent-Replayed",
]
CORS_URLS_REGEX = r"^/api/.*$"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- Selling --------------------------------------------------------------------------------------

#: How long a pending order keeps its stock.
HOLD_SECONDS = env.int("HOLD_SECONDS", default=600)
#: How long an offered ticket waits to be taken, at most until the event's own limit.
TRANSFER_HOURS = env.int("TRANSFER_HOURS", default=7 * 24)
#: How long tickets are held for the person on the waiting list whose turn it is.
WAITLIST_HOLD_SECONDS = env.int("WAITLIST_HOLD_SECONDS", default=60 * 60)
#: The largest tip, in percent of what the food costs: beyond it somebody mistyped.
TIP_LIMIT_PERCENT = env.int("TIP_LIMIT_PERCENT", default=100)
#: How long after an order was paid and handed over its buyer may add a tip and rate it.
TIP_WINDOW_HOURS = env.int("TIP_WINDOW_HOURS", default=48)
#: Stripe's secret (or restricted) key; with it, payments go through Stripe.
STRIPE_SECRET_KEY = env("STRIPE_SECRET_KEY", default="")
#: The signing secrets of the webhook endpoint, several while one replaces another.
STRIPE_WEBHOOK_SECRETS = env.list("STRIPE_WEBHOOK_SECRETS", default=[])
#: The signing secrets of the endpoint for events that only name what changed, several while one replaces another.
STRIPE_THIN_WEBHOOK_SECRETS = env.list("STRIPE_THIN_WEBHOOK_SECRETS", default=[])
#: Where Stripe's API is; another only for a proxy, or to test against a server of one's own.
STRIPE_API_BASE = env("STRIPE_API_BASE", default="https://api.stripe.com").rstrip("/")
#: How long one try of a call to Stripe may take. Three of them must end within `payments.charges.IN_FLIGHT`.
STRIPE_TIMEOUT_SECONDS = env.float("STRIPE_TIMEOUT_SECONDS", default=12)
#: sandbox or stripe.
PAYMENT_GATEWAY = env("PAYMENT_GATEWAY", default="stripe" if STRIPE_SECRET_KEY else "sandbox")
SANDBOX_WEBHOOK_SECRET = env("SANDBOX_WEBHOOK_SECRET", default="whsec_sandbox")
#: How long the sandbox lets a payment that succeeds late wait.
SANDBOX_LATE_SECONDS = env.int("SANDBOX_LATE_SECONDS", default=20)
INSECURE_TICKET_KEY = "dev:dHJ1ZmFuLWxhcHRvcC10aWNrZXQta2V5LTMyYnl0ZXM="
#: `id:base64 of 32 bytes`, several: the first signs, all of them verify.
TICKET_SIGNING_KEYS = env.list("TICKET_SIGNING_KEYS", default=[INSECURE_TICKET_KEY])
#: Passes for Apple Wallet: the pass type's certificate and key, Apple's intermediate certificate, all PEM (or that in
#: base 64 on one line), and what the certificate is for. Without the certificate there are no such passes.
APPLE_WALLET_CERTIFICATE = env("APPLE_WALLET_CERTIFICATE", default="")
APPLE_WALLET_KEY = env("APPLE_WALLET_KEY", default="")
APPLE_WALLET_INTERMEDIATE = env("APPLE_WALLET_INTERMEDIATE", default="")
APPLE_WALLET_PASS_TYPE = env("APPLE_WALLET_PASS_TYPE", default="")
APPLE_WALLET_TEAM = env("APPLE_WALLET_TEAM", default="")
#: Passes for Google Wallet: the issuer's id, and its service account's JSON key on one line.
GOOGLE_WALLET_ISSUER = env("GOOGLE_WALLET_ISSUER", default="")
GOOGLE_WALLET_ACCOUNT = env("GOOGLE_WALLET_ACCOUNT", default="")
INSECURE_AUDIT_KEY = "insecure-laptop-audit-key"
#: Keys the fingerprints of audit rows, so that who can write the table still can't forge one.
AUDIT_KEY = env("AUDIT_KEY", default=INSECURE_AUDIT_KEY)

# --- Mail -----------------------------------------------------------------------------------------

EMAIL_URL = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_URL)
if EMAIL_URL["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend":
    EMAIL_BACKEND = "notifications.backends.console.EmailBackend"
EMAIL_TIMEOUT = 10
#: A provider that django-anymail knows (postmark, mailgun, amazon_ses, …) instead of a mail server.
EMAIL_PROVIDER = env("EMAIL_PROVIDER", default="")
#: `user:password`, several while one replaces another: what the provider's webhooks about bounces sign in with.
EMAIL_WEBHOOK_SECRETS = env.list("EMAIL_WEBHOOK_SECRETS", default=[])
#: The provider's keys, as anymail names them, from the variables that begin with its name; see docs/mail.md.
ANYMAIL = providers.anymail_settings(EMAIL_PROVIDER, env.ENVIRON) | {
    "WEBHOOK_SECRET": EMAIL_WEBHOOK_SECRETS,
    "REQUESTS_TIMEOUT": EMAIL_TIMEOUT,
    # What one provider can't be told (our id beside a mail) is no reason not to send the mail.
    "IGNORE_UNSUPPORTED_FEATURES": True,
}
if EMAIL_PROVIDER:
    EMAIL_BACKEND = providers.backend(EMAIL_PROVIDER)
#: The most that is attached to one mail, in bytes before encoding: providers take 10 MB with everything.
EMAIL_ATTACHMENT_BYTES = env.int("EMAIL_ATTACHMENT_BYTES", default=7_000_000)
#: After so many days what was said is forgotten: the rows of messages that are done are deleted (0: never).
NOTIFICATION_DAYS = env.int("NOTIFICATION_DAYS", default=400)
#: So many days each other kind of personal data is kept (0: for ever); .env.example says what, docs/privacy.md why.
SIGN_IN_DAYS = env.int("SIGN_IN_DAYS", default=30)
DEVICE_DAYS = env.int("DEVICE_DAYS", default=30)
WEBHOOK_DAYS = env.int("WEBHOOK_DAYS", default=30)
INBOUND_DAYS = env.int("INBOUND_DAYS", default=90)
VALET_DAYS = env.int("VALET_DAYS", default=365)
GUEST_CONTACT_DAYS = env.int("GUEST_CONTACT_DAYS", default=730)
UNPAID_CONTACT_DAYS = env.int("UNPAID_CONTACT_DAYS", default=30)
ATTENDEE_DAYS = env.int("ATTENDEE_DAYS", default=365)
TRANSFER_CONTACT_DAYS = env.int("TRANSFER_CONTACT_DAYS", default=365)
WAITING_DAYS = env.int("WAITING_DAYS", default=90)
STAY_CONTACT_DAYS = env.int("STAY_CONTACT_DAYS", default=365)
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="TruFan <tickets@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
#: Without these a laptop prints short messages into its log; production needs them to send any.
TWILIO_ACCOUNT_SID = env("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN = env("TWILIO_AUTH_TOKEN", default="")
#: The number that messages come from, or the messaging service that picks one.
TWILIO_FROM = env("TWILIO_FROM", default="")
TWILIO_MESSAGING_SERVICE_SID = env("TWILIO_MESSAGING_SERVICE_SID", default="")
#: How many messages a minute of one sender are acted on and answered; 0 is no limit.
SMS_COMMANDS_PER_MINUTE = env.int("SMS_COMMANDS_PER_MINUTE", default=10)
#: Where Twilio's API is; another only to test against a server of one's own.
TWILIO_API_BASE = env("TWILIO_API_BASE", default="https://api.twilio.com")
#: Keys of web push (`manage.py make_vapid_keys`), and whom a push service writes to about us: `mailto:` or https.
#: Without them a laptop prints pushes into its log.
VAPID_PUBLIC_KEY = env("VAPID_PUBLIC_KEY", default="")
VAPID_PRIVATE_KEY = env("VAPID_PRIVATE_KEY", default="")
VAPID_SUBJECT = env("VAPID_SUBJECT", default="")
#: Where a browser's pushes may go: hosts, and all below them.
PUSH_SERVICES = env.list(
    "PUSH_SERVICES",
    default=["fcm.googleapis.com", "push.services.mozilla.com", "notify.windows.com", "push.apple.com"],
)
#: The service account of Firebase, for apps: its JSON, or the path of a file with it.
FCM_CREDENTIALS = env("FCM_CREDENTIALS", default="")
#: Where its API is; another only to test against a server of one's own.
FCM_API_BASE = env("FCM_API_BASE", default="https://fcm.googleapis.com")

# --- Webhooks to venues' own systems --------------------------------------------------------------

#: Whether messages go to addresses inside our network too, and by plain http; for a laptop, refused when live.
WEBHOOKS_TO_PRIVATE_ADDRESSES = env.bool("WEBHOOKS_TO_PRIVATE_ADDRESSES", default=False)

# --- Safety ---------------------------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if IS_LIVE:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^health", r"^metrics$"]
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    if env.bool("BEHIND_TLS_PROXY", default=True):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Files ----------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
#: Where pictures are kept that only our own views show, to whom they may; nothing serves it as files.
PRIVATE_ROOT = env("PRIVATE_ROOT", default=str(BASE_DIR / "var" / "private"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": PRIVATE_ROOT}},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_LIVE
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

MEDIA_URL = env("MEDIA_URL", default="/media/")
#: Where pictures that staff upload are kept.
MEDIA_ROOT = env("MEDIA_ROOT", default=str(BASE_DIR / "var" / "media"))
#: Where `manage.py backup` keeps backups; on another machine's disk, or copied to one.
BACKUP_ROOT = env("BACKUP_ROOT", default=str(BASE_DIR / "var" / "backups"))

# --- Logs -----------------------------------------------------------------------------------------

LOG_LEVEL = env("LOG_LEVEL", default="INFO")
LOG_JSON = env.bool("LOG_JSON", default=IS_LIVE)
LOGGING_CONFIG = "trufan.lib.logs.configure"
LOGGING = {"level": LOG_LEVEL, "json": LOG_JSON, "cache": DJANGO_ENV != "test"}

from trufan.console import UNFOLD as UNFOLD  # noqa: E402  the console's looks and menu, long enough for a room of its own
