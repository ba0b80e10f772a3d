"""From the claim to the approval: what is kept, who may do what, and money that never exceeds the budget."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE
from tongxing.audit.models import Entry
from tongxing.certificates.register import void_certificate
from tongxing.core.errors import Refused
from tongxing.notices.models import Notice
from tongxing.subsidies import claiming, funding, handling
from tongxing.subsidies.models import Claim, ClaimState, Happening

from .scene import Scene, a_user, an_account, anew


def test_a_claim_keeps_the_decision_with_the_rules_it_was_made_by(scene: Scene) -> None:
    claim = scene.opened()[0]
    assert (claim.serial, claim.amount) == (f"BT{timezone.localdate().year}000001", Decimal(280))
    assert claim.decision["ok"]
    assert {one["key"] for one in claim.decision["provisions"]} >= {"subsidies.evaluation_amounts", "subsidies.claim_days"}
    assert claim.decision["facts"]["等级"] == "三级"


def test_the_account_stands_sealed(scene: Scene) -> None:
    account = an_account()
    claim = scene.opened(scene.training(account=account))[0]
    assert account.number not in claim.account_sealed
    assert (claim.account, claim.account_masked[:4]) == (account.number, "6222")
    entry = Entry.objects.get(act="subsidies.open")
    assert account.number not in str(entry.after)


def test_what_is_not_due_is_refused_by_name(scene: Scene) -> None:
    late = scene.certificate(issued_on=timezone.localdate() - timedelta(days=200))
    with pytest.raises(ValidationError, match=f"{late.person.name}：应在"):
        scene.opened(scene.ask(late))
    assert not Claim.objects.exists()


def test_the_same_level_is_paid_once(scene: Scene) -> None:
    certificate = scene.certificate()
    scene.opened(scene.ask(certificate))
    with pytest.raises(ValidationError, match="不得重复申领"):
        scene.opened(scene.ask(certificate))
    with pytest.raises(ValidationError, match="不得重复申领"):
        scene.opened(scene.ask(scene.certificate(certificate.person)))
    assert scene.opened(scene.training(certificate))


def test_two_asks_for_one_person_in_one_submission_open_none(scene: Scene) -> None:
    certificate = scene.certificate()
    with pytest.raises(ValidationError, match="同时提交的另一笔"):
        scene.opened(scene.ask(certificate), scene.ask(certificate))
    assert not Claim.objects.exists()


def test_a_withdrawn_claim_is_no_obstacle(scene: Scene) -> None:
    claim = scene.opened()[0]
    claiming.withdraw_claim(claim, by=scene.second, reason="填错")
    assert scene.opened(scene.ask(claim.certificate))[0].serial != claim.serial


def test_evaluation_is_paid_to_the_body_that_issued(scene: Scene) -> None:
    certificate = scene.certificate()
    with pytest.raises(Refused, match="不拨给个人"):
        scene.opened(scene.ask(certificate, payee=certificate.person))
    other = scene.person()
    with pytest.raises(Refused, match="只能拨给本人"):
        scene.opened(scene.training(certificate, payee=other))


def test_who_may_claim(scene: Scene) -> None:
    certificate = scene.certificate()
    with pytest.raises(Refused, match="只能为本人、本单位"):
        claiming.open_claims([scene.ask(certificate)], by=scene.cashier)
    with pytest.raises(Refused, match="须由有账号的人员"):
        claiming.open_claims([scene.ask(certificate)], by=COMMAND_LINE)
    holder = a_user("holder", "coordinator", scene.jiyuan.county)
    holder.person_id = certificate.person_id
    holder.save()
    assert claiming.open_claims([scene.training(certificate)], by=holder)
    assert Claim.objects.visible_to(holder).count() == 1


def test_handler_and_approver_are_different_people(scene: Scene) -> None:
    claims = scene.accepted()
    with pytest.raises(Refused, match="不能在该区划审批补贴"):
        handling.approve_claims(claims, by=scene.handler, fund=scene.fund)
    for user in (scene.handler, scene.second):
        user.grants.update(role="subsidy_approver")
        del user.current_grants
        with pytest.raises(Refused, match="同一人不能既申请、受理又审批"):
            handling.approve_claims(claims, by=user, fund=scene.fund)
    assert anew(claims)[0].state == ClaimState.ACCEPTED


def test_approval_reserves_and_refusal_frees(scene: Scene) -> None:
    claim = scene.approved()[0]
    assert funding.standings([scene.fund])[scene.fund.pk].reserved == Decimal(280)
    handling.refuse_claim(claim, by=scene.approver, reason="材料不实")
    standing = funding.standings([scene.fund])[scene.fund.pk]
    assert (standing.reserved, standing.free) == (Decimal(0), Decimal(100_000))


def test_never_beyond_the_budget(scene: Scene) -> None:
    scene.fund = funding.set_fund(
        by=scene.approver, area_code=scene.fund.area_id, year=2026, source="专账资金", budget=Decimal(300), fund=scene.fund
    )
    scene.approved()
    claims = scene.accepted(scene.ask())
    with pytest.raises(Refused, match=r"尚可使用 20.00 元，不够列支这 1 笔共 280.00 元"):
        handling.approve_claims(claims, by=scene.approver, fund=scene.fund)
    with pytest.raises(Refused, match=r"已预留和拨付 280.00 元"):
        funding.set_fund(by=scene.approver, area_code=scene.fund.area_id, year=2026, source="x", budget=Decimal(279), fund=scene.fund)


def test_a_certificate_voided_before_approval_stops_it(scene: Scene) -> None:
    claims = scene.accepted()
    void_certificate(claims[0].certificate, by=COMMAND_LINE, reason="冒名")
    with pytest.raises(Refused, match="证书已作废或已换发"):
        handling.approve_claims(claims, by=scene.approver, fund=scene.fund)


def test_returned_amended_and_taken_in_hand_again(scene: Scene) -> None:
    claim = scene.opened(scene.training())[0]
    handling.return_claim(claim, by=scene.handler, reason="账号不对")
    assert Notice.objects.filter(user=scene.second, title__contains="退回补正").exists()
    account = an_account()
    claim = claiming.amend_claim(claim, by=scene.second, account=account)
    assert (claim.state, claim.account) == (ClaimState.SUBMITTED, account.number)
    with pytest.raises(ValidationError, match="财政供养"):
        claiming.amend_claim(claim, by=scene.second, on_payroll=True)
    assert [step.state for step in Happening.objects.filter(claim=claim)] == ["submitted", "returned", "submitted"]


@pytest.mark.parametrize("act", ["accept", "return", "withdraw"])
def test_a_step_is_not_taken_twice(scene: Scene, act: str) -> None:
    acts: dict[str, Any] = {
        "accept": lambda claim: handling.accept_claims([claim], by=scene.handler),
        "return": lambda claim: handling.return_claim(claim, by=scene.handler, reason="补材料"),
        "withdraw": lambda claim: claiming.withdraw_claim(claim, by=scene.second, reason="不要了"),
    }
    claim = scene.opened()[0]
    acts[act](claim)
    with pytest.raises(Refused, match="不能这样办理"):
        acts[act](claim)


def test_other_counties_see_and_do_nothing(scene: Scene) -> None:
    stranger = a_user("stranger", "subsidy_handler", scene.jiyuan.other)
    claim = scene.opened()[0]
    assert not Claim.objects.visible_to(stranger).exists()
    with pytest.raises(Refused):
        handling.accept_claims([claim], by=stranger)


def test_one_entry_in_the_log_for_many_claims_and_a_constant_number_of_queries(scene: Scene, django_assert_max_num_queries: Any) -> None:
    asks = [scene.ask() for _ in range(12)]
    with django_assert_max_num_queries(40):
        claims = claiming.open_claims(asks, by=scene.second)
    with django_assert_max_num_queries(30):
        handling.accept_claims(claims, by=scene.handler)
    assert Entry.objects.filter(act="subsidies.open").count() == 1
    assert len({claim.serial for claim in claims}) == 12
