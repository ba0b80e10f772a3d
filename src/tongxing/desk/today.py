"""The start page: what is due, what is red, what changed since the last visit, and where to go next; by what the user may do."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date

from tongxing.accounts.requests import user_of
from tongxing.certificates.models import Certificate
from tongxing.notices.models import Notice
from tongxing.registry.models import Coordinator, Organisation, StatusPeriod
from tongxing.targets.models import Gap

from .navigation import address

TODO_LIMIT = 8
VISITS = "tx_visits"
"""Cookie "before|today": the day of the visit before today's, and the latest visit."""


@dataclass(frozen=True)
class Line:
    """One thing that changed or waits: a number, words, and the list behind it."""

    count: int
    text: str
    url: str
    tone: str = "grey"


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
    """What came in and what ended in the user's areas since that day."""
    user = user_of(request)
    moment = timezone.make_aware(datetime.combine(since, time.min))
    organisations = Organisation.objects.visible_to(user).standing().filter(created_at__gte=moment).count()
    mine = Coordinator.objects.visible_to(user)
    joined = mine.filter(enrolled_on__gte=since, status="active").count()
    ended = StatusPeriod.objects.filter(coordinator__in=mine, status="active", until__gte=since, coordinator__status="left").count()
    certificates = Certificate.objects.visible_to(user).filter(created_at__gte=moment).count()
    lines = [
        Line(organisations, "家新登记单位", address("registry:organisations")),
        Line(joined, "名新入队协调员", address("certificates:coordinators")),
        Line(ended, "名协调员离队", address("certificates:coordinators"), "amber"),
        Line(certificates, "本新登记证书", address("certificates:certificates")),
    ]
    return [line for line in lines if line.count]


def chores(request: HttpRequest) -> list[Line]:
    """Loose ends of the register that somebody with the right should tie."""
    user = user_of(request)
    lines = []
    if user.may("registry.edit"):
        unplaced = Organisation.objects.visible_to(user).unplaced_on(timezone.localdate()).count()
        unknown = Organisation.objects.visible_to(user).standing().filter(kind="enterprise", size="unknown").count()
        lines += [
            Line(unplaced, "家单位还没有归属到镇街", address("registry:unplaced"), "amber"),
            Line(unknown, "家企业数据不全，划不出规模", f"{address('registry:organisations')}?size=unknown", "amber"),
        ]
    if user.may("targets.chase"):
        mine = Gap.objects.visible_to(user).filter(closed_on=None)
        late = mine.aggregate(late=Count("id", filter=Q(due_on__lt=timezone.localdate())), free=Count("id", filter=Q(owner=None)))
        lines += [
            Line(late["late"], "个缺口已过期限", f"{address('targets:gaps')}?overdue=1", "red"),
            Line(late["free"], "个缺口还没有责任人", f"{address('targets:gaps')}?mine=0", "amber"),
        ]
    return [line for line in lines if line.count]


def _step(title: str, text: str, name: str, action: str, *, done: bool = False) -> dict[str, Any]:
    return {"title": title, "text": text, "url": address(name), "action": action, "done": done}


def steps(request: HttpRequest) -> list[dict[str, Any]]:
    """The four steps of a new installation, shown until enterprises, coordinators and certificates are there."""
    user = user_of(request)
    if not user.may("registry.import"):
        return []
    loaded = [
        Organisation.objects.visible_to(user).standing().exists(),
        Coordinator.objects.visible_to(user).exists(),
        Certificate.objects.visible_to(user).exists(),
    ]
    if all(loaded):
        return []
    owned = Gap.objects.visible_to(user).exclude(owner=None).exists()
    return [
        _step("导入四份名册", "企业、单位、协调员、证书，Excel 原样上传，有问题的行逐条说明。", "sheets:upload", "去导入"),
        _step("看覆盖", "哪家企业、哪个镇街有协调员，哪个没有，点数字看名单。", "targets:coverage", "看覆盖"),
        _step("派缺口", "把缺口分给镇街和责任人，定期限，逾期自动提醒。", "targets:gaps", "派缺口", done=owned),
        _step("出报告", "某一天的情况一键定稿，导出 Excel、Word、PDF。", "targets:reports", "出报告"),
    ]
