"""The sheet of claims (补贴申请表): many certificates, each with its own account, asked for in one file (notice:3.1.2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.certificates.models import Certificate
from tongxing.certificates.sheets.facts import NUMBER
from tongxing.core.errors import Refused
from tongxing.core.values import clean_text, clean_yes_no
from tongxing.registry.models import Organisation, Person
from tongxing.registry.sheets import judges
from tongxing.registry.sheets.own import OwnSheet
from tongxing.registry.sheets.persons import ID_NUMBER, ID_TYPE, PERSON_NAME, read_document
from tongxing.sheets.columns import Column
from tongxing.sheets.loader import Loader
from tongxing.sheets.matching import among
from tongxing.sheets.models import Fate
from tongxing.sheets.reading import SourceRow
from tongxing.sheets.sheet import Verdict, Versions
from tongxing.subsidies import bank_accounts
from tongxing.subsidies.bulk import open_many, take_back, what_stands_against
from tongxing.subsidies.claiming import payee_refusal
from tongxing.subsidies.judging import Ask, judge, trained
from tongxing.subsidies.models import Category, Claim, ClaimKind
from tongxing.subsidies.reaching import reachable

Record = dict[str, Any]
KINDS = {label: value for value, label in ClaimKind.choices} | {"培训": "training", "评价": "evaluation", "鉴定补贴": "evaluation"}
CATEGORIES = {label: value for value, label in Category.choices} | {"职工": "employee", "在职职工": "employee", "失业人员": "unemployed"}
HEADINGS = {"account": "账号", "account_name": "户名", "bank": "开户银行"}


def clean_kind(raw: str) -> str:
    text = clean_text(raw, longest=20)
    if text not in KINDS:
        raise ValidationError(f"“{text}”不是补贴种类，请填“培训补贴”或“评价补贴”。", code="kind")
    return KINDS[text]


def clean_category(raw: str) -> str:
    text = clean_text(raw, longest=30)
    if text not in CATEGORIES:
        raise ValidationError(f"“{text}”不是认得的人员类别，请按模板下拉选项填写，例如“企业职工”。", code="category")
    return CATEGORIES[text]


def clean_hours(raw: str) -> Decimal:
    try:
        hours = Decimal(clean_text(raw, longest=12).removesuffix("学时").removesuffix("课时"))
    except InvalidOperation:
        raise ValidationError("完成学时应为数字，例如 80。", code="hours") from None
    if not 1 <= hours <= 2000:
        raise ValidationError("完成学时应在 1 至 2000 之间，请核对。", code="hours")
    return hours.quantize(Decimal("0.1"))


@dataclass
class Known:
    """Of a chunk: the certificates within reach, payees by credit code, what is claimed already, and the rule's answers by row."""

    papers: dict[tuple[str, str], Certificate]
    payees: dict[str, Organisation]
    claimed: dict[tuple[str, int], str]
    asks: dict[int, Ask] = field(default_factory=dict)
    against: dict[int, tuple[str, ...]] = field(default_factory=dict)


