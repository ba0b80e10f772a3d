"""The way from the list of certificates to the paid subsidy, as officers walk it in the browser; each by the one who may."""

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tongxing.accounts.models import Grant, User
from tongxing.audit.models import Entry
from tongxing.subsidies import noticing
from tongxing.subsidies.models import Claim, ClaimState, Comparison, Fund, PaymentList, Round

from .scene import Scene, a_card, an_id_number, anew


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def handler(scene: Scene) -> Client:
    return signed_in(scene.handler)


@pytest.fixture
def approver(scene: Scene) -> Client:
    return signed_in(scene.approver)


@pytest.fixture
def cashier(scene: Scene) -> Client:
    return signed_in(scene.cashier)


def test_the_whole_way(scene: Scene, handler: Client, approver: Client, cashier: Client) -> None:
    certificates = [scene.certificate(), scene.certificate()]
    account = {
        "payee": "济源评价中心",
        "account_name": "济源评价中心",
        "bank": "工商银行济源支行",
        "account": a_card(),
        "category": "employee",
    }
    ids = [str(row.pk) for row in certificates]
    second = signed_in(scene.second)
    assert certificates[0].number in text_of(second.get(reverse("subsidies:candidates")))
    asked = second.post(reverse("subsidies:open") + "?kind=evaluation", {"ids": ids})
    assert "已选 2 项" in text_of(asked)
    done = second.post(reverse("subsidies:open") + "?kind=evaluation", {"picked": ",".join(ids), **account}, follow=True)
    assert "已提交 2 笔，共 560.00 元" in text_of(done)
    assert certificates[0].number not in text_of(second.get(reverse("subsidies:candidates")))

    picked = {"picked": ",".join(str(claim.pk) for claim in Claim.objects.order_by("pk"))}
    assert "已受理 2 笔" in text_of(handler.post(reverse("subsidies:accept"), picked, follow=True))
    approved = approver.post(reverse("subsidies:approve"), {**picked, "fund": scene.fund.pk}, follow=True)
    assert "已审批 2 笔，共 560.00 元" in text_of(approved)
    words = {"title": "评价补贴公示", "text": "现予公示。", "contact": "0391-6636515"}
    drafted = handler.post(reverse("subsidies:round-new"), {**picked, **words}, follow=True)
    assert "已拟好公示" in text_of(drafted)
    row = Round.objects.get()
    published = approver.post(reverse("subsidies:round-publish", args=[row.uid]), follow=True)
    assert "已发布，公示至" in text_of(published)
    row.refresh_from_db()
    assert row.ends_on
    noticing.clear_due(timezone.localdate().replace(year=timezone.localdate().year + 1))

    made = cashier.post(reverse("subsidies:payment-new"), {**picked, "fund": scene.fund.pk, "note": ""}, follow=True)
    assert "请另一人审核" in text_of(made)
    paid = PaymentList.objects.get()
    assert "已审核：2 笔" in text_of(approver.post(reverse("subsidies:payment-approve", args=[paid.uid]), follow=True))
    book = cashier.post(reverse("subsidies:bank-file", args=[paid.uid]))
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).active
    assert sheet
    assert [cell.value for cell in sheet[1]] == ["序号", "收款账号", "收款户名", "开户银行", "金额", "附言"]
    assert sheet["B2"].value == account["account"]
    assert Entry.objects.filter(act="subsidies.bank_file").count() == 1
    assert "已登记送银行" in text_of(cashier.post(reverse("subsidies:payment-send", args=[paid.uid]), follow=True))
    serials = list(Claim.objects.order_by("serial").values_list("serial", flat=True))
    answer = f"受理号,金额,处理结果,失败原因\n{serials[0]},280.00,成功,\n{serials[1]},280.00,失败,户名不符\nBT2020000001,1,成功,\n"
    upload = SimpleUploadedFile("回单.csv", answer.encode("gb18030"))
    settled = text_of(cashier.post(reverse("subsidies:payment-settle", args=[paid.uid]), {"file": upload}))
    assert "到账 1 笔，退回 1 笔，没有处理 1 行" in settled
    assert "第 4 行：拨付单里没有 BT2020000001" in settled
    assert [claim.state for claim in Claim.objects.order_by("serial")] == [ClaimState.PAID, ClaimState.BOUNCED]
    fund = text_of(approver.get(reverse("subsidies:fund", args=[scene.fund.pk])))
    assert "100,000.00 元预算" in fund


@pytest.mark.parametrize("who", ["handler", "approver", "cashier"])
def test_a_claim_page_offers_what_the_reader_may_do(scene: Scene, who: str) -> None:
    offered = {"handler": "受理</button>", "approver": "", "cashier": ""}[who]
    page = text_of(signed_in(getattr(scene, who)).get(reverse("subsidies:claim", args=[scene.opened()[0].uid])))
    assert "按三级标准，补贴 280.00 元" in page
    assert "评价补贴标准（按证书等级）" in page
    assert "豫人社规〔2022〕2号" in page
    assert ("受理</button>" in page) is bool(offered)


