"""The auditor's workbook (审计底稿): everything about the claims of a period, and the joins that an auditor would make, in one file.

Document numbers and accounts stand masked; one account has one group number, so that sharing shows without the number.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.audit.log import record
from tongxing.core.errors import Refused
from tongxing.papers.book import Book

from .funding import standings
from .models import Claim, Finding, Fund, Objection, PaymentLine
from .models.claims import DEAD, SPENT

Row = tuple[Any, ...]
CLAIMS = (
    "受理号", "种类", "状态", "受益人", "证件号", "等级", "证书编号", "发证日期", "人员类别", "结业日期", "学时", "收款人", "收款账号", "账号组",
    "金额", "申请日期", "申请人", "受理人", "审批人", "资金", "公示", "公示至", "判定理由", "政策依据",
)  # fmt: skip
FINDINGS = ("受理号", "种类", "内容", "事实不符", "状态", "排除理由", "提出人", "复核人", "复核时间")
SHARED = ("账号组", "账号", "收款人", "受理号", "金额")
AGAIN = ("受益人", "出生日期", "种类", "等级", "受理号", "状态", "申请日期", "金额", "情况")
OBJECTIONS = ("异议编号", "受理号", "公示", "提出日期", "内容", "结论", "核查情况", "办结日期", "办结人")
PAYMENTS = ("拨付单", "序号", "受理号", "收款人", "账号", "金额", "结果", "结果日期", "银行回执", "制单", "审核", "送银行", "内容摘要")
POSTS = ("受理号", "申请人", "受理人", "审批人", "制单", "审核", "情况")
FUNDS = ("资金", "预算", "已预留", "已拨付", "银行退回", "已追回", "尚可使用")


@transaction.atomic
def auditors_workbook(*, by: User, since: date, until: date, reason: str) -> bytes:
    """The workbook for the claims of `since` to `until` that `by` may see; every copy is logged with its purpose and digest."""
    if until < since:
        raise Refused("截止日期早于开始日期。请核对起止日期。", code="days")
    if not reason.strip():
        raise Refused("请写明用途，例如“2026 年度就业资金审计”。", code="reason_missing")
    rows = Claim.objects.visible_to(by).filter(claimed_on__range=(since, until)).order_by("serial")
    claims = list(rows.select_related("person", "certificate", "payee_person", "payee_organisation", "fund", "round"))
    if not claims:
        raise Refused(f"{since} 至 {until} 没有您可以查看的补贴申请。请换一个期间。", code="nothing")
    groups = account_groups(claims)
    lines = [_claim_line(claim, groups) for claim in claims]
    digest = sha256("\n".join("|".join(map(str, line)) for line in lines).encode()).hexdigest()
    paid = sum((claim.amount for claim in claims if claim.state in SPENT), Decimal(0))
    facts = (
        ("期间", f"{since} 至 {until}"),
        ("笔数", len(claims)),
        ("申请金额", sum(claim.amount for claim in claims)),
        ("其中已拨付", paid),
        ("用途", reason.strip()),
        ("制作", f"{by.display_name}，{timezone.localtime():%Y-%m-%d %H:%M}"),
        ("“申请”表内容摘要（SHA-256）", digest),
    )
    book = Book()
    book.sheet("说明", "补贴审计底稿", ("项目", "内容"), facts)
    book.sheet("申请", "全部申请，含不予补贴和撤回的", CLAIMS, lines)
    ids = rows.order_by().values("pk")
    _joins(book, claims, ids, groups)
    _money(book, claims, ids)
    record("subsidies.audit_workbook", by=by, after={"count": len(claims), "digest": digest}, reason=reason.strip())
    return book.finish()


def account_groups(claims: Iterable[Claim]) -> dict[str, int]:
    """A running number for each account, by its blind index."""
    return {index: number for number, index in enumerate(sorted({claim.account_index for claim in claims}), start=1)}


def _claim_line(claim: Claim, groups: dict[str, int]) -> Row:
    sources = dict.fromkeys(str(one.get("source", "")) for one in claim.decision.get("provisions", ()))
    return (
        claim.serial, claim.get_kind_display(), claim.get_state_display(), claim.person.name, claim.person.id_masked,
        claim.get_level_display().partition("/")[0], claim.certificate.number, claim.certificate.issued_on, claim.get_category_display(),
        claim.completed_on, "" if claim.hours is None else f"{claim.hours:f}", claim.payee_name, claim.account_masked, groups[claim.account_index],
        claim.amount, claim.claimed_on, claim.opened_by, claim.handled_by, claim.approved_by, claim.fund, claim.round, claim.notice_until,
        "".join(claim.decision.get("reasons", ())), "；".join(filter(None, sources)),
    )  # fmt: skip


def _joins(book: Book, claims: Sequence[Claim], ids: "QuerySet[Claim, Any]", groups: dict[str, int]) -> None:
    findings = Finding.objects.filter(claim__in=ids).select_related("claim").order_by("claim__serial", "pk")
    book.sheet("预审发现", "预审时发现了什么，怎样排除的", FINDINGS, map(_finding_line, findings))
    book.sheet("共用账号", "不同收款人用同一账号", SHARED, shared_accounts(claims, groups))
    book.sheet("重复", "同一人同一等级不止一笔；姓名和出生日期相同的不同人员", AGAIN, claimed_again(claims))


def _finding_line(row: Finding) -> Row:
    state = "已排除" if row.cleared_at else "已不存在" if row.gone_at else "未排除"
    final = "是" if row.final else ""
    cleared = timezone.localtime(row.cleared_at).strftime("%Y-%m-%d %H:%M") if row.cleared_at else ""
    return row.claim.serial, row.get_kind_display(), row.text, final, state, row.reason, row.proposed_by, row.cleared_by, cleared


def shared_accounts(claims: Iterable[Claim], groups: dict[str, int]) -> list[Row]:
    """Claims whose account also takes the money of another payee."""
    by_account: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_account[claim.account_index].append(claim)
    return [
        (groups[index], claim.account_masked, claim.payee_name, claim.serial, claim.amount)
        for index, together in sorted(by_account.items(), key=lambda item: groups[item[0]])
        if len({(claim.payee_person_id, claim.payee_organisation_id) for claim in together}) > 1
        for claim in together
    ]


def claimed_again(claims: Iterable[Claim]) -> list[Row]:
    """Claims of one kind and level whose beneficiary is one person, or has the same name and day of birth."""
    alike: dict[tuple[Any, ...], list[Claim]] = defaultdict(list)
    for claim in claims:
        alike[claim.person.name, claim.person.born_on or claim.person_id, claim.kind, claim.level].append(claim)
    found = []
    for together in alike.values():
        if len(together) < 2:
            continue
        one = len({claim.person_id for claim in together}) == 1
        paid = sum(claim.state not in DEAD for claim in together)
        text = ("同一人" if one else "不同人员记录，请核实是否同一人") + ("，有效的不止一笔" if paid > 1 else "，其余已不予补贴或撤回")
        found += [
            (
                claim.person.name, claim.person.born_on, claim.get_kind_display(), claim.get_level_display().partition("/")[0], claim.serial,
                claim.get_state_display(), claim.claimed_on, claim.amount, text,
            )
            for claim in together
        ]  # fmt: skip
    return found


def _money(book: Book, claims: Sequence[Claim], ids: "QuerySet[Claim, Any]") -> None:
    objections = Objection.objects.filter(claim__in=ids).select_related("claim", "round").order_by("number")
    book.sheet("异议", "公示期的异议", OBJECTIONS, map(_objection_line, objections))
    lines = list(PaymentLine.objects.filter(claim__in=ids).select_related("list", "claim__payee_person", "claim__payee_organisation"))
    book.sheet("拨付", "每一次拨付，含退回和重发", PAYMENTS, map(_payment_line, lines))
    against = posts_in_one_hand(claims, lines)
    book.sheet("岗位分离", "同一人办了两个岗位的申请" + ("" if against else "：没有"), POSTS, against)
    book.sheet("资金", "所列支的资金（制表当日）", FUNDS, _funds({claim.fund_id for claim in claims if claim.fund_id}))


def _objection_line(row: Objection) -> Row:
    return (
        row.number, row.claim.serial, row.round, row.raised_on, row.text, row.get_outcome_display(), row.finding, row.settled_on, row.settled_by,
    )  # fmt: skip


def _payment_line(line: PaymentLine) -> Row:
    of = line.list
    return (
        of.number, line.position, line.claim.serial, line.claim.payee_name, line.claim.account_masked, line.amount, line.get_state_display(),
        line.settled_on, line.said, of.made_by, of.approved_by, of.sent_by, of.digest,
    )  # fmt: skip


def posts_in_one_hand(claims: Iterable[Claim], lines: Iterable[PaymentLine]) -> list[Row]:
    """Claims where one person stands for two of: handler, approver, cashier. The acts refuse it; the auditor wants to see it."""
    made: dict[int, PaymentLine] = {line.claim_id: line for line in lines}
    found = []
    for claim in claims:
        line = made.get(claim.pk)
        hands = [claim.handled_by_id, claim.approved_by_id, line.list.made_by_id if line else None]
        known = [hand for hand in hands if hand is not None]
        if len(known) != len(set(known)) or (claim.opened_by_id is not None and claim.opened_by_id == claim.approved_by_id):
            of = line.list if line else None
            found.append((
                claim.serial, claim.opened_by, claim.handled_by, claim.approved_by, of.made_by if of else "", of.approved_by if of else "",
                "同一人办理了应当分离的岗位",
            ))  # fmt: skip
    return found


def _funds(ids: Iterable[int]) -> list[Row]:
    funds = list(Fund.objects.filter(pk__in=set(ids)).order_by("year", "source"))
    money = standings(funds)
    return [
        (str(fund), one.budget, one.reserved, one.paid, one.returned, one.recovered, one.free)
        for fund in funds
        for one in (money[fund.pk],)
    ]