class ClaimSheet(OwnSheet):
    """One line is one subsidy for one certificate."""

    name = "claims"
    title = "补贴申请表"
    summary = "培训补贴、评价补贴，一行一张证书，各写各的账号。逐行当场判定并说明理由。"
    icon = "coins"
    clause = "notice:3.1.2"
    permission = "subsidies.claim"
    both_right = "同一张证书的同一种补贴只能申请一次，请删去一行。"
    columns = (
        Column(key="kind", heading="补贴种类", required=True, judge=clean_kind, cached=True, choices=tuple(ClaimKind.labels), synonyms=("种类", "补贴类型", "补贴类别", "申请种类")),
        PERSON_NAME,
        ID_NUMBER,
        ID_TYPE,
        NUMBER,
        Column(key="category", heading="人员类别", judge=clean_category, cached=True, choices=tuple(Category.labels), synonyms=("补贴对象类别", "人员类型", "对象类别"), note="不填按企业职工"),
        Column(key="direct", heading="直接认定", judge=clean_yes_no, cached=True, choices=("是", "否"), synonyms=("是否直接认定",)),
        Column(key="on_payroll", heading="财政供养", judge=clean_yes_no, cached=True, choices=("是", "否"), synonyms=("是否财政供养", "财政供养人员")),
        Column(key="draws_pension", heading="领取职工养老金", judge=clean_yes_no, cached=True, choices=("是", "否"), synonyms=("是否领取养老金", "是否退休", "已领取职工养老金")),
        Column(key="completed_on", heading="结业日期", judge=judges.past_day, cached=True, synonyms=("培训结束日期", "结业时间"), note="登记里有培训记录的不用填"),
        Column(key="hours", heading="完成学时", judge=clean_hours, cached=True, synonyms=("学时", "培训学时", "课时")),
        Column(key="payee_code", heading="收款单位信用代码", judge=judges.credit_code, cached=True, synonyms=("收款单位", "收款单位统一社会信用代码", "统一社会信用代码"), note="拨给本人的不填；评价补贴不填时拨给发证机构"),
        Column(key="account_name", heading="户名", required=True, judge=judges.text(128), synonyms=("账户名", "账户名称", "开户名", "收款人")),
        Column(key="bank", heading="开户银行", required=True, judge=judges.text(80), cached=True, synonyms=("开户行", "银行", "开户行名称")),
        Column(key="account", heading="账号", required=True, judge=judges.text(40), text_only=True, personal=True, example="（按文本填写）", synonyms=("银行账号", "银行卡号", "卡号", "收款账号", "社保卡银行账号")),
    )  # fmt: skip

    def parse(self, row: SourceRow) -> Verdict:
        verdict = super().parse(row)
        read_document(verdict)
        values = verdict.values
        if "number" not in values and not any(problem.column == NUMBER.heading for problem in verdict.problems):
            verdict.refuse(NUMBER.heading, "required", "“证书编号”不能为空，请补填。")
        account = values.pop("account", None)
        if account and values.get("account_name") and values.get("bank"):
            try:
                values["judged"] = bank_accounts.judged(account, values["account_name"], values["bank"])
            except ValidationError as error:
                for name, messages in error.message_dict.items():
                    verdict.refuse(HEADINGS[name], "account", "".join(messages))
        return verdict

    def identity(self, verdict: Verdict) -> tuple[Sequence[Any], Sequence[Any]]:
        keys = [(verdict.values["kind"], verdict.values["number"].number)]
        return keys, keys

    def prepare(self, loader: Loader) -> Loader:
        if not isinstance(loader.by, User):
            raise Refused("补贴申请须由有账号的人员导入，命令行不能申请。请在网页上导入。", code="not_allowed", status=403)
        return loader

    def look_up(self, verdicts: list[Verdict], loader: Loader, prepared: Any) -> Known:
        good = [verdict for verdict in verdicts if not verdict.bad]
        numbers: dict[str, set[str]] = {kind: set() for kind in ClaimKind.values}
        for verdict in good:
            numbers[verdict.values["kind"]].add(verdict.values["number"].number)
        papers = {}
        for kind, wanted in numbers.items():
            for paper in among(reachable(loader.by, kind), "number", wanted).select_related("person", "body"):
                papers[kind, paper.number] = paper
        codes = {verdict.values.get("payee_code") for verdict in good} - {None}
        payees = {str(row.credit_code): row for row in among(Organisation.objects.standing(), "credit_code", codes)}
        ids = [paper.pk for paper in papers.values()]
        rows = among(Claim.objects.standing(), "certificate", ids).values_list("kind", "certificate_id", "serial")
        known = Known(papers, payees, {(kind, paper): serial for kind, paper, serial in rows})
        self._ask(known, good, loader)
        return known

    def _ask(self, known: Known, verdicts: Iterable[Verdict], loader: Loader) -> None:
        """Everything that could be claimed is put to the rule at once, so that two lines of one person see one another."""
        for verdict in verdicts:
            paper, payee = self._paper(verdict, known), self._payee(verdict, known, loader)
            if not paper or not payee or (verdict.values["kind"], paper.pk) in known.claimed:
                continue
            known.asks[verdict.row] = ask = _ask(verdict.values, paper, payee)
            if refusal := payee_refusal(ask):
                known.against[verdict.row] = (refusal.message,)
        rows = [row for row in known.asks if row not in known.against]
        asks = trained([known.asks[row] for row in rows])
        due = set()
        for row, ask, (answer, _) in zip(rows, asks, judge(asks, on=timezone.localdate()), strict=True):
            known.asks[row], key = ask, (ask.kind, ask.certificate.pk)
            # A line that stands twice passes here: `sheets` names the second as the double that it is.
            if not answer.decision and key not in due:
                known.against[row] = answer.decision.reasons
            if answer.decision:
                due.add(key)

    def _paper(self, verdict: Verdict, known: Known) -> Certificate | None:
        """The certificate of the row, when number, name and document belong together."""
        paper = known.papers.get((verdict.values["kind"], verdict.values["number"].number))
        same = paper and (paper.person.name, paper.person.id_index) == (verdict.values["name"], verdict.values["person_key"])
        return paper if same else None

    def _payee(self, verdict: Verdict, known: Known, loader: Loader) -> Person | Organisation | None:
        values, paper = verdict.values, self._paper(verdict, known)
        if code := values.get("payee_code"):
            found = known.payees.get(code)
            mine = found and (loader.scope.ranges or found.pk in loader.scope.organisations)
            return found if mine else None
        if paper is None or values["kind"] == ClaimKind.EVALUATION:
            return paper.body if paper else None
        if loader.scope.ranges:
            return paper.person
        return Organisation.objects.standing().filter(pk__in=loader.scope.organisations).first()

    def judge(self, verdict: Verdict, known: Known) -> None:
        paper = self._paper(verdict, known)
        if paper is None:
            text = "没有找到可以申请的这张证书：证书编号、姓名、证件号要与登记一致，并在您的办理范围内。请核对。"
            verdict.refuse(NUMBER.heading, "certificate_unknown", text)
        elif (verdict.values["kind"], paper.pk) in known.claimed:
            verdict.fate = Fate.SAME
        elif verdict.row not in known.asks:
            text = "没有找到收款单位。请填写已登记单位的统一社会信用代码；单位经办只能填本单位。"
            verdict.refuse("收款单位信用代码", "payee_unknown", text)
        elif against := known.against.get(verdict.row):
            verdict.refuse(NUMBER.heading, "not_entitled", "".join(against))
        else:
            verdict.fate, verdict.plan = Fate.NEW, known.asks[verdict.row]

    def apply_chunk(self, verdicts: list[Verdict], *, by: Any, today: date) -> None:
        for verdict, made in zip(verdicts, open_many([verdict.plan for verdict in verdicts], by=by), strict=True):
            verdict.refs = {"made": {"claim": made}, "versions": {"claim": (made, 1)}}

    def dependants(self, made: list[Record], changed: list[Record]) -> list[str]:
        return what_stands_against(refs["made"]["claim"] for refs in made)

    def undo_chunk(self, made: list[Record], changed: list[tuple[Record, Record]], *, by: Any) -> Versions:
        take_back([refs["made"]["claim"] for refs in made])
        return {}


def _ask(values: Record, paper: Certificate, payee: Person | Organisation) -> Ask:
    return Ask(
        kind=values["kind"],
        certificate=paper,
        payee=payee,
        account=values["judged"],
        category=values.get("category", Category.EMPLOYEE),
        direct=values.get("direct", False),
        on_payroll=values.get("on_payroll", False),
        draws_pension=values.get("draws_pension", False),
        completed_on=values.get("completed_on"),
        hours=values.get("hours"),
    )
