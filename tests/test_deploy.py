"""The files of `deploy/`: parsed by the programs they are for where these are installed, and in line with the settings everywhere."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from house import PROJECT

from tongxing.cli.entry import tongxing as command_line

DEPLOY = PROJECT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service")) + sorted((DEPLOY / "systemd").glob("*.timer"))
SERVICES = [path for path in UNITS if path.suffix == ".service"]
# Of the container and its compose file, not of the program.
OF_COMPOSE = {"TONGXING_HOST", "TONGXING_DATABASE_PASSWORD"}
HARDENED = {
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "CapabilityBoundingSet=",
    "RestrictSUIDSGID=yes",
    "UMask=0077",
    "SystemCallFilter=@system-service",
}


def files() -> list[Path]:
    return sorted(path for path in DEPLOY.rglob("*") if path.is_file())


def known_settings() -> set[str]:
    sources = [*(PROJECT / "src/tongxing/config").glob("*.py"), *(PROJECT / "src/tongxing/backups").glob("*.py")]
    return {name for path in sources for name in re.findall(r'"(TONGXING_[A-Z_]+)"', path.read_text(encoding="utf-8"))}


def test_every_variable_named_here_is_a_setting() -> None:
    named = {name for path in files() for name in re.findall(r"\bTONGXING_[A-Z_]+\b", path.read_text(encoding="utf-8"))}
    assert sorted(named - OF_COMPOSE - known_settings()) == []


def test_no_registry_and_no_foreign_address_is_named() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in files())
    images = re.findall(r"^\s*image:\s*(\S+)|^FROM (\S+)", text, flags=re.MULTILINE)
    assert [image for pair in images for image in pair if image and "/" in image] == []
    assert re.findall(r"https?://(?!127\.0\.0\.1|tongxing|\$)[\w.-]+", text) == []


def commands(text: str) -> list[str]:
    return re.findall(r"tongxing/\.venv/bin/tongxing ([^\n]+)", text)


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_units_run_commands_that_exist_and_are_hardened(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    assert sorted(HARDENED - set(text.splitlines())) == []
    for words in map(str.split, commands(text)):
        command: Any = command_line.commands[words[0]]
        command.make_context(words[0], words[1:], resilient_parsing=False)
    assert commands(text)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    """With the program's place exchanged for one that exists: the analyser looks for it."""
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/tongxing/.venv/bin/tongxing", sys.executable)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", *sorted(tmp_path.iterdir())], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "tongxing" in line]
    assert ours == []


@pytest.mark.skipif(not shutil.which("nginx") or not shutil.which("openssl"), reason="nginx or openssl is not installed")
@pytest.mark.parametrize("name", ["tongxing.conf", "proxy.conf"])
def test_nginx_accepts_the_configuration(name: str, tmp_path: Path) -> None:
    keys = ["-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", *keys], check=True, capture_output=True)
    text = (DEPLOY / "nginx" / name).read_text(encoding="utf-8").replace("server web:8000", "server 127.0.0.1:8000")
    for place in ("/etc/nginx/tls", "/var/cache/nginx", "/var/log/nginx"):
        text = text.replace(place, str(tmp_path))
    folders = "".join(f"{kind}_temp_path {tmp_path}/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    main = f"pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}} http {{ access_log off; {folders}\n{text}\n}}"
    (tmp_path / "nginx.conf").write_text(main, encoding="utf-8")
    done = subprocess.run(["nginx", "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False)
    assert (done.returncode, "emerg" in done.stderr) == (0, False), done.stderr


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "container" / "compose.yaml").read_text(encoding="utf-8"))
    return found


def test_compose_file_holds_together() -> None:
    """What a service names is declared; what must not be lost is a volume; each service can say whether it is well or waits for one that can."""
    found = compose()
    services = found["services"]
    assert set(services) == {"proxy", "web", "worker", "database"}
    for name, service in services.items():
        mounted = {volume.partition(":")[0] for volume in service.get("volumes", []) if not volume.startswith(".")}
        assert mounted <= set(found["volumes"]), name
        assert set(service.get("secrets", [])) <= set(found["secrets"]), name
        assert set(service.get("depends_on", {})) <= set(services), name
        assert "healthcheck" in service or service["depends_on"], name
    assert "healthcheck" in services["web"]
    assert "healthcheck" in services["database"]
    proxy = services["proxy"]["networks"]["inside"]["ipv4_address"]
    assert services["web"]["environment"]["TONGXING_TRUSTED_PROXIES"] == proxy
    health = services["web"]["healthcheck"]["test"]
    compile(health[-1], "healthcheck", "exec")
    for name in ("web", "worker"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        command = services[name].get("command", ["tongxing", "run"])
        assert isinstance(command_line.commands[command[1]], click.Command)


def test_container_brings_the_client_of_its_database() -> None:
    database = compose()["services"]["database"]["image"].partition(":")[2]
    assert f"postgresql-client-{database} " in (DEPLOY / "container" / "Containerfile").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["tongxing.conf", "proxy.conf"])
def test_proxy_replaces_what_visitors_say_about_themselves(name: str) -> None:
    text = (DEPLOY / "nginx" / name).read_text(encoding="utf-8")
    headers = dict(re.findall(r"proxy_set_header (X-Forwarded-\w+) (\S+);", text))
    assert headers == {"X-Forwarded-Proto": "$scheme", "X-Forwarded-For": "$remote_addr"}
    units = (DEPLOY / "systemd" / "tongxing.env").read_text(encoding="utf-8")
    assert "\nTONGXING_TRUSTED_PROXIES=127.0.0.1\n" in units
    upload = int(re.search(r"client_max_body_size (\d+)m;", text)[1])  # type: ignore[index]
    assert upload > 50
