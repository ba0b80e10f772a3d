"""The list pages of the room: gaps, exemptions, frozen reports."""

from datetime import date
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.areas.scope import span_of
from tongxing.core.listing import Bulk, Column, Filter, ListPage

from .gaps import catch_up
from .models import Exemption, ExemptionState, FrozenReport, Gap, GapState, Target
from .place import area_choices

STATE_TONES = {GapState.OPEN: "red", GapState.CHASED: "amber", GapState.CLOSED: "green"}
EXEMPTION_TONES = {ExemptionState.REQUESTED: "amber", ExemptionState.APPROVED: "green", ExemptionState.REFUSED: "grey"}


def _named(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With the names of target and area, which are kept as keys."""
    named: QuerySet[Any] = rows.annotate(
        target_title=Subquery(Target.objects.filter(key=OuterRef("target_key")).order_by().values("title")[:1]),
        area_name=Subquery(Area.objects.filter(code=OuterRef("area_code")).order_by().values("short_name")[:1]),
    )
    return named


def _targets(request: HttpRequest) -> list[tuple[str, str]]:
    return list(Target.objects.visible_to(request.user).coverage().values_list("key", "title"))


def _in_area(rows: QuerySet[Any], value: str, request: HttpRequest) -> QuerySet[Any]:
    return rows.filter(area_code__range=span_of(int(value)))


def _by_owner(rows: QuerySet[Any], value: str, request: HttpRequest) -> QuerySet[Any]:
    return rows.filter(owner=request.user.pk) if value == "1" else rows.filter(owner=None)


def _by_due(rows: QuerySet[Any], value: str, request: HttpRequest) -> QuerySet[Any]:
    today = timezone.localdate()
    overdue = Q(closed_on=None, due_on__lt=today)
    return rows.filter(overdue) if value == "1" else rows.filter(closed_on=None, escalated_level__gte=1)


def _due_tone(gap: Gap) -> str:
    return "red" if gap.is_overdue else ""


def _days_left(gap: Gap) -> str:
    if gap.due_on is None:
        return ""
    days = (gap.due_on - timezone.localdate()).days
    late = f"（逾期 {-days} 天）" if days < 0 and gap.is_open else ""
    return f"{gap.due_on}{late}"


class GapList(ListPage):
    key = "targets.gaps"
    title = "缺口清单"
    intro = "每个还没有协调员的对象一条，配备、免设或不再计入后自动销号；协调员离开后自动重新出现。"
    permission = "targets.view"
    export_permission = "registry.export"
    search_hint = "对象名称"
    default_sort = "due"
    empty = ("没有缺口", "所有对象都已配备协调员或免设；如果还没有导入企业和协调员，请先导入名册。", "sheets:upload", "导入名册")
    columns = (
        Column("name", "对象", value=lambda g: g.unit_name, link=lambda g: reverse("targets:gap", args=[g.pk]), sort="unit_name", width=32),
        Column("target", "目标", value=lambda g: g.target_title, sort="target_key"),
        Column("area", "区划", value=lambda g: g.area_name, sort="area_code"),
        Column("since", "空缺自", value=lambda g: g.vacant_since, sort="vacant_since"),
        Column("state", "状态", value=lambda g: g.get_state_display(), tone=lambda g: STATE_TONES[GapState(g.state)], sort="state"),
        Column("owner", "责任人", value=lambda g: g.owner.name if g.owner else "", sort="owner__name"),
        Column("due", "期限", value=_days_left, tone=_due_tone, sort="due_on", export=lambda g: g.due_on),
        Column("contact", "最近联系", value=lambda g: g.last_contact_on, sort="last_contact_on"),
        Column("next", "下一步", value=lambda g: g.next_step, width=28),
        Column("round", "第几次", value=lambda g: g.round, sort="round", numeric=True, default=False),
        Column("level", "升级层级", value=lambda g: g.escalated_level or None, sort="escalated_level", numeric=True, default=False),
        Column("note", "备注", value=lambda g: g.note, default=False),
        Column("closed", "销号", value=lambda g: g.closed_on, sort="closed_on", default=False),
        Column("closed_reason", "销号原因", value=lambda g: g.closed_reason, default=False),
    )
    filters = (
        Filter.choice("target", "目标", _targets, field="target_key"),
        Filter.custom("area", "区划", area_choices, apply=_in_area),
        Filter.custom("mine", "责任人", (("1", "我负责的"), ("0", "无人认领")), apply=_by_owner),
        Filter.custom("overdue", "期限", (("1", "已过期限"), ("2", "已升级")), apply=_by_due),
        Filter.choice("state", "状态", GapState.choices),
    )
    bulk = (
        Bulk("分派责任人", "targets:gaps-assign", permission="targets.chase"),
        Bulk("邀请参加培训", "targets:gaps-invite", permission="targets.chase"),
        Bulk("改期限", "targets:gaps-due", permission="targets.chase"),
        Bulk("催办", "targets:gaps-remind", permission="targets.chase"),
        Bulk("出具清单", "targets:gaps-issue", permission="papers.make"),
        Bulk("按镇街导出工作簿", "targets:gaps-workbook", permission="registry.export"),
    )

    above = "targets/gaps_above.html"
    in_line = True

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        self.in_line = catch_up()
        rows = Gap.objects.visible_to(request.user)
        if "closed" not in request.GET.getlist("state"):
            rows = rows.standing()
        return _named(rows).select_related("owner")

    def search(self, rows: QuerySet[Any], text: str, request: HttpRequest) -> QuerySet[Any]:
        return rows.filter(unit_name__icontains=text)


def _in_force(rows: QuerySet[Any], value: str, request: HttpRequest) -> QuerySet[Any]:
    today = timezone.localdate()
    return rows.filter(pk__in=Exemption.objects.in_force(today).values("pk")) if value == "1" else rows.filter(until__lt=today)


def _standing(row: Exemption) -> str:
    today: date = timezone.localdate()
    if row.state == ExemptionState.APPROVED and not row.holds_on(today):
        return "已收回" if row.revoked_on and row.revoked_on <= today else "已到期" if row.until < today else "未开始"
    return str(row.get_state_display())


class ExemptionList(ListPage):
    key = "targets.exemptions"
    title = "免设"
    intro = "暂时不需要配备协调员的对象。申请人和审批人必须是两个人；到期自动恢复为缺口。"
    permission = "targets.view"
    export_permission = "registry.export"
    search_hint = "对象名称"
    default_sort = "-asked"
    empty = ("还没有免设", "在缺口的详情页可以申请免设。", "targets:gaps", "看缺口清单")
    columns = (
        Column(
            "name",
            "对象",
            value=lambda e: e.unit_name,
            link=lambda e: reverse("targets:exemption", args=[e.pk]),
            sort="unit_name",
            width=32,
        ),
        Column("target", "目标", value=lambda e: e.target_title, sort="target_key"),
        Column("area", "区划", value=lambda e: e.area_name, sort="area_code"),
        Column("state", "状态", value=_standing, tone=lambda e: EXEMPTION_TONES[ExemptionState(e.state)], sort="state"),
        Column("reason", "理由", value=lambda e: e.reason, width=40),
        Column("until", "免设至", value=lambda e: e.until, sort="until"),
        Column("by", "申请人", value=lambda e: e.requested_by),
        Column("asked", "申请时间", value=lambda e: e.requested_at, sort="id"),
        Column("decided", "审批人", value=lambda e: e.decided_by),
    )
    filters = (
        Filter.choice("state", "审批", ExemptionState.choices),
        Filter.custom("area", "区划", area_choices, apply=_in_area),
        Filter.custom("force", "效力", (("1", "现在生效"), ("0", "已到期")), apply=_in_force),
    )

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        return _named(Exemption.objects.visible_to(request.user))

    def search(self, rows: QuerySet[Any], text: str, request: HttpRequest) -> QuerySet[Any]:
        return rows.filter(unit_name__icontains=text)


class ReportList(ListPage):
    key = "targets.reports"
    title = "定格报告"
    intro = "某一天的数字和名单，出具后不再改变，作为上报的依据。"
    permission = "targets.view"
    export_permission = "registry.export"
    search_hint = "标题、编号"
    default_sort = "-made"
    empty = ("还没有定格报告", "选好区划和日期，一键把数字和名单定格下来。", "targets:report-new", "出定格报告")
    columns = (
        Column("title", "标题", value=lambda r: r.title, link=lambda r: reverse("targets:report", args=[r.uid]), sort="title", width=40),
        Column("number", "编号", value=lambda r: r.number, sort="number", width=22),
        Column("area", "区划", value=lambda r: r.area_name, sort="area_code"),
        Column("day", "截至", value=lambda r: r.day, sort="day"),
        Column("by", "出具人", value=lambda r: r.made_by),
        Column("made", "出具时间", value=lambda r: r.made_at, sort="id"),
        Column("sha256", "校验值", value=lambda r: r.sha256, default=False, width=66),
    )
    filters = (
        Filter.custom("area", "区划", area_choices, apply=_in_area),
        Filter.days("day", "截至", field="day"),
        Filter.days("made", "出具日期", field="made_at"),
    )
    actions = (("出定格报告", "targets:report-new", "targets.freeze"),)

    def rows(self, request: HttpRequest) -> QuerySet[Any]:
        return FrozenReport.objects.visible_to(request.user).defer("content")

    def search(self, rows: QuerySet[Any], text: str, request: HttpRequest) -> QuerySet[Any]:
        return rows.filter(Q(title__icontains=text) | Q(number__icontains=text))
