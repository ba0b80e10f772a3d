"""Running the real `tongxing` command with a data folder of its own."""

import os
import subprocess
import sys
from pathlib import Path


def environment(data: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TONGXING_") or name == "TONGXING_FRONT_DIR"}
    path = os.pathsep.join(filter(None, sys.path))
    return {**kept, "TONGXING_DATA_DIR": str(data), "PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "tongxing.config.settings", **more}


def tongxing(data: Path, *arguments: str | Path, **more: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tongxing", *map(str, arguments)]
    return subprocess.run(
        command, env=environment(data, **more), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False
    )
