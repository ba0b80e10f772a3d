"""The left navigation by job, as a table. An entry appears when its page exists and the user may use it."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, NamedTuple

from django.db.models import Q
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from tongxing.accounts.roles import ROLES
from tongxing.areas.models import Area
from tongxing.core.listing import CAME_BY
from tongxing.core.prepared import Prepared, Slot
from tongxing.notices.inbox import unread_by


class Entry(NamedTuple):
    group: str
    label: str
    icon: str
    name: str
    permission: str


ENTRIES = (
    Entry("今日待办", "今日待办", "list-check", "desk:home", "desk.use"),
    Entry("总览", "总览", "layout-dashboard", "desk:dashboard", "targets.view"),
    Entry("队伍", "协调员", "users", "certificates:coordinators", "registry.view"),
    Entry("队伍", "人员", "users", "registry:people", "registry.view"),
    Entry("队伍", "重复人员", "users", "registry:duplicates", "registry.merge"),
    Entry("单位", "单位名录", "building", "registry:organisations", "registry.view"),
    Entry("单位", "未归属单位", "building", "registry:unplaced", "registry.edit"),
    Entry("单位", "待核实单位", "building", "registry:confirmations", "registry.view"),
    Entry("单位", "违法失信记录", "building", "registry:conduct-records", "registry.view"),
    Entry("名册导入", "导入名册", "file-import", "sheets:upload", "sheets.use"),
    Entry("名册导入", "导入批次", "file-import", "sheets:batches", "sheets.view"),
    Entry("覆盖与缺口", "覆盖情况", "target", "targets:coverage", "targets.view"),
    Entry("覆盖与缺口", "缺口清单", "target", "targets:gaps", "targets.view"),
    Entry("覆盖与缺口", "构成与分布", "target", "targets:spread", "targets.view"),
    Entry("覆盖与缺口", "趋势与预测", "target", "targets:trend", "targets.view"),
    Entry("覆盖与缺口", "名额安排", "target", "targets:seats", "targets.view"),
    Entry("覆盖与缺口", "免设审批", "target", "targets:exemptions", "targets.view"),
    Entry("本人", "我的档案", "user-circle", "registry:own-record", "registry.own_record"),
    Entry("本人", "我的培训", "school", "training:own", "training.own"),
    Entry("本人", "我的学习", "school", "learning:own", "learning.own"),
    Entry("本单位", "本单位协调员", "building", "registry:own-organisation", "registry.own_organisation"),
    Entry("本单位", "报送参训人员", "school", "training:send-list", "training.send"),
    Entry("培训", "培训班", "school", "training:classes", "training.view"),
    Entry("培训", "参训人员", "school", "training:people", "training.view"),
    Entry("培训", "培训机构", "school", "training:providers", "training.view"),
    Entry("培训", "课程", "school", "training:courses", "training.view"),
    Entry("培训", "线上课件", "school", "learning:lessons", "learning.view"),
    Entry("培训", "模拟考试", "school", "learning:exams", "learning.view"),
    Entry("培训", "题库", "school", "learning:questions", "learning.questions"),
    Entry("评价与证书", "评价批次", "certificate", "evaluation:batches", "evaluation.view"),
    Entry("评价与证书", "评价机构", "certificate", "evaluation:bodies", "evaluation.view"),
    Entry("评价与证书", "评价报名", "certificate", "evaluation:own", "evaluation.apply"),
    Entry("评价与证书", "证书", "certificate", "certificates:certificates", "certificates.view"),
    Entry("评价与证书", "评价机构备案", "certificate", "certificates:filings", "certificates.view"),
    Entry("质量督导", "我的检查", "clipboard-check", "supervision:mine", "supervision.inspect"),
    Entry("质量督导", "抽查计划", "clipboard-check", "supervision:plans", "supervision.plans"),
    Entry("质量督导", "督导员", "clipboard-check", "supervision:inspectors", "supervision.plans"),
    Entry("质量督导", "现场检查", "clipboard-check", "supervision:visits", "supervision.plans"),
    Entry("质量督导", "督导问题", "clipboard-check", "supervision:findings", "supervision.view"),
    Entry("质量督导", "督导处理", "clipboard-check", "supervision:sanctions", "supervision.view"),
    Entry("质量督导", "异常线索", "clipboard-check", "supervision:anomalies", "supervision.watch"),
    Entry("补贴", "补贴申请", "coins", "subsidies:claims", "subsidies.view"),
    Entry("补贴", "可申请的证书", "coins", "subsidies:candidates", "subsidies.claim"),
    Entry("补贴", "补贴公示", "coins", "subsidies:rounds", "subsidies.view"),
    Entry("补贴", "公示异议", "coins", "subsidies:objections", "subsidies.view"),
    Entry("补贴", "拨付单", "coins", "subsidies:payments", "subsidies.view"),
    Entry("补贴", "补贴资金", "coins", "subsidies:funds", "subsidies.view"),
    Entry("补贴", "比对名单", "coins", "subsidies:comparisons", "subsidies.view"),
    Entry("本人", "我的补贴", "user-circle", "subsidies:own", "registry.own_record"),
    Entry("本单位", "本单位补贴", "building", "subsidies:own", "subsidies.own"),
    Entry("技能竞赛", "竞赛评分", "pencil-check", "competitions:mine", "competitions.judge"),
    Entry("技能竞赛", "技能竞赛", "trophy", "competitions:competitions", "competitions.view"),
    Entry("选树", "年度选树", "award", "honours:selections", "honours.view"),
    Entry("本人", "我的评审", "user-circle", "honours:reviewing", "honours.review"),
    Entry("选树", "选树推荐", "award", "honours:nominations", "honours.view"),
    Entry("选树", "选树异议", "award", "honours:objections", "honours.manage"),
    Entry("选树", "荣誉榜", "award", "honours:honours", "honours.view"),
    Entry("选树", "我的推荐", "award", "honours:mine", "honours.nominate"),
    Entry("服务", "服务记录", "headset", "casework:records", "casework.view"),
    Entry("预警", "风险预警", "alert-triangle", "risk:warnings", "risk.view"),
    Entry("资料库", "资料库", "books", "library:documents", "library.view"),
    Entry("报表", "定格报告", "report", "targets:reports", "targets.view"),
    Entry("报表", "文书", "report", "papers:papers", "papers.make"),
    Entry("系统", "账号与授权", "settings", "accounts:users", "accounts.view"),
    Entry("系统", "区划", "settings", "gazetteer:tree", "areas.view"),
    Entry("系统", "建设目标", "settings", "targets:definitions", "targets.view"),
    Entry("系统", "政策参数", "settings", "policy:provisions", "policy.view"),
    Entry("系统", "工作日历", "settings", "workdays:calendar", "areas.view"),
    Entry("系统", "审计日志", "settings", "audit:entries", "audit.view"),
    Entry("系统", "日志封存", "settings", "audit:blocks", "audit.view"),
    Entry("系统", "备份与演练", "settings", "backups:backups", "backups.view"),
    Entry("系统", "签名密钥", "settings", "credentials:keys", "credentials.keys"),
    Entry("系统", "邮件发件箱", "settings", "notices:outbox", "notices.outbox"),
)
PHONE = (
    Entry("", "今日", "list-check", "desk:home", "desk.use"),
    Entry("", "缺口", "target", "targets:gaps", "targets.chase"),
    Entry("", "我的档案", "file-text", "registry:own-record", "registry.own_record"),
    Entry("", "我的培训", "school", "training:own", "training.own"),
    Entry("", "学习", "books", "learning:own", "learning.own"),
    Entry("", "培训班", "school", "training:classes", "training.run"),
    Entry("", "我的检查", "clipboard-check", "supervision:mine", "supervision.inspect"),
    Entry("", "竞赛评分", "pencil-check", "competitions:mine", "competitions.judge"),
    Entry("", "本单位", "building", "registry:own-organisation", "registry.own_organisation"),
    Entry("", "记一笔", "pencil-plus", "casework:quick", "casework.record"),
    Entry("", "我的", "user-circle", "accounts:me", "accounts.self"),
)


LISTS_OF_PEOPLE = ("certificates:coordinators", "registry:people", "registry:duplicates")
"""A person's page is opened from each of these: the one that it was opened from stays marked."""
HOMES = {
    "registry:coordinator": "certificates:coordinators",
    "registry:posting-": "certificates:coordinators",
    "registry:duty-": "certificates:coordinators",
    "registry:assign-many": "registry:organisations",
    "registry:assign": "certificates:coordinators",
    "certificates:merge": "registry:duplicates",
    "learning:class": "training:classes",
    "learning:plan": "training:classes",
    "learning:feedback": "training:classes",
    "learning:check": "learning:exams",
    "learning:checkpoint-": "learning:lessons",
    "credentials:of-certificate": "certificates:certificates",
    "credentials:photo": "certificates:certificates",
    "evaluation:application": "evaluation:batches",
    "evaluation:resolve": "evaluation:batches",
    "evaluation:objection-": "evaluation:batches",
    "evaluation:result-": "evaluation:batches",
    "evaluation:entitlement-": "evaluation:bodies",
    "evaluation:site-": "evaluation:bodies",
    "evaluation:assessor-": "evaluation:bodies",
    "supervision:photo": "supervision:visits",
    "honours:person-nominate": "honours:mine",
    "honours:organisation-nominate": "honours:mine",
    **dict.fromkeys(
        (
            "competitions:sheet",
            "competitions:hand-in",
            "competitions:keying",
            "competitions:differences",
            "competitions:settle",
            "competitions:confirm",
            "competitions:again",
        ),
        "competitions:mine",
    ),
}
"""Pages whose address does not lie below the entry they belong to: beginnings of view names."""


