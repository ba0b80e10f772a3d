"""Money out: lists that do not change, three people, the bank's answer line by line, money that comes back."""

from decimal import Decimal

import pytest
from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE
from tongxing.certificates.register import void_certificate
from tongxing.core.errors import Refused
from tongxing.subsidies import funding, paying, reconciling
from tongxing.subsidies.models import Claim, ClaimState, LineState, PaymentLine, PaymentState
from tongxing.subsidies.reconciling import Answer

from .scene import Scene, a_user, an_account, anew


def answer(claim: Claim, *, paid: bool = True, row: int = 2, amount: Decimal | None = None, said: str = "") -> Answer:
    return Answer(row, claim.serial, amount or claim.amount, paid, said)


def test_a_list_says_count_sum_and_digest(scene: Scene) -> None:
    row, claims = scene.listed(scene.ask(), scene.training())
    assert (row.lines_count, row.total, len(row.digest)) == (2, Decimal(2280), 64)
    assert {claim.state for claim in claims} == {ClaimState.PAYING}
    assert row.digest == paying.digest_of(row)


def test_only_what_was_cleared_is_listed_and_only_once(scene: Scene) -> None:
    _, claims = scene.published()
    with pytest.raises(Refused, match="不能这样办理"):
        paying.make_list(claims, by=scene.cashier, fund=scene.fund)
    _, claims = scene.listed()
    with pytest.raises(Refused, match="不能这样办理"):
        paying.make_list(claims, by=scene.cashier, fund=scene.fund)


def test_the_cashier_had_no_hand_in_it(scene: Scene) -> None:
    claims = scene.cleared()
    scene.handler.grants.update(role="cashier")
    del scene.handler.current_grants
    with pytest.raises(Refused, match="不能既受理、审批又拨付"):
        paying.make_list(claims, by=scene.handler, fund=scene.fund)


def test_who_made_the_list_does_not_approve_it(scene: Scene) -> None:
    row, _ = scene.listed()
    with pytest.raises(Refused):
        paying.approve_list(row, by=scene.cashier)
    scene.cashier.grants.update(role="subsidy_approver")
    del scene.cashier.current_grants
    with pytest.raises(Refused, match="不能既制单又审核"):
        paying.approve_list(row, by=scene.cashier)


def test_an_altered_list_is_not_approved_and_not_sent(scene: Scene) -> None:
    row, claims = scene.listed()
    Claim.objects.filter(pk=claims[0].pk).update(account_index="0" * 32)
    with pytest.raises(Refused, match="与制单时不一致"):
        paying.approve_list(row, by=scene.approver)
    Claim.objects.filter(pk=claims[0].pk).update(account_index=claims[0].account_index)
    paying.approve_list(row, by=scene.approver)
    PaymentLine.objects.update(amount=Decimal(999))
    with pytest.raises(Refused, match="与制单时不一致"):
        paying.send_list(row, by=scene.cashier)


def test_a_certificate_voided_before_the_money_goes_stops_the_list(scene: Scene) -> None:
    row, claims = scene.listed()
    void_certificate(claims[0].certificate, by=COMMAND_LINE, reason="冒名")
    with pytest.raises(Refused, match="证书已作废"):
        paying.approve_list(row, by=scene.approver)
    paying.cancel_list(row, by=scene.approver, reason="证书作废")
    assert anew(claims)[0].state == ClaimState.CLEARED


def test_a_list_that_went_to_the_bank_is_not_cancelled(scene: Scene) -> None:
    row, _ = scene.sent()
    with pytest.raises(Refused, match="已经送银行的不能作废"):
        paying.cancel_list(row, by=scene.cashier, reason="x")


def test_partial_success_line_by_line(scene: Scene) -> None:
    row, claims = scene.sent(scene.ask(), scene.ask(), scene.ask())
    done = reconciling.reconcile(row, [answer(claims[0]), answer(claims[1], paid=False, said="户名不符", row=3)], by=scene.cashier)
    row.refresh_from_db()
    assert ((done.paid, done.returned, done.left), row.state) == ((1, 1, []), PaymentState.PARTLY)
    assert [claim.state for claim in anew(claims)] == [ClaimState.PAID, ClaimState.BOUNCED, ClaimState.PAYING]
    assert anew(claims)[1].state_note == "银行退回：户名不符"
    reconciling.reconcile(row, [answer(claims[2])], by=scene.cashier)
    row.refresh_from_db()
    assert row.state == PaymentState.PARTLY


