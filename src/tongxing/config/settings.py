"""All settings in one file. Everything an installation may change is a TONGXING_* variable (docs/operate.md lists them)."""

from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from tongxing.core.secrets import read_or_make

from . import environment as env

PACKAGE = Path(__file__).resolve().parent.parent
PROJECT = PACKAGE.parent.parent

DATA_DIR = env.folder("TONGXING_DATA_DIR", PROJECT / "var")
FRONT_DIR = env.folder("TONGXING_FRONT_DIR", PROJECT / "node_modules")
KEY_DIR = DATA_DIR / "keys"
DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)  # the register in it is for this account only

# Demonstration mode shows accounts on the sign-in page and may be cleared with one button; production refuses all of it.
DEMO = env.flag("TONGXING_DEMO")
PRODUCTION = env.flag("TONGXING_PRODUCTION")
DEBUG = env.flag("TONGXING_DEBUG")
if PRODUCTION and (DEMO or DEBUG):
    raise ImproperlyConfigured("TONGXING_PRODUCTION 不能与 TONGXING_DEMO 或 TONGXING_DEBUG 同时为 1。")

SECRET_KEY = env.text("TONGXING_SECRET_KEY") or read_or_make(KEY_DIR / "session.key")
ALLOWED_HOSTS = env.words("TONGXING_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("TONGXING_ORIGINS")

# --- what the bureau may set -------------------------------------------------------------------------------------------
PUBLIC_URL = env.text("TONGXING_PUBLIC_URL").rstrip("/")
BUREAU_NAME = env.text("TONGXING_BUREAU_NAME", "济源产城融合示范区人力资源和社会保障局")
PROGRAMME_AREA = env.number("TONGXING_AREA", 419001000000)
UPLOAD_LIMIT_BYTES = env.number("TONGXING_UPLOAD_LIMIT_MB", 50, least=1) * 1024 * 1024
SHEET_ROW_LIMIT = env.number("TONGXING_SHEET_ROW_LIMIT", 1_048_576, least=1)
SHEET_CELL_LENGTH_LIMIT = env.number("TONGXING_SHEET_CELL_LENGTH_LIMIT", 4_000, least=10)
SHEET_EXPANDED_LIMIT_BYTES = env.number("TONGXING_SHEET_EXPANDED_LIMIT_MB", 1_500, least=10) * 1024 * 1024
API_REQUESTS_PER_MINUTE = env.number("TONGXING_API_REQUESTS_PER_MINUTE", 300, least=1)
SESSION_IDLE_MINUTES = env.number("TONGXING_SESSION_IDLE_MINUTES", 60, least=1)
SESSION_HOURS = env.number("TONGXING_SESSION_HOURS", 12, least=1)
# How long a device may keep a copy of the pages that must open without a line; 0: no copies.
OFFLINE_COPY_HOURS = env.number("TONGXING_OFFLINE_COPY_HOURS", 24)
# Where backups go, and the file with their passphrase: both are better off on another disk than the data.
BACKUP_DIR = env.folder("TONGXING_BACKUP_DIR", DATA_DIR / "backups")
BACKUP_PASSPHRASE_FILE = env.text("TONGXING_BACKUP_PASSPHRASE_FILE")
# Where `pg_dump` of the server's version is, when it is not found by itself; "none": our own COPY instead.
PG_DUMP = env.text("TONGXING_PG_DUMP")
CIPHER = env.text("TONGXING_CIPHER", "aes-256-gcm")
if CIPHER not in {"aes-256-gcm", "sm4-gcm"}:
    raise ImproperlyConfigured("TONGXING_CIPHER 只能是 aes-256-gcm 或 sm4-gcm。")

# Cards that higher rooms hang on an organisation's page: heading, url name (it takes the organisation's uid) and, where not all may open it, permission.
ORGANISATION_PANELS = [
    ("覆盖情况", "targets:of-organisation"),
    ("持证协调员", "certificates:of-organisation"),
    ("选树", "honours:of-organisation", "honours.view"),
]
# The same for a person's page, with the permission that opens the card.
PERSON_PANELS = [
    ("证书", "certificates:of-person", "certificates.view"),
    ("等级评价", "evaluation:of-person", "evaluation.applications"),
    ("选树", "honours:of-person", "honours.view"),
]
# The same for the page of an assessment body and of a training provider (the url takes the organisation's uid).
BODY_PANELS = [("督导记录", "supervision:of-body", "supervision.view")]
# The same for an area's page (the url takes its code).
AREA_PANELS = [("在这里的单位和人员", "registry:of-area")]

# The same for a training class's page, with the permission that opens the card.
CLASS_PANELS = [("线上学习", "learning:of-class", "learning.view")]
# Where a trainee goes from the own page of a class that teaches online too.
OWN_CLASS_LINKS = [("线上课", "learning:own")]

# What higher rooms move when two records of one organisation become one, in this order: acts with (keep, drop, by=…).
ORGANISATION_MERGES = [
    "tongxing.learning.merging.follow_merge",
    "tongxing.training.merging.follow_merge",
    "tongxing.certificates.bodies.follow_merge",
    "tongxing.evaluation.bodies.follow_merge",
    "tongxing.competitions.merging.follow_merge",
    "tongxing.subsidies.merging.follow_merge",
    "tongxing.supervision.merging.follow_merge",
    "tongxing.honours.merging.follow_merge",
    "tongxing.targets.merging.follow_merge",
]

# The same for people, after the register's rows, certificates and training records.
PERSON_MERGES = [
    "tongxing.learning.merging.follow_person_merge",
    "tongxing.evaluation.merging.follow_person_merge",
    "tongxing.subsidies.merging.follow_person_merge",
    "tongxing.credentials.photos.follow_person_merge",
    "tongxing.supervision.merging.follow_person_merge",
    "tongxing.competitions.merging.follow_person_merge",
    "tongxing.honours.merging.follow_person_merge",
]

# The explicit list of sheets (design §5): name -> where its class stands. `sheets` never learns what a person is.
SHEETS = {
    "enterprises": "tongxing.registry.sheets.enterprises.EnterpriseSheet",
    "organisations": "tongxing.registry.sheets.organisations.OrganisationSheet",
    "coordinators": "tongxing.certificates.sheets.coordinators.CoordinatorSheet",
    "certificates": "tongxing.certificates.sheets.certificates.CertificateSheet",
    "assignments": "tongxing.registry.sheets.assignments.AssignmentSheet",
    "applications": "tongxing.evaluation.sheets.applications.ApplicationSheet",
    "scores": "tongxing.evaluation.sheets.scores.ScoreSheet",
    "claims": "tongxing.subsidies.sheets.claims.ClaimSheet",
    "attendance": "tongxing.training.sheets.attendance.AttendanceSheet",
    "questions": "tongxing.learning.sheets.questions.QuestionSheet",
}

# Pages of which a device may keep a copy (core/offline.py): without arguments, or of one record by its uid.
OFFLINE_PAGES = ["training:attendance", "supervision:visit", "portal:offline"]

# The log stands above core: the function that notes an exported list is named here.
AUDIT_EXPORT = "tongxing.audit.log.record"

# --- rooms, top to bottom (.importlinter holds the same order) ------------------------------------------------------------
INSTALLED_APPS = [
    "tongxing.portal",
    "tongxing.desk",
    "tongxing.api",
    "tongxing.demo",
    "tongxing.targets",
    "tongxing.honours",
    "tongxing.supervision",
    "tongxing.subsidies",
    "tongxing.evaluation",
    "tongxing.competitions",
    "tongxing.credentials",
    "tongxing.certificates",
    "tongxing.learning",
    "tongxing.training",
    "tongxing.registry",
    "tongxing.sheets",
    "tongxing.backups",
    "tongxing.papers",
    "tongxing.notices",
    "tongxing.files",
    "tongxing.workdays",
    "tongxing.gazetteer",
    "tongxing.policy",
    "tongxing.accounts",
    "tongxing.audit",
    "tongxing.areas",
    "tongxing.core",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "tongxing.config.apps.FrontFilesConfig",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "django_tasks_db",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "tongxing.core.stalls.WatchMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tongxing.core.middleware.RequestIdMiddleware",
    "tongxing.api.errors.ProblemMiddleware",
    "tongxing.core.stalls.AwayMiddleware",
    "tongxing.accounts.middleware.SessionLimitMiddleware",
    "tongxing.core.middleware.PrivateQueryMiddleware",
    "tongxing.targets.pacing.HurryMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tongxing.core.middleware.RefusedMiddleware",
    "tongxing.core.middleware.WrongMethodMiddleware",
]

ROOT_URLCONF = "tongxing.config.urls"
WSGI_APPLICATION = "tongxing.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "tongxing.core.context.workspace",
                "tongxing.desk.navigation.frame",
                "tongxing.targets.pacing.context",
            ],
            "builtins": ["tongxing.core.templatetags.tongxing"],
        },
    }
]

