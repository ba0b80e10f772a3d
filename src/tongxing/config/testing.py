"""Settings of the tests: a throw-away data folder, chosen before the real settings read it, and nothing of the developer's own."""

import os
import tempfile
from pathlib import Path

os.environ["TONGXING_DATA_DIR"] = tempfile.mkdtemp(prefix="tongxing-test-")
os.environ.setdefault("TONGXING_LOG_LEVEL", "ERROR")
if os.environ.get("TONGXING_TEST_DATABASE_URL"):
    os.environ["TONGXING_DATABASE_URL"] = os.environ["TONGXING_TEST_DATABASE_URL"]
else:
    os.environ.pop("TONGXING_DATABASE_URL", None)
Path(os.environ["TONGXING_DATA_DIR"], "static").mkdir()

from .settings import *  # noqa: E402, F403 - the lines above must come first