def test_the_same_answer_twice_changes_nothing(scene: Scene) -> None:
    row, claims = scene.sent()
    reconciling.reconcile(row, [answer(claims[0])], by=scene.cashier)
    row.refresh_from_db()
    again = reconciling.reconcile(row, [answer(claims[0])], by=scene.cashier)
    assert ((again.paid, again.same, again.left), row.state) == ((0, 1, []), PaymentState.DONE)


def test_unknown_doubled_and_wrong_lines_are_named_and_change_nothing(scene: Scene) -> None:
    row, claims = scene.sent(scene.ask(), scene.ask(), scene.ask())
    answers = [
        Answer(2, "BT2020999999", Decimal(280), True),
        answer(claims[0], amount=Decimal(281), row=3),
        answer(claims[1], row=4),
        answer(claims[1], row=5),
        answer(claims[2], row=6),
    ]
    done = reconciling.reconcile(row, answers, by=scene.cashier)
    assert [place for place, _ in done.left] == [2, 3, 4, 5]
    assert "拨付单里没有 BT2020999999" in done.left[0][1]
    assert "应为 280.00 元，回单为 281.00 元" in done.left[1][1]
    assert [claim.state for claim in anew(claims)] == [ClaimState.PAYING, ClaimState.PAYING, ClaimState.PAID]
    contrary = reconciling.reconcile(row, [answer(claims[2], paid=False)], by=scene.cashier)
    assert "与本次回单相反" in contrary.left[0][1]


def test_a_list_is_not_settled_before_it_was_sent(scene: Scene) -> None:
    row, claims = scene.listed()
    with pytest.raises(Refused, match="还没有送银行"):
        reconciling.reconcile(row, [answer(claims[0])], by=scene.cashier)


def test_a_returned_payment_goes_out_again_with_a_corrected_account(scene: Scene) -> None:
    row, claims = scene.sent()
    reconciling.reconcile(row, [answer(claims[0], paid=False, said="账号已销户")], by=scene.cashier)
    account = an_account()
    with pytest.raises(Refused):
        paying.correct_account(anew(claims)[0], by=scene.cashier, account=account, reason="x")
    paying.correct_account(anew(claims)[0], by=scene.second, account=account, reason="本人持身份证更正")
    again = paying.make_list(anew(claims), by=scene.cashier, fund=scene.fund)
    assert again.number != row.number
    assert again.lines.get().account_index == account.digest
    standing = funding.standings([scene.fund])[scene.fund.pk]
    assert (standing.reserved, standing.paid, standing.returned) == (Decimal(280), Decimal(0), Decimal(280))


def test_money_that_came_back_after_it_had_arrived(scene: Scene) -> None:
    row, claims = scene.sent()
    reconciling.reconcile(row, [answer(claims[0])], by=scene.cashier)
    line = PaymentLine.objects.get()
    reconciling.bounce(line, by=scene.cashier, said="账户被冻结")
    row.refresh_from_db()
    assert (anew(claims)[0].state, row.state, PaymentLine.objects.get().state) == (
        ClaimState.BOUNCED,
        PaymentState.PARTLY,
        LineState.RETURNED,
    )


def test_paid_money_called_back_is_booked_by_another(scene: Scene) -> None:
    row, claims = scene.sent()
    reconciling.reconcile(row, [answer(claims[0])], by=scene.cashier)
    reconciling.recover(anew(claims)[0], by=scene.approver, reason="证书被撤销")
    with pytest.raises(Refused):
        reconciling.note_recovered(anew(claims)[0], by=scene.approver, on=timezone.localdate(), voucher="1")
    reconciling.note_recovered(anew(claims)[0], by=scene.cashier, on=timezone.localdate(), voucher="收 0012")
    assert funding.standings([scene.fund])[scene.fund.pk].free == Decimal(100_000)
    # The level may be claimed again: what was paid is back.
    assert scene.opened(scene.ask(claims[0].certificate))


def test_another_countys_cashier_pays_nothing_here(scene: Scene) -> None:
    stranger = a_user("stranger", "cashier", scene.jiyuan.other)
    with pytest.raises(Refused, match="不能在该区划拨付"):
        paying.make_list(scene.cleared(), by=stranger, fund=scene.fund)