DATABASES = {"default": env.database("TONGXING_DATABASE_URL", DATA_DIR / "tongxing.sqlite3")}
# What `tongxing migrate` makes of the tables that gain by it (registry/partitioning.py); a choice for good.
PARTITIONS = env.text("TONGXING_PARTITIONS")
if PARTITIONS not in {"", "province"}:
    raise ImproperlyConfigured("TONGXING_PARTITIONS 只能是 province，或不设。")
if PARTITIONS and not env.text("TONGXING_DATABASE_URL"):
    raise ImproperlyConfigured("TONGXING_PARTITIONS 只和 TONGXING_DATABASE_URL 一起使用：SQLite 没有分区。")
# Reports, the portal and exports may read from a streaming replica (core/replica.py).
REPLICA_URL = env.text("TONGXING_REPLICA_URL")
REPLICA_LAG_SECONDS = env.number("TONGXING_REPLICA_LAG_SECONDS", 15, least=1)
DATABASE_ROUTERS: list[str] = []
if REPLICA_URL:
    if not env.text("TONGXING_DATABASE_URL"):
        raise ImproperlyConfigured("TONGXING_REPLICA_URL 只和 TONGXING_DATABASE_URL 一起使用：SQLite 没有只读副本。")
    DATABASES["replica"] = env.postgresql("TONGXING_REPLICA_URL", REPLICA_URL)
    DATABASE_ROUTERS = ["tongxing.core.replica.ReplicaRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Lock-out counters and rate limits must be seen by every process: the cache is a table, not memory.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "process"},
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
# The timetable (core/jobs.py): a function without arguments -> every how many minutes. Each may run at any time and any number of times.
PERIODIC = {
    "tongxing.audit.sealing.seal": 1,
    "tongxing.notices.outbox.send_due": 1,
    "tongxing.sheets.retention.remove_old_files": 24 * 60,
    "tongxing.files.scratch.sweep": 60,
    "tongxing.portal.statistics.refresh": 10,
    "tongxing.targets.gaps.sync_gaps": 1,
    "tongxing.subsidies.noticing.clear_due": 60,
    "tongxing.supervision.watching.run": 12 * 60,
    "tongxing.supervision.rectifying.tell_overdue": 6 * 60,
    "tongxing.supervision.drawing.publish_due": 6 * 60,
    "tongxing.honours.reminding.remind": 6 * 60,
    "tongxing.targets.daily.run": 6 * 60,
    "tongxing.training.holding.fill_waiting": 60,
    "tongxing.training.warning.warn_in_time": 6 * 60,
    "tongxing.learning.sitting.close_overdue": 5,
    "tongxing.accounts.sessions.sweep": 24 * 60,
    "tongxing.core.jobs.prune": 60,
    "tongxing.backups.schedule.run_due": 10,
    "tongxing.core.upkeep.analyze_daily": 24 * 60,
    "tongxing.core.limits.sweep": 60,
}

# What a worker does before its first task, and at every beat (seconds apart): it must be quick when there is nothing to do.
AT_WORKER_START = ["tongxing.files.scratch.sweep", "tongxing.files.keeping.seal_old"]
AT_WORKER_BEAT = ["tongxing.sheets.tasks.pick_up_stalled"]

# --- sign-in ---------------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "tongxing.accounts.passwords.MinimumLength", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "tongxing.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login_failed": "30/10m/ip,5/5m/key", "login": "60/m/ip"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "同行"
# Secrets of the second factor lie sealed by the vault.
MFA_ADAPTER = "tongxing.accounts.adapter.SecondFactorAdapter"
SECOND_FACTOR_REQUIRED = not DEMO

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "tongxing.core.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = env.flag("TONGXING_SSL_REDIRECT")
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("TONGXING_BEHIND_PROXY") else None
# Whose X-Forwarded-For is believed, for rate limits and the log (core/limits.py); nobody's when empty.
TRUSTED_PROXIES = env.networks("TONGXING_TRUSTED_PROXIES")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "style-src": [SELF],
        # ECharts positions its tooltip with style attributes; nothing else may carry inline style.
        "style-src-attr": ["'unsafe-inline'"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- language, time, static and uploaded files -----------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["tongxing.config.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [
    ("vendor/tabler/css", FRONT_DIR / "@tabler/core/dist/css"),
    ("vendor/tabler/js", FRONT_DIR / "@tabler/core/dist/js"),
    ("vendor/echarts", FRONT_DIR / "echarts/dist"),
]
STORAGES = {
    "default": {"BACKEND": "tongxing.files.sealed.SealedStorage", "OPTIONS": {"location": DATA_DIR / "files"}},
    "staticfiles": {"BACKEND": "tongxing.core.staticfiles.HashedStorage"},
}
WHITENOISE_USE_FINDERS = False
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Clear copies that a reader needs for a moment (files/scratch.py).
SCRATCH_DIR = DATA_DIR / "scratch"
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler", "tongxing.files.scratch.ScratchUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

EMAIL_BACKEND = env.text("TONGXING_EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend")
EMAIL_HOST = env.text("TONGXING_EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("TONGXING_EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("TONGXING_EMAIL_USER")
EMAIL_HOST_PASSWORD = env.text("TONGXING_EMAIL_PASSWORD")
EMAIL_USE_TLS = env.flag("TONGXING_EMAIL_TLS")
DEFAULT_FROM_EMAIL = env.text("TONGXING_EMAIL_FROM", "tongxing@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("TONGXING_LOG_LEVEL", "WARNING")},
}
