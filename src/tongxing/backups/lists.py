"""The list of backups."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat

from tongxing.core.listing import Column, Filter, ListPage
from tongxing.policy.provisions import value

from . import places
from .models import Backup, Drill, State
from .standing import standing

TONES = {State.DONE: "green", State.FAILED: "red", State.RUNNING: "blue", State.REMOVED: "grey"}
DRILLS_SHOWN = 5


def _seconds(row: Backup) -> int | None:
    return round((row.finished_at - row.started_at).total_seconds()) if row.finished_at else None


class BackupList(ListPage):
    key = "backups.backups"
    title = "备份与恢复演练"
    intro = "数据有没有按时备份、读回来对不对、最近一次演练恢复用了多久。"
    permission = "backups.view"
    export_permission = "backups.view"
    default_sort = "-started"
    empty = ("还没有做过备份", "给后台任务进程备份口令以后，每天自动做一次；也可以在服务器上执行 tongxing backup。", "", "")
    above = "backups/standing.html"
    columns = (
        Column("started", "开始时间", value=lambda row: row.started_at, sort="id"),
        Column("state", "状态", value=lambda row: row.get_state_display(), tone=lambda row: TONES[row.state]),
        Column("name", "文件", value=lambda row: row.name, width=32),
        Column("how", "方式", value=lambda row: "自动" if row.scheduled else "人工", default=False),
        Column(
            "size",
            "大小",
            value=lambda row: filesizeformat(row.size) if row.size else None,
            export=lambda row: row.size,
            sort="size",
            numeric=True,
        ),
        Column("rows", "数据行数", value=lambda row: row.row_count, sort="row_count", numeric=True),
        Column("seconds", "用时（秒）", value=_seconds, numeric=True),
        Column("keys", "含密钥", value=lambda row: row.with_keys, default=False),
        Column("folder", "文件夹", value=lambda row: row.folder, default=False),
        Column("message", "说明", value=lambda row: row.message, width=40),
    )
    filters = (
        Filter.choice("state", "状态", list(State.choices), field="state"),
        Filter.days("started", "日期", field="started_at__date"),
    )

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        return Backup.objects.visible_to(request.user)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        keeps = {kind: value(f"backups.keep_{kind}") for kind in ("daily", "weekly", "monthly")}
        return {
            "standing": standing(),
            "drills": Drill.objects.visible_to(request.user)[:DRILLS_SHOWN],
            "place": places.folder(),
            "hour": value("backups.hour"),
            "keeps": keeps,
        }