def test_the_account_is_masked_until_a_reason_is_given(scene: Scene, handler: Client) -> None:
    claim = scene.opened()[0]
    page, door = reverse("subsidies:claim", args=[claim.uid]), reverse("subsidies:account", args=[claim.uid])
    assert claim.account not in text_of(handler.get(page))
    assert claim.account not in text_of(handler.post(door, {"reason": ""}))
    assert claim.account in text_of(handler.post(door, {"reason": "核对回单"}))
    assert Entry.objects.get(act="subsidies.reveal_account").reason == "核对回单"


def test_what_is_wrong_stands_above_the_form_and_nothing_is_lost(scene: Scene, handler: Client) -> None:
    certificate = scene.certificate()
    typed = {
        "picked": str(certificate.pk),
        "payee": "济源评价中心",
        "account_name": "中心",
        "bank": "工行",
        "account": "6222021234567890123",
        "category": "employee",
    }
    answer = handler.post(reverse("subsidies:open"), typed)
    assert answer.status_code == 422
    assert "银行卡号校验不通过" in text_of(answer)
    assert 'value="6222021234567890123"' in text_of(answer)
    assert not Claim.objects.exists()


def test_a_leak_is_named_on_the_page_of_the_notice(scene: Scene, approver: Client) -> None:
    row = scene.drafted(scene.approved(), title=f"公示 {an_id_number(9)}")
    answer = approver.post(reverse("subsidies:round-publish", args=[row.uid]))
    assert answer.status_code == 409
    assert "不能发布：标题有身份证号码 419" in text_of(answer)


def test_a_comparison_list_is_taken_in(scene: Scene, handler: Client) -> None:
    content = f"单位名单\n姓名,身份证号,工作单位\n李四,{an_id_number(1)},某局\n王五,123,某局\n".encode()
    facts = {
        "kind": "payroll",
        "source": "财政局",
        "as_of": timezone.localdate().isoformat(),
        "file": SimpleUploadedFile("名单.csv", content),
    }
    page = text_of(handler.post(reverse("subsidies:comparison-new"), facts, follow=True))
    assert "已导入 1 人。1 行没有导入，第 4 行" in page
    assert Comparison.objects.get().rows_count == 1


def test_a_bank_answer_that_nobody_can_read_is_refused_with_the_reason(scene: Scene, cashier: Client) -> None:
    row, _ = scene.sent()
    upload = SimpleUploadedFile("回单.csv", "甲,乙\n1,2\n".encode())
    assert "没有找到表头" in text_of(cashier.post(reverse("subsidies:payment-settle", args=[row.uid]), {"file": upload}))


def test_funds_are_entered_and_changed(scene: Scene, approver: Client) -> None:
    facts = {"area": scene.jiyuan.county.pk, "year": 2026, "source": "就业补助资金", "budget": "12,000.00", "note": ""}
    assert "已登记资金预算" in text_of(approver.post(reverse("subsidies:fund-new"), facts, follow=True))
    fund = Fund.objects.get(source="就业补助资金")
    page = text_of(approver.post(reverse("subsidies:fund-edit", args=[fund.pk]), {"budget": "1", "note": ""}, follow=True))
    assert "已修改预算" in page
    assert "不是金额" in text_of(approver.post(reverse("subsidies:fund-edit", args=[fund.pk]), {"budget": "很多", "note": ""}))


def test_the_payee_sees_the_way_of_the_claim_and_not_the_officers(scene: Scene) -> None:
    agent = User.objects.create_user("agent", "clay-river-9-lamp", name="中心经办")
    Grant.objects.create(user=agent, role="agent", organisation_id=scene.body.pk, since=timezone.localdate(), granted_by="测试")
    claim = scene.accepted()[0]
    page = text_of(signed_in(agent).get(reverse("subsidies:own")))
    assert claim.serial in page
    own = text_of(signed_in(agent).get(reverse("subsidies:claim", args=[claim.uid])))
    assert "待审批" in own
    assert claim.account not in own


@pytest.mark.parametrize("name", ["claims", "candidates", "rounds", "payments", "funds", "objections", "comparisons"])
def test_lists_ask_as_often_with_many_rows_as_with_one(scene: Scene, handler: Client, name: str) -> None:
    def build() -> None:
        scene.certificate()
        claims = scene.listed()[1]
        assert claims

    def look() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert handler.get(reverse(f"subsidies:{name}")).status_code == 200
        return len(seen)

    build()
    look()
    few = look()
    for _ in range(3):
        build()
    assert look() == few


def test_two_officers_at_once(scene: Scene, handler: Client) -> None:
    """What somebody else did meanwhile is said; nothing is done twice."""
    claim = scene.opened()[0]
    first = handler.post(reverse("subsidies:accept-one", args=[claim.uid]))
    again = handler.post(reverse("subsidies:accept-one", args=[claim.uid]))
    assert (first.status_code, again.status_code) == (302, 409)
    assert "不能这样办理" in text_of(again)
    assert anew([claim])[0].version == 2
