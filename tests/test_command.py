"""The `tongxing` command as a user runs it: exit codes, sentences, JSON, and no traceback."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
from command_line import environment, tongxing


@pytest.fixture
def data(prepared: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(prepared, tmp_path / "var"))


def test_help_is_chinese_and_quick(tmp_path: Path) -> None:
    started = time.monotonic()
    shown = tongxing(tmp_path / "var", "--help")
    assert time.monotonic() - started < 1.5  # 0.1 s alone; the machine is busy while tests run
    assert shown.returncode == 0
    assert not [word for word in ("Usage", "Options", "Commands", "Show this message") if word in shown.stdout]
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nope"], "没有这个命令"),
        (["check"], "缺少参数"),
        (["check", "a", "b", "c"], "多了参数"),
        (["coverage", "--on", "yesterday"], "不是日期"),
        (["coverage", "--what"], "没有这个选项"),
        (["run", "--port", "99999"], "不在 0 到 65535 之间"),
        (["run", "--workers", "0"], "不在 1 到 64 之间"),
        (["coverage"], "请先执行 tongxing migrate"),
    ],
)
def test_refusal_is_a_sentence_and_exit_code_2(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    shown = tongxing(tmp_path / "var", *arguments)
    assert (shown.returncode, sentence in shown.stderr, "Traceback" in shown.stderr) == (2, True, False), shown.stderr


def test_refusal_is_json_for_machines(tmp_path: Path) -> None:
    shown = tongxing(tmp_path / "var", "coverage", "--json")
    assert json.loads(shown.stdout)["refused"]["code"] == "not_migrated"


def test_bad_setting_is_a_sentence(tmp_path: Path) -> None:
    shown = tongxing(tmp_path / "var", "migrate", TONGXING_UPLOAD_LIMIT_MB="much")
    assert (shown.returncode, shown.stderr.strip()) == (2, "设置有误：TONGXING_UPLOAD_LIMIT_MB 应为整数，现在是“much”。")


def test_production_refuses_demonstration(tmp_path: Path, data: Path) -> None:
    assert tongxing(data, "demo", TONGXING_PRODUCTION="1").returncode == 2
    assert tongxing(data, "migrate", TONGXING_PRODUCTION="1", TONGXING_DEMO="1").returncode == 2
    assert tongxing(data, "demo").returncode == 2


@pytest.mark.parametrize("mode", [{"TONGXING_PRODUCTION": "1"}, {}])
@pytest.mark.parametrize("arguments", [["run", "--prepare-only"], ["worker", "--once"], ["web"]])
def test_nothing_starts_for_real_over_the_demonstration(data: Path, arguments: list[str], mode: dict[str, str]) -> None:
    code = "from tongxing.cli.start import start_django; start_django(); from tongxing.demo.models import DemoMark; "
    code += "DemoMark.objects.create()"
    subprocess.run([sys.executable, "-c", code], env=environment(data), check=True)
    refused = tongxing(data, *arguments, **mode)
    assert (refused.returncode, "演示数据" in refused.stderr) == (2, True), refused.stderr


def test_migrate_again_writes_nothing(data: Path) -> None:
    again = json.loads(tongxing(data, "migrate", "--json").stdout)
    assert (again["migrations"], set(again["base_data"].values())) == (0, {0})


def test_secrets_are_for_their_owner_only(data: Path) -> None:
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in (data / "keys").iterdir()}
    assert modes == dict.fromkeys(("session.key", "vault.json", "audit.key"), "0o600")


def test_the_data_folder_is_made_for_its_owner_only(prepared: Path) -> None:
    assert [oct(folder.stat().st_mode & 0o777) for folder in (prepared, prepared / "keys")] == ["0o700", "0o700"]


def test_a_lost_key_ring_is_not_replaced(data: Path) -> None:
    code = "from tongxing.cli.start import start_django; start_django(); from tongxing.registry.models import Person; "
    code += "from tongxing.areas.models import Area; Person.objects.create(name='张三', area=Area.objects.last())"
    subprocess.run([sys.executable, "-c", code], env=environment(data), check=True)
    (data / "keys" / "vault.json").unlink()
    refused = tongxing(data, "migrate", "--json")
    assert (refused.returncode, json.loads(refused.stdout)["refused"]["code"]) == (2, "no_keys"), refused.stderr
    assert not (data / "keys" / "vault.json").exists()


@pytest.mark.parametrize("arguments", [["createuser", "wang", "--name", "王"], ["backup"]])
def test_without_a_terminal_nothing_is_asked(data: Path, arguments: list[str]) -> None:
    refused = tongxing(data, *arguments, "--json")
    assert (refused.returncode, json.loads(refused.stdout)["refused"]["code"]) == (2, "no_terminal"), refused.stderr


def test_a_weak_password_is_explained_in_chinese(data: Path) -> None:
    refused = tongxing(data, "createuser", "wang", "--name", "王", TONGXING_PASSWORD="short")
    assert "密码" in refused.stderr
    assert "This password" not in refused.stderr


def test_help_says_what_is_required_in_chinese(tmp_path: Path) -> None:
    shown = tongxing(tmp_path / "var", "createuser", "--help").stdout
    assert "（必填）" in shown
    assert "required" not in shown


def test_createuser_makes_an_account_once(data: Path) -> None:
    arguments = ["createuser", "wang", "--name", "王经办", "--role", "officer", "--json"]
    first = tongxing(data, *arguments, TONGXING_PASSWORD="clay-river-9-lamp")
    assert (first.returncode, json.loads(first.stdout)["username"]) == (0, "wang"), first.stderr
    assert tongxing(data, *arguments, TONGXING_PASSWORD="clay-river-9-lamp").returncode == 2
    assert tongxing(data, "createuser", "li", "--name", "李", TONGXING_PASSWORD="12345678").returncode == 2
    assert tongxing(data, "createuser", "li", "--name", "李", "--role", "king", TONGXING_PASSWORD="x").returncode == 2


def test_audit_verify_finds_nothing_in_a_new_log(data: Path) -> None:
    assert tongxing(data, "audit", "verify").returncode == 0


def test_missing_file_is_refused(data: Path) -> None:
    shown = tongxing(data, "check", "enterprises", data / "none.xlsx", "--json")
    assert (shown.returncode, json.loads(shown.stdout)["status"]) == (2, "refused")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
def test_run_serves_and_stops_with_all_its_processes(data: Path) -> None:
    port = _free_port()
    command = [sys.executable, "-m", "tongxing", "run", "--port", str(port)]
    with (data / "out").open("w") as out:
        server = subprocess.Popen(command, env=environment(data), stdout=out, stderr=out)
        try:
            deadline = time.monotonic() + 60
            while "同行已启动" not in (data / "out").read_text():
                assert server.poll() is None, (data / "out").read_text()
                assert time.monotonic() < deadline, (data / "out").read_text()
                time.sleep(0.1)
            assert _status(port) == 200
            children = _children(server.pid)
        finally:
            server.send_signal(signal.SIGTERM)
            assert server.wait(timeout=40) == 0
    assert len(children) == 2
    assert [pid for pid in children if _lives(pid)] == []
    assert f"http://127.0.0.1:{port}" in (data / "out").read_text()


def _status(port: int) -> int:
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("GET", "/account/login/")
        with connection.getresponse() as answer:
            return answer.status


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_tokens_are_listed_and_revoked(data: Path) -> None:
    assert (
        tongxing(data, "createuser", "wang", "--name", "王经办", "--role", "officer", TONGXING_PASSWORD="clay-river-9-lamp").returncode == 0
    )
    assert tongxing(data, "createtoken", "wang", "--name", "台账程序", "--scope", "read").returncode == 0

    def listed(*arguments: str) -> list[tuple[int, str, bool]]:
        shown = tongxing(data, "tokens", "--json", *arguments)
        assert shown.returncode == 0, shown.stderr
        return [(row["number"], row["name"], row["usable"]) for row in json.loads(shown.stdout)["tokens"]]

    assert listed() == [(1, "台账程序", True)]
    assert listed("--revoke", "1") == [(1, "台账程序", False)]
    again = tongxing(data, "tokens", "--revoke", "1", "--json")
    assert (again.returncode, json.loads(again.stdout)["refused"]["code"]) == (2, "already_revoked")
