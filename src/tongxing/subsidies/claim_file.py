"""The whole file of a claim (申请卷宗) as one PDF: what was asked, decided, found, shown and paid, with the evidence behind it."""

from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.files.models import StoredFile
from tongxing.papers.document import Block, Document, Heading, Paragraph, Table
from tongxing.papers.render import to_pdf

from .joining import Annex, joined
from .models import Claim, Finding
from .rules import can_reveal
from .templatetags.subsidy_values import subsidy_value

Facts = list[tuple[str, str]]


@transaction.atomic
def claim_file(claim: Claim, *, by: Actor, reason: str) -> bytes:
    """The file for inspection or archive. Evidence holds personal data in clear, so every copy is logged with its purpose."""
    insist(can_reveal(by, claim))
    if not reason.strip():
        raise Refused("卷宗里有完整的证明材料，请写明用途。", code="reason_missing")
    today, annexes = timezone.localdate(), list(StoredFile.objects.filter(pk__in=claim.evidence).order_by("pk"))
    files = []
    for file in annexes:
        with file.open() as content:
            files.append(Annex(file.name, file.content_type, content.read()))
    made, left = joined(to_pdf(document_of(claim, annexes)), files, day=today)
    if left:
        made, _ = joined(to_pdf(document_of(claim, annexes, left)), files, day=today)
    after = {"evidence": [file.sha256 for file in annexes], "left": len(left)}
    record("subsidies.claim_file", by=by, of=claim, after=after, reason=reason.strip())
    return made


def document_of(claim: Claim, annexes: list[StoredFile], left: list[str] | None = None) -> Document:
    """The paper in front; numbers and accounts masked."""
    blocks: list[Block] = [
        Heading("申请内容"),
        _facts(_asked(claim)),
        Heading("判定"),
        *(Paragraph(text) for text in claim.decision.get("reasons", ())),
        _facts([(name, _plain(value)) for name, value in claim.decision.get("facts", {}).items()], "依据的事实"),
        _rules(claim),
        Heading("预审"),
        *_findings(claim),
        Heading("经过"),
        _story(claim),
        *_money(claim),
        Heading("证明材料"),
        _annexes(annexes, left or []),
    ]
    made = f"{timezone.localtime():%Y-%m-%d %H:%M} 制作，{claim.get_state_display()}"
    return Document(f"{claim.get_kind_display()}申请卷宗 {claim.serial}", blocks, subtitle=made)


def _facts(rows: Facts, title: str = "") -> Table:
    return Table(("项目", "内容"), rows, widths=(1, 3), title=title)


def _asked(claim: Claim) -> Facts:
    level = claim.get_level_display().partition("/")[0]
    trained = f"{claim.completed_on} 结业，{claim.hours} 学时" if claim.completed_on else "–"
    return [
        ("受益人", f"{claim.person.name}，{claim.person.id_masked}"),
        ("证书", f"{level}，{claim.certificate.number}，{claim.certificate.issued_on} 发证"),
        ("人员类别", claim.get_category_display()),
        ("培训", trained),
        ("收款人", claim.payee_name),
        ("收款账户", f"{claim.account_name}，{claim.bank}，{claim.account_masked}"),
        ("金额", f"{claim.amount:,.2f} 元"),
        ("申请", f"{claim.opened_by}，{claim.claimed_on}"),
        ("受理", claim.handled_by or "–"),
        ("审批", claim.approved_by or "–"),
        ("资金", str(claim.fund) if claim.fund else "–"),
    ]


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "；".join(map(str, value)) or "–"
    return "–" if value is None else str(value)


def _rules(claim: Claim) -> Table:
    rows = [
        (
            one.get("title", ""),
            f"{subsidy_value(one.get('value'))} {one.get('unit', '')}".strip(),
            one.get("from", ""),
            one.get("source", ""),
        )
        for one in claim.decision.get("provisions", ())
    ]
    return Table(("政策参数", "值", "自", "依据"), rows, widths=(3, 2, 1.6, 4), title=f"所用的政策参数（{claim.decided_on} 施行的版本）")


def _findings(claim: Claim) -> list[Block]:
    rows = [(one.get_kind_display(), one.text, _cleared(one)) for one in claim.findings.all()]
    return [Table(("种类", "内容", "处理"), rows, widths=(1.4, 4, 3))] if rows else [Paragraph("没有发现问题。")]


def _cleared(finding: Finding) -> str:
    if finding.cleared_at:
        return f"{finding.proposed_by}说明：{finding.reason}；{finding.cleared_by}复核"
    return "已不存在" if finding.gone_at else "未排除"


def _story(claim: Claim) -> Table:
    rows = [(f"{timezone.localtime(one.at):%Y-%m-%d %H:%M}", one.get_state_display(), one.by, one.note) for one in claim.happenings.all()]
    return Table(("时间", "状态", "经办", "说明"), rows, widths=(1.8, 1.2, 1.6, 4))


def _money(claim: Claim) -> list[Block]:
    blocks: list[Block] = []
    if claim.round:
        shown = f"{claim.round.title}，{claim.round.published_on or '未发布'} 发布，本人公示至 {claim.notice_until or '–'}。"
        blocks += [Heading("公示"), Paragraph(shown)]
        rows = [(one.number, one.text, one.get_outcome_display(), one.finding) for one in claim.objections.all()]
        blocks += [Table(("异议", "内容", "结论", "核查情况"), rows, widths=(1.8, 3, 1, 3))] if rows else []
    lines = list(claim.payments.select_related("list").order_by("pk"))
    if lines:
        paid = [(line.list.number, f"{line.amount:,.2f}", line.get_state_display(), line.settled_on, line.said) for line in lines]
        blocks += [
            Heading("拨付"),
            Table(("拨付单", "金额（元）", "结果", "日期", "银行回执"), paid, widths=(2, 1.5, 1.2, 1.5, 3), numeric=(1,)),
        ]
    return blocks


def _annexes(annexes: list[StoredFile], left: list[str]) -> Block:
    if not annexes:
        return Paragraph("没有附件。")
    rows = [(number, file.name, file.sha256[:16], "另附原件" if file.name in left else "附后") for number, file in enumerate(annexes, 1)]
    return Table(("序号", "文件", "内容摘要", "位置"), rows, widths=(0.6, 4, 2.4, 1.2))
