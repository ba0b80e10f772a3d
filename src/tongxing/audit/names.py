"""Chinese names for what the log holds in code: acts (from `acts.toml` of each room), objects and fields (from the models)."""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

ROOMS = {
    "accounts": "账号",
    "areas": "区划",
    "gazetteer": "区划",
    "system": "系统",
    "core": "名单",
    "audit": "审计",
    "policy": "政策参数",
    "workdays": "工作日历",
    "files": "文件",
    "notices": "消息",
    "papers": "文书",
    "sheets": "导入",
    "backups": "备份",
    "registry": "登记",
    "certificates": "证书",
    "credentials": "电子凭证",
    "training": "培训",
    "learning": "在线学习",
    "evaluation": "等级评价",
    "subsidies": "补贴",
    "supervision": "质量督导",
    "competitions": "技能竞赛",
    "honours": "选树",
    "targets": "建设目标",
    "demo": "演示",
    "desk": "工作台",
    "api": "接口",
    "portal": "公开页面",
}
VERBS = {
    "add": "新增",
    "create": "新增",
    "register": "登记",
    "update": "修改",
    "edit": "修改",
    "remove": "删除",
    "delete": "删除",
    "close": "关闭",
    "merge": "合并",
    "reveal": "查看明文",
    "export": "导出",
    "import": "导入",
    "apply": "入库",
    "undo": "撤销",
    "load": "载入",
    "freeze": "冻结",
    "assign": "分派",
    "void": "作废",
    "replace": "换发",
    "enrol": "入册",
    "confirm": "确认",
}


@lru_cache(maxsize=2)
def _named(section: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for config in apps.get_app_configs():
        source = Path(config.path) / "acts.toml"
        if config.name.startswith("tongxing.") and source.exists():
            found |= tomllib.loads(source.read_text(encoding="utf-8")).get(section, {})
    return found


def act_names() -> dict[str, str]:
    """Every named act: "registry.enrol" -> "入册". A room names its acts in `acts.toml` under [acts]."""
    return _named("acts")


def table_name(table: Any) -> str:
    """What the rows of a table are called in a sentence: "registry.Posting" -> "任职". A room names them in `acts.toml` under [tables]."""
    return _named("tables").get(table._meta.label, "其他记录")


def act_name(act: str) -> str:
    named = act_names().get(act)
    if named:
        return named
    room, _, verb = act.partition(".")
    return f"{ROOMS.get(room, room)}：{VERBS.get(verb.partition('_')[0], verb)}"


@lru_cache(maxsize=512)
def field_name(object_type: str, key: str) -> str:
    """The Chinese name of a field, from the model's verbose name; a key that is no field is shown as it stands."""
    try:
        return str(apps.get_model(object_type)._meta.get_field(key.removesuffix("_id")).verbose_name)
    except (LookupError, ValueError, FieldDoesNotExist, AttributeError):
        return key


def shown(value: Any) -> str:
    """A JSON value as an officer reads it."""
    if value is None or value == "":
        return "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(shown(item) for item in value) or "（空）"
    if isinstance(value, dict):
        return "；".join(f"{key}：{shown(item)}" for key, item in value.items())
    return str(value)
