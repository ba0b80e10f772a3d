"""`tongxing migrate` and `tongxing demo`: bringing the data folder to a usable state. Every step may be run again at any time."""

import hashlib
import json
import os
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from tongxing.core.errors import Refused

from .chinese import ChineseCommand
from .output import as_json
from .start import pending_migrations, refuse_moved, start_django, start_with_data

# Base data: what every bureau needs before the first roster. Each function writes only the rows that are missing and returns how many.
BASE_DATA = (
    ("日志防改触发器", "tongxing.audit.guarding.restore"),
    ("区划", "tongxing.gazetteer.base_data.load"),
    ("工作日历", "tongxing.workdays.base_data.load"),
    ("建设目标", "tongxing.targets.base_data.load"),
)


def load_base_data() -> dict[str, Any]:
    from django.utils.module_loading import import_string

    from tongxing.audit.log import COMMAND_LINE

    return {label: import_string(path)(by=COMMAND_LINE) for label, path in BASE_DATA}


def prepare_database() -> dict[str, Any]:
    """Schema, cache table and base data."""
    from django.conf import settings
    from django.core.management import call_command

    from tongxing.registry import partitioning

    refuse_moved()
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    applied = pending_migrations()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    made = partitioning.arrange()
    prepare_keys()
    return {"migrations": applied, "partitions": made, "base_data": load_base_data()}


def prepare_keys() -> None:
    """Key ring and seal key stand from the first start on. A ring lost later is never replaced: a new one opens nothing and finds nobody."""
    from django.conf import settings

    from tongxing.audit import sealing
    from tongxing.core import vault
    from tongxing.registry.models import Person

    if not (settings.KEY_DIR / "vault.json").exists() and Person.objects.exists():
        raise Refused(
            f"密钥环 {settings.KEY_DIR / 'vault.json'} 不见了，证件号码和电话打不开。请从密钥备份中恢复后再启动。", code="no_keys"
        )
    vault.ring()
    sealing.key()


def collect_static() -> bool:
    """Collect style, scripts and pictures when any of them changed since the last time; True when something was done."""
    from django.conf import settings
    from django.core.management import call_command

    stamp, state = settings.DATA_DIR / "static.stamp", _static_state()
    if stamp.exists() and stamp.read_text() == state and settings.STATIC_ROOT.exists():
        return False
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(state)
    return True


def _static_state() -> str:
    """A digest of the name, size and time of every static file."""
    from django.apps import apps
    from django.contrib.staticfiles.finders import get_finders

    digest, ignored = hashlib.sha256(), apps.get_app_config("staticfiles").ignore_patterns  # type: ignore[attr-defined]
    for finder in get_finders():
        for name, storage in finder.list(ignored):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name}|{facts.st_size}|{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def prepared_state() -> str:
    """What base data depends on: the code and data files of the rooms."""
    from django.conf import settings

    digest = hashlib.sha256(str(settings.DATABASES["default"]["NAME"]).encode())
    for path in sorted(_sources(settings.PACKAGE)):
        facts = path.stat()
        digest.update(f"{path}|{facts.st_size}|{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _sources(package: Path) -> Iterator[Path]:
    for pattern in ("*/migrations/*.py", "*/base_data.py", "*/*.toml", "*/data/*"):
        yield from package.glob(pattern)


@click.command(cls=ChineseCommand, short_help="建库、升级并写入基础数据（区划、工作日历、建设目标）")
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def migrate(json_wanted: bool) -> int:
    """把数据目录带到可用状态：建表或升级，写入缺少的基础数据；不含演示数据。可以反复执行。"""
    started = time.monotonic()
    start_django()
    report = prepare_database()
    report["seconds"] = round(time.monotonic() - started, 2)
    if json_wanted:
        as_json({"status": "applied", **report})
        return 0
    click.echo(f"数据库已就绪（执行了 {report['migrations']} 个升级步骤）。")
    if report["partitions"]:
        click.echo(f"  检索表已按省分为 {report['partitions']} 个分区。")
    for label, written in report["base_data"].items():
        click.echo(f"  {label}：{_said(written)}")
    return 0


def _said(written: Any) -> str:
    if isinstance(written, int):
        return f"新写入 {written} 条" if written else "已齐全"
    return "已齐全" if not written else json.dumps(written, ensure_ascii=False, default=str)


@click.command(cls=ChineseCommand, short_help="写入或清除演示数据")
@click.option("--clear", is_flag=True, help="清除全部演示数据")
@click.option("--json", "json_wanted", is_flag=True, help="输出 JSON")
def demo(clear: bool, json_wanted: bool) -> int:
    """写入济源的演示数据（人员均为虚构），或用 --clear 全部清除。正式环境（TONGXING_PRODUCTION=1）拒绝执行。"""
    start_with_data()
    from tongxing.audit.log import COMMAND_LINE

    build = demo_builder()
    report = build.clear(by=COMMAND_LINE) if clear else build.build(by=COMMAND_LINE)
    if json_wanted:
        as_json({"status": "applied", "demo": report})
    else:
        click.echo("演示数据已清除。" if clear else "演示数据已写入。")
    return 0


def demo_builder() -> Any:
    """The module that makes demonstration data; never in production, and only where demonstration mode is on."""
    from django.conf import settings

    if settings.PRODUCTION or not settings.DEMO:
        raise Refused("这里不是演示环境。需要演示数据时，请另设数据目录并设 TONGXING_DEMO=1。", code="not_demo")
    if find_spec("tongxing.demo.build") is None:
        raise Refused("这个版本没有带演示数据。", code="no_demo")
    from importlib import import_module

    return import_module("tongxing.demo.build")


def prepare_everything() -> list[str]:
    """What `tongxing run` does before serving; returns sentences about what was done. Fast when nothing changed."""
    from django.conf import settings

    from tongxing.backups.restoring import refuse_unfinished

    refuse_unfinished()
    done = []
    refuse_moved()
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    stamp = settings.DATA_DIR / "prepared.stamp"
    if pending_migrations() or not stamp.exists() or stamp.read_text() != prepared_state():
        prepare_database()
        done.append("数据库和基础数据已就绪")
    prepare_keys()
    refuse_demo_data()
    if collect_static():
        done.append("页面样式和脚本已就绪")
    if settings.DEMO and find_spec("tongxing.demo.build") is not None and not (settings.DATA_DIR / "demo.stamp").exists():
        _first_demo()
        done.append("演示数据已写入")
    stamp.write_text(prepared_state())
    return done


def refuse_demo_data() -> None:
    """Outside demonstration mode nothing is served from data that holds the demonstration: its accounts have a printed password."""
    from django.conf import settings

    from tongxing.demo.build import stands

    if not settings.DEMO and stands():
        raise Refused(
            "这个数据目录里还有演示数据和演示账号，不能正式启动。请用 TONGXING_DATA_DIR 另设数据目录，"
            "或先以 TONGXING_DEMO=1 执行 tongxing demo --clear 清除。",
            code="demo_data",
        )


def _first_demo() -> None:
    from django.conf import settings

    from tongxing.accounts.models import User
    from tongxing.audit.log import COMMAND_LINE

    if not User.objects.exists():
        demo_builder().build(by=COMMAND_LINE)
    (settings.DATA_DIR / "demo.stamp").write_text(str(os.getpid()))
