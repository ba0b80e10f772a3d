"""The start page: what is due, what is red, what changed since the last visit, and where to go next; by what the user may do."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date

from tongxing.accounts.requests import user_of
from tongxing.audit.models import Entry
from tongxing.certificates.models import Certificate
from tongxing.core.listing import counted
from tongxing.notices.models import Notice
from tongxing.registry.models import Coordinator, Organisation, StatusPeriod
from tongxing.targets.models import Gap

from .chore import Line
from .navigation import address

REVEAL = "registry.reveal"
TODO_LIMIT = 8
ROSTERS = "企业、单位、协调员、证书，Excel 原样上传，有问题的行逐条说明。"
VISITS = "tx_visits"
"""Cookie "before|today": the day of the visit before today's, and the latest visit."""


@dataclass(frozen=True)
class Todo:
    title: str
    url: str
    due_on: date | None
    overdue: bool
    source: str


def todos(request: HttpRequest) -> list[Todo]:
    """Notices to act on and one's own gaps, most pressing first."""
    today = timezone.localdate()
    notices = Notice.objects.visible_to(user_of(request)).open_todos().order_by("due_on", "-id")[:TODO_LIMIT]
    found = [Todo(row.title, row.url or address("notices:inbox"), row.due_on, row.is_overdue(today), "待办") for row in notices]
    if user_of(request).may("targets.chase"):
        gaps = Gap.objects.filter(owner=user_of(request), closed_on=None).order_by("due_on", "id")[:TODO_LIMIT]
        found += [
            Todo(
                f"{gap.unit_name}还没有协调员", address("targets:gap", gap.pk), gap.due_on, bool(gap.due_on and gap.due_on < today), "缺口"
            )
            for gap in gaps
        ]
    return sorted(found, key=lambda todo: (todo.due_on is None, todo.due_on or today))[: TODO_LIMIT * 2]


def last_visit(request: HttpRequest) -> date:
    """The day of the visit before today's; a week ago when unknown."""
    before, _, latest = request.COOKIES.get(VISITS, "").partition("|")
    today = timezone.localdate()
    days = [day for day in (_day(latest), _day(before)) if day and day < today]
    return max(days, default=today - timedelta(days=7))


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def changes(request: HttpRequest, since: date) -> list[Line]:
    """What was entered and who left since that day, in the user's areas; what was done in the system, for those who read its log."""
    user = user_of(request)
    moment = timezone.make_aware(datetime.combine(since, time.min))
    lines = []
    if user.may("registry.view"):
        organisations = Organisation.objects.visible_to(user).standing().filter(created_at__gte=moment)
        crew = Coordinator.objects.visible_to(user).standing()
        gone = crew.filter(status="left", status_periods__in=StatusPeriod.objects.filter(until=None, since__gte=since))
        certificates = Certificate.objects.visible_to(user).filter(created_at__gte=moment)
        coordinators = address("certificates:coordinators")
        entered = f"?created_from={since}"
        lines += [
            Line(counted(organisations), "家新登记单位", address("registry:organisations") + entered),
            Line(counted(crew.filter(created_at__gte=moment)), "名新登记协调员", coordinators + entered),
            Line(counted(gone), "名协调员离队", f"{coordinators}?status=left&left_from={since}", "amber"),
            Line(counted(certificates), "本新登记证书", address("certificates:certificates") + entered),
        ]
    if user.may("audit.view"):
        entries = Entry.objects.visible_to(user).filter(at__gte=moment)
        seen = counted(entries.filter(act=REVEAL))
        page = f"{address('audit:entries')}?at_from={since}"
        lines += [Line(counted(entries), "条操作记录", page), Line(seen, "次查看证件号、电话等", f"{page}&act={REVEAL}", "amber")]
    return [line for line in lines if line.count]


def _step(title: str, text: str, name: str, action: str, *, done: bool = False) -> dict[str, Any]:
    return {"title": title, "text": text, "url": address(name), "action": action, "done": done}


def steps(request: HttpRequest) -> list[dict[str, Any]]:
    """The four steps of a new installation, shown until enterprises, coordinators and certificates are there."""
    user = user_of(request)
    if not user.may("registry.import"):
        return []
    loaded = {
        "企业和单位": Organisation.objects.visible_to(user).standing().exists(),
        "协调员": Coordinator.objects.visible_to(user).exists(),
        "证书": Certificate.objects.visible_to(user).exists(),
    }
    if all(loaded.values()):
        return []
    missing = "、".join(name for name, there in loaded.items() if not there)
    rosters = f"已有{'、'.join(name for name, there in loaded.items() if there)}，还差{missing}。" if any(loaded.values()) else ROSTERS
    owned = Gap.objects.visible_to(user).exclude(owner=None).exists()
    return [
        _step("导入四份名册", rosters, "sheets:upload", "去导入"),
        _step("看覆盖", "哪家企业、哪个镇街有协调员，哪个没有，点数字看名单。", "targets:coverage", "看覆盖"),
        _step("派缺口", "把缺口分给镇街和责任人，定期限，逾期自动提醒。", "targets:gaps", "派缺口", done=owned),
        _step("出报告", "某一天的情况一键定稿，导出 Excel、Word、PDF。", "targets:reports", "出报告"),
    ]