@dataclass(frozen=True)
class Link:
    label: str
    icon: str
    url: str
    current: bool


@dataclass
class Group:
    label: str
    icon: str
    key: str
    entries: list[Link] = field(default_factory=list)

    @property
    def current(self) -> bool:
        return any(entry.current for entry in self.entries)

    @property
    def single(self) -> Link | None:
        return self.entries[0] if len(self.entries) == 1 else None


class Frame:
    """What the frame of a page shows about the user; every part is asked for only where a template draws it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user: Any = request.user

    @cached_property
    def shape(self) -> Hashable:
        """What the two navigations follow from: they are drawn once for all users of the same permissions on pages of the same place."""
        return (self.user.permissions, self._nearest) if self.user.is_authenticated else None

    @cached_property
    def groups(self) -> list[Group]:
        if not self.user.is_authenticated:
            return []
        groups: dict[str, Group] = {}
        for entry in ENTRIES:
            url = address(entry.name) if self.user.may(entry.permission) else ""
            if url:
                group = groups.setdefault(entry.group, Group(entry.group, entry.icon, entry.name.partition(":")[0] + str(len(groups))))
                group.entries.append(Link(entry.label, entry.icon, url, url == self._nearest))
        return list(groups.values())

    @cached_property
    def _nearest(self) -> str:
        """The entry the page belongs to: the longest address its path begins with; a person belongs to the list one came from."""
        path, lists = self.request.path, [address(name) for name in LISTS_OF_PEOPLE]
        home = self._home(path)
        came_by = self.request.COOKIES.get(CAME_BY, "")
        return came_by if home in lists and path not in lists and came_by in lists else home

    def _home(self, path: str) -> str:
        view = self.request.resolver_match.view_name if self.request.resolver_match else ""
        for start, name in HOMES.items():
            if view.startswith(start):
                return address(name)
        urls = [url for entry in (*ENTRIES, *PHONE) if (url := address(entry.name)) and path.startswith(url)]
        return max(urls, key=len, default="")

    @cached_property
    def phone(self) -> list[Link]:
        if not self.user.is_authenticated:
            return []
        found = [(entry, address(entry.name)) for entry in PHONE if self.user.may(entry.permission)]
        return [Link(entry.label, entry.icon, url, url == self._nearest) for entry, url in found if url]

    @cached_property
    def roles(self) -> list[str]:
        return [role.name for key, role in ROLES.items() if key in self.user.role_keys]

    # --- the area switch
    @cached_property
    def _areas(self) -> list[tuple[int, str]]:
        """The areas a user is responsible for, and their children, as code and name: one query."""
        roots = self.user.scope("areas.view").roots if self.user.is_authenticated else []
        return _areas_of(len(roots)).plain(**{f"root_{place}": root for place, root in enumerate(roots)}) if roots else []

    @property
    def chosen_area(self) -> int | None:
        wish = self.request.GET.get("area", "")
        return int(wish) if wish.isdecimal() and len(wish) <= 12 else None

    @property
    def area_path(self) -> list[str]:
        roots = set(self.user.scope("areas.view").roots)
        tops = [name for code, name in self._areas if code in roots]
        here = [name for code, name in self._areas if code == self.chosen_area and code not in roots]
        return ["、".join(tops[:2]) + ("等" if len(tops) > 2 else ""), *here]

    @cached_property
    def areas(self) -> SafeString:
        """The entries of the switch."""
        page = address("desk:dashboard") if self.user.is_authenticated and self.user.may("targets.view") else ""
        current, marks = self.chosen_area, ("", SafeString(' aria-current="true"'))
        entries = ((page, code, marks[code == current], name) for code, name in (self._areas if page else ()))
        return format_html_join("\n", '<li><a href="{}?area={}"{}>{}</a></li>', entries)

    @cached_property
    def unread(self) -> int:
        return unread_by(self.user)


@cache
def _areas_of(number: int) -> Prepared[Area]:
    """So many areas and their children: code and name."""
    wanted = Q()
    for place in range(number):
        wanted |= Q(code=Slot(f"root_{place}")) | Q(parent_id=Slot(f"root_{place}"))
    return Prepared(Area, lambda: Area.objects.filter(wanted).order_by("code").values_list("code", "short_name")[:80])


def frame(request: HttpRequest) -> dict[str, Frame]:
    """Context processor: named in settings.TEMPLATES."""
    return {"frame": Frame(request)} if hasattr(request, "user") else {}


def address(name: str, *args: object) -> str:
    """The page's address, or nothing where the installation has no such room yet."""
    return _address(name, *args) if args else _page(name)


@cache
def _page(name: str) -> str:
    """Every page asks for some seventy of these."""
    return _address(name)


def _address(name: str, *args: object) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
