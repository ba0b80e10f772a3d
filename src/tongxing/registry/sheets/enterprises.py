"""The roster of enterprises (企业名册, notice:2.1, 2.4)."""

from datetime import date
from decimal import Decimal
from typing import Any

from tongxing.core.values import clean_date
from tongxing.registry.industry import clean_industry
from tongxing.registry.models.organisations import OrganisationKind, OrganisationStatus
from tongxing.registry.wording import TOWNSHIP_HEADINGS, clean_status
from tongxing.sheets.columns import Column
from tongxing.sheets.sheet import Verdict

from . import judges
from .rosters import KnownOrganisations, OrganisationRoster, Record

TOO_MUCH = Decimal(10_000_000)
PER_HEAD = Decimal(5_000)

NAME = Column(
    key="name", heading="单位名称", required=True, judge=judges.text(128), example="济源市示例机械有限公司",
    synonyms=("企业名称", "名称", "公司名称", "单位", "用人单位名称", "用人单位", "企业", "工作单位", "市场主体名称", "name"),
)  # fmt: skip
CREDIT_CODE = Column(
    key="credit_code", heading="统一社会信用代码", judge=judges.credit_code, text_only=True, example="91419001MA40EXAMPL",
    synonyms=("信用代码", "社会信用代码", "统一信用代码", "统一社会信用代码证号", "统一代码", "机构代码", "营业执照号", "uscc"),
    note="18 位，没有时留空，系统只能按名称查重",
)  # fmt: skip
TOWNSHIP = Column(
    key="township", heading="所属镇街", judge=judges.text(60), example="克井镇",
    synonyms=TOWNSHIP_HEADINGS,
    note="留空时从地址中查找",
)  # fmt: skip
ADDRESS = Column(
    key="address", heading="地址", judge=judges.text(200, blanks=True), example="济源市克井镇工业大道1号",
    synonyms=("单位地址", "企业地址", "注册地址", "住所", "经营地址", "详细地址", "通讯地址", "经营场所", "生产经营地址", "address"),
)  # fmt: skip
LEGAL = Column(
    key="legal_representative", heading="法定代表人", judge=judges.text(60), example="张三",
    synonyms=("法人", "法人代表", "负责人", "法定代表人（负责人）", "主要负责人"),
)  # fmt: skip
CONTACT = Column(
    key="contact_name", heading="联系人", judge=judges.text(60), example="李四",
    synonyms=("联系人姓名", "经办人", "人事负责人", "HR", "人力资源负责人"),
)  # fmt: skip
PHONE = Column(
    key="contact_phone", heading="联系电话", judge=judges.phone, personal=True, example="0391-6630000",
    synonyms=("电话", "手机", "联系方式", "手机号", "手机号码", "联系人电话", "办公电话", "电话号码"),
)  # fmt: skip
BEGAN = Column(
    key="began_on", heading="成立日期", judge=judges.past_day_or_month, cached=True, example="2015-06-01",
    synonyms=("注册日期", "登记日期", "成立时间", "开业日期", "注册时间", "设立日期", "registered_on"),
)  # fmt: skip
STATUS = Column(
    key="status", heading="状态", judge=clean_status, cached=True, choices=tuple(OrganisationStatus.labels), example="在营",
    synonyms=("单位状态", "经营状态", "企业状态", "登记状态", "经营情况"),
)  # fmt: skip
ENDED = Column(
    key="ended_on", heading="终止日期", judge=clean_date, cached=True,
    synonyms=("注销日期", "吊销日期", "迁出日期", "注吊销日期"), note="注销、吊销或迁出的日期",
)  # fmt: skip


class EnterpriseSheet(OrganisationRoster):
    """One line is one enterprise. The size follows the 2017 rule from industry, employees, revenue and assets."""

    name = "enterprises"
    title = "企业名册"
    summary = "企业的基本情况和规模数据，用来判断大中小微和镇街归属。"
    icon = "building-factory-2"
    clause = "notice:2.1"
    plain = (*OrganisationRoster.plain, "industry", "employees", "revenue", "assets", "figures_year")
    columns = (
        NAME,
        CREDIT_CODE,
        Column(
            key="industry", heading="行业", judge=clean_industry, cached=True, example="3011 水泥制造",
            synonyms=("行业代码", "所属行业", "行业类别", "行业名称", "国民经济行业", "国民经济行业代码", "行业分类", "主营行业"),
            note="GB/T 4754-2017 代码或名称",
        ),
        Column(
            key="employees", heading="从业人员数", judge=judges.count, example="120",
            synonyms=("从业人员", "职工人数", "员工人数", "人数", "用工人数", "职工总数", "从业人数", "员工数", "在职人数", "期末从业人数", "参保人数"),
        ),
        Column(
            key="revenue", heading="营业收入(万元)", judge=judges.amount, example="3500",
            synonyms=("营业收入", "年营业收入", "主营业务收入", "年营业额", "销售收入", "年收入", "营收"),
        ),
        Column(
            key="assets", heading="资产总额(万元)", judge=judges.amount, example="8000",
            synonyms=("资产总额", "总资产", "资产总计", "资产合计"),
        ),
        Column(key="figures_year", heading="数据年度", judge=judges.year, cached=True, synonyms=("年度", "数据年份", "统计年度", "年份"), example="2025"),
        TOWNSHIP,
        ADDRESS,
        LEGAL,
        CONTACT,
        PHONE,
        BEGAN,
        STATUS,
        ENDED,
    )  # fmt: skip

    def judge(self, verdict: Verdict, known: KnownOrganisations) -> None:
        self._check_amounts(verdict)
        super().judge(verdict, known)

    def _wanted(self, verdict: Verdict, existing: Record | None, today: date) -> Record:
        if existing is not None and existing["kind"] != OrganisationKind.ENTERPRISE:
            label = OrganisationKind(existing["kind"]).label
            verdict.doubt("单位名称", "other_kind", f"登记的单位类别是“{label}”，导入企业名册不改变类别，请核对。")
        return super()._wanted(verdict, existing, today)

    def _check_amounts(self, verdict: Verdict) -> None:
        values: dict[str, Any] = verdict.values
        for key in ("revenue", "assets"):
            value = values.get(key)
            if value is None:
                continue
            if unit := self.units.get(key):
                value = values[key] = judges.in_unit(value, unit)
            heads = values.get("employees")
            if value >= TOO_MUCH or (heads and value > 100_000 and value / heads > PER_HEAD):
                heading = self.by_key[key].heading
                verdict.doubt(heading, "looks_like_yuan", f"{value:,.2f} 万元偏大，像是按“元”填写的。请核对单位，应填万元。")
