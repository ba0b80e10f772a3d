"""What is ours about the peers: that they run only where they are installed, that they are kept on this machine, that their rows are counted."""

import json
import os
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bench.case import Case
from bench.harness import able
from bench.jobs import JOBS, NODE, PYTHON
from bench.peers.node import loading, serving
from bench.peers.node.place import Place
from bench.peers.sheet import HEADINGS
from bench.world import rosters

pytestmark = pytest.mark.once

PACKAGES = Path(serving.__file__).parent
IMPORT = next(job for job in JOBS if job.key == "import-xlsx-empty")
ANSWERS = """
const said = { variables: Object.keys(process.env), folder: process.cwd() };
require("node:http")
  .createServer((request, response) => {
    response.statusCode = request.url === "/no" ? 400 : 200;
    response.end(request.url === "/no" ? "not that" : JSON.stringify(said));
  })
  .listen(Number(process.env.PORT), process.env.HOST);
"""
# Every way in which a library may open a connection; what is said in the end is whether it stands, or why not.
ASKS = """
const [host, port] = process.argv.slice(2);
const over = (what) => { console.log(what); process.exit(); };
const ways = {
  net: () => require("node:net").connect(Number(port), host, () => over("stands")).on("error", (error) => over(error.message)),
  http: () => require("node:http").get(`http://${host}:${port}/`, () => over("stands")).on("error", (error) => over(error.message)),
  https: () => require("node:https").get(`https://${host}:${port}/`, () => over("stands")).on("error", (error) => over(error.message)),
  fetch: () => fetch(`http://${host}:${port}/`).then(() => over("stands"), (error) => over(error.cause.message)),
};
ways[process.argv[4]]();
"""


def test_peers_run_only_where_they_are_installed() -> None:
    def names(*peers: str) -> list[str]:
        return [contender.name for contender in able(IMPORT, peers)]

    python = ["pandas.to_sql", "django-import-export, fastest bulk", "django-import-export, default"]
    node = ["Directus, POST /items", "NocoDB, bulk"]
    assert names() == ["floor", "ours"]
    assert names(PYTHON) == ["floor", "ours", *python]
    assert names(PYTHON, NODE) == ["floor", "ours", *python, *node]


def test_versions_are_pinned_and_the_lock_file_holds_no_addresses() -> None:
    wanted = json.loads((PACKAGES / "package.json").read_text())
    locked = json.loads((PACKAGES / "package-lock.json").read_text())["packages"]
    root, packages = locked.pop(""), locked
    assert root["dependencies"] == wanted["dependencies"]
    assert [version for version in [*wanted["dependencies"].values(), *wanted["overrides"].values()] if not version[0].isdigit()] == []
    assert {f"node_modules/{name}" for name in wanted["dependencies"]} <= packages.keys()
    assert [name for name, facts in packages.items() if "resolved" in facts] == []
    assert [
        name for name, facts in packages.items() if not facts.get("integrity", "").startswith("sha512-") and not facts.get("inBundle")
    ] == []
    asked = [f"{name}: {what}" for name, facts in packages.items() for what in facts.get("dependencies", {}).values() if "://" in what]
    assert asked == []


@pytest.fixture
def script(tmp_path: Path) -> Path:
    file = tmp_path / "server.cjs"
    file.write_text(ANSWERS)
    return file


def test_a_server_is_asked_and_ends_with_the_run(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGXING_DATA_DIR", "elsewhere")
    folder = script.parent
    with serving.serving(serving.node(script), folder, {"DB_CLIENT": "none"}, "/alive") as client:
        said, port = client.ask("POST", "/", [1]), client.connection.port
        with pytest.raises(serving.Refused, match="GET /no: 400 not that"):
            client.ask("GET", "/no")
    assert {"DB_CLIENT", "PATH"} <= set(said["variables"]) <= {"DB_CLIENT", "PATH", "HOME", "HOST", "PORT", "NODE_ENV", *os.environ}
    assert "TONGXING_DATA_DIR" not in said["variables"]
    assert said["folder"] == str(folder)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_server_that_does_not_start_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.cjs").write_text("throw new Error('no database')")
    with pytest.raises(RuntimeError, match="ended with 1"), serving.serving(serving.node(tmp_path / "broken.cjs"), tmp_path, {}, "/"):
        pass
    assert "no database" in capsys.readouterr().out


@pytest.mark.parametrize("way", ["net", "http", "https", "fetch"])
def test_no_server_speaks_to_another_machine(tmp_path: Path, way: str) -> None:
    script = tmp_path / "asks.cjs"
    script.write_text(ASKS)

    def answer(host: str, port: int) -> str:
        asked = subprocess.run([*serving.node(script), host, str(port), way], capture_output=True, text=True, timeout=60, check=True)
        return asked.stdout.strip()

    assert answer("machine.invalid", 80) == "not of this machine: machine.invalid"
    if way == "net":
        with socket.create_server(("127.0.0.1", 0)) as server:
            assert answer("localhost", server.getsockname()[1]) == "stands"


@pytest.fixture
def case(tmp_path: Path) -> Case:
    rows: list[dict[str, Any]] = [
        {**dict.fromkeys(HEADINGS), "统一社会信用代码": f"code {number}", "单位名称": "某某公司", "数据年度": 2025} for number in range(5)
    ]
    rosters.write(tmp_path / "clean.xlsx", rows)
    return Case("sqlite", str(tmp_path), rows=4, file=str(tmp_path / "clean.xlsx"), facts={"whole": 8})


def test_rows_are_sent_in_batches_and_counted_in_the_table(case: Case) -> None:
    place, batches = Place(case, "peer"), list[int]()
    place.run("CREATE TABLE enterprises (credit_code, name, figures_year)")

    def send(rows: loading.Rows) -> None:
        batches.append(len(rows))
        for row in rows:
            assert row.keys() == set(HEADINGS.values())
            place.run(f"INSERT INTO enterprises VALUES ('{row['credit_code']}', '{row['name']}', {row['figures_year']})")

    answer = loading.load(case, place, "enterprises", 3, send)
    assert batches == [3, 1]
    assert answer["rows"] == 4
    assert answer["value"] == answer["seconds"] * 2
    assert answer["grown"] == 0
    with pytest.raises(RuntimeError, match="4 rows were sent; 8 stand there with 4 codes"):
        loading.load(case, place, "enterprises", 3, send)
