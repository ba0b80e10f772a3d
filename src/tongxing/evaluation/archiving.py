"""The archive of a batch: what belongs into it, what is there, and until when it is kept (facts §2)."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.policy import provisions

from .models import ArchivedItem, AssessmentBatch, BatchState
from .moving import held, insist_move, insist_state, move
from .passing import years_after
from .rules import can_manage, insist

CHECKLIST: dict[str, str] = {
    "announcement": "认定公告",
    "applications": "个人、团体报名资格审核材料",
    "checks": "资格审核数据汇总表",
    "candidates": "审核通过人员名册",
    "training": "培训方案",
    "plan": "计划申报表",
    "conduct": "考务实施方案",
    "sign_in": "监考、考生、考评员签到表",
    "papers": "试卷发放、收取登记",
    "rooms": "考场情况记录单",
    "moderation": "内部督导表",
    "results": "评价结果汇总表",
    "answers": "试卷、答题卡",
    "practice": "技能评分记录",
    "review": "论文评审、答辩评分",
    "media": "作品、照片、录像",
    "certificates": "证书数据审核确认表",
}


class Kept(NamedTuple):
    """What is said of one line: on paper, electronic, or a remark why there is neither."""

    paper: bool
    electronic: bool
    remark: str = ""


@transaction.atomic
def note_items(batch: AssessmentBatch, items: Mapping[str, Kept], *, by: Actor) -> int:
    """Tick off the checklist; returns how many lines changed."""
    row = held(batch)
    insist(can_manage(by, row))
    insist_state(row, BatchState.PUBLISHED, BatchState.ISSUED, doing="登记归档材料")
    if strange := items.keys() - CHECKLIST.keys():
        raise Refused(f"清单里没有“{'、'.join(sorted(strange))}”。请刷新页面。", code="no_item")
    known = {item.key: item for item in ArchivedItem.objects.filter(batch=row)}
    changed = {}
    for key, kept in items.items():
        now, values = known.get(key), Kept(kept.paper, kept.electronic, kept.remark.strip()[:120])
        if now and (now.paper, now.electronic, now.remark) == values:
            continue
        if now is None and not any(values):
            continue
        ArchivedItem.objects.update_or_create(
            batch=row, key=key, defaults={**values._asdict(), "by": by.display_name[:60], "at": timezone.now()}
        )
        changed[CHECKLIST[key]] = list(values)
    if changed:
        record("evaluation.note_archive", by=by, of=row, after=changed)
    return len(changed)


def open_lines(batch: AssessmentBatch) -> list[str]:
    """Lines of the checklist of which nothing is said yet."""
    said = {item.key for item in ArchivedItem.objects.filter(batch=batch) if item.paper or item.electronic or item.remark}
    return [label for key, label in CHECKLIST.items() if key not in said]


@transaction.atomic
def archive(batch: AssessmentBatch, *, by: Actor, place: str) -> AssessmentBatch:
    """Close the file of a batch: every line said, the place known."""
    row = held(batch)
    insist(can_manage(by, row))
    insist_move(row, "archive")
    if missing := open_lines(row):
        raise Refused(f"归档清单还有 {len(missing)} 项没有登记：{'、'.join(missing[:5])}。没有的材料请写说明。", code="archive_open")
    if not place.strip():
        raise Refused("请填写档案存放地点，以后检查要找得到。", code="incomplete")
    move(row, "archive", archived_on=timezone.localdate(), archived_at=place.strip()[:120])
    record("evaluation.archive", by=by, of=row, after={"state": row.state, "place": row.archived_at})
    return row


class Retention(NamedTuple):
    paper: date
    electronic: date


def retention(archived_on: date) -> Retention:
    """Until when paper and electronic records are to be kept, by the provisions of the day of archiving."""
    paper, electronic = (int(provisions.value(f"evaluation.archive.{form}_years", archived_on)) for form in ("paper", "electronic"))
    return Retention(years_after(archived_on, paper), years_after(archived_on, electronic))
