"""The history of a record in words: one happening per act, with what it changed. Field by field, who changed what (issue 2 §3)."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import models

from tongxing.audit import history
from tongxing.audit.names import act_name
from tongxing.sheets.models import Fate, Line

from .models import Coordinator, Person
from .models.coordinators import CoordinatorStatus
from .people import LABELS as PERSON_LABELS

LABELS = PERSON_LABELS | {
    "organisation": "单位",
    "post": "职务",
    "on": "日期",
    "since": "自",
    "until": "至",
    "status": "状态",
    "full_time": "专职",
    "is_primary": "主要任职",
    "remark": "备注",
    "area": "区划",
    "kind": "类别",
    "conduct_kind": "记录类别",
    "happened_on": "发生日期",
    "source": "来源",
    "document": "文书号",
    "file": "附件",
    "lifted_on": "撤销或修复日期",
    "struck_on": "作废日期",
    "year": "年度",
    "field": "查看内容",
    "count": "数量",
    "other": "另一条记录",
    "account": "账号",
    "number": "证书编号",
    "level": "等级",
    "issued_on": "发证日期",
    "body_name": "评价机构",
    "person": "持证人",
    "by": "换发为",
    "checked_on": "查询日期",
    "found": "查到且一致",
}


LIMIT = 200
EMPTY = "（空）"
WORDS = dict(CoordinatorStatus.choices) | {"valid": "有效", "replaced": "已换发", "void": "作废"}


class Happening(NamedTuple):
    at: datetime
    actor: str
    on_behalf_of: str
    act: str
    reason: str
    details: list[str]


def happenings(objects: Iterable[models.Model], *, limit: int = 100) -> list[Happening]:
    """What happened to these records, newest first; one query for each."""
    entries = [entry for obj in objects for entry in history.of(obj, limit=limit)]
    newest = sorted(entries, key=lambda entry: entry.pk, reverse=True)[:limit]
    return [
        Happening(entry.at, entry.actor_name, entry.on_behalf_of, act_name(entry.act), entry.reason, _details(history.lines(entry, LABELS)))
        for entry in newest
    ]


def entered_by_roster(at: datetime) -> Happening:
    """For a record without an entry of its registration: a roster brought it, and the log holds one entry for the whole batch."""
    return Happening(at, "名册导入", "", "由名册导入登记", "", [])


def whole_history_of(person: Person) -> list[Happening]:
    """With the lines of rosters that changed the person, newest first: for a page of its own."""
    coordinator = Coordinator.objects.filter(person=person).first()
    told = happenings([person, coordinator] if coordinator else [person], limit=LIMIT)
    lines = Line.objects.filter(about=person.pk, fate=Fate.CHANGED, applied=True, batch__sheet="coordinators")
    told += [_roster_happening(line) for line in lines.select_related("batch").order_by("-id")[:LIMIT]]
    if not any(one.act == act_name("registry.register_person") for one in told):
        told.append(entered_by_roster(person.created_at))
    return sorted(told, key=lambda one: one.at, reverse=True)


def _roster_happening(line: Line) -> Happening:
    details = [f"{item['heading']}：{item['before'] or '空'} → {item['after'] or '空'}" for item in line.diff]
    batch = line.batch
    return Happening(batch.finished_at or batch.created_at, batch.by_name, "", "导入名册", f"{batch.file_name} 第 {line.row} 行", details)


def _details(lines: list[history.Line]) -> list[str]:
    """Only what has a name: numbers of rows mean nothing to a reader."""
    known = set(LABELS.values())
    told = []
    for line in lines:
        before, after = WORDS.get(line.before, line.before), WORDS.get(line.after, line.after)
        if line.changed and line.label in known and (before, after) != (EMPTY, EMPTY):
            told.append(f"{line.label}：{after}" if before == EMPTY else f"{line.label}：{before} → {after}")
    return told
