"""Overrides for the tests: a throw-away data folder, quick hashes, and undefined template variables that fail."""

import atexit
import os
import shutil
import tempfile

if "CONSILIUM_DATA" not in os.environ:
    os.environ["CONSILIUM_DATA"] = tempfile.mkdtemp(prefix="consilium-test-")
    # Only the process that made the folder takes it away; its children inherit the name.
    atexit.register(shutil.rmtree, os.environ["CONSILIUM_DATA"], ignore_errors=True)

from config.settings import *  # noqa: F403
from config.settings import DATABASES, REST_FRAMEWORK, STORAGES, TEMPLATES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = "UNDEFINED<%s>"  # type: ignore[index]
# The live server finds static files by their plain names; one test collects with the real storage.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = False
REST_FRAMEWORK["DEFAULT_THROTTLE_CLASSES"] = []
DATABASES["default"]["CONN_MAX_AGE"] = 0
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: threads and claims meet the locks that they meet in use.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}  # noqa: F405
LOGGING["root"]["level"] = "WARNING"  # type: ignore[index]  # noqa: F405
STATIC_ROOT = DATA_DIR / "staticfiles"  # noqa: F405
STATIC_ROOT.mkdir(exist_ok=True)
