"""Public notices: guarded, counted by working days, and objections that stop one name's clock."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE, SYSTEM
from tongxing.certificates.register import void_certificate
from tongxing.core.errors import Refused
from tongxing.subsidies import handling, noticing, objecting
from tongxing.subsidies.models import Claim, ClaimState, Objection, Outcome, Round, RoundState

from .scene import Scene, an_id_number, anew

WEDNESDAY = date(2026, 3, 4)


def test_five_working_days_later_the_claim_may_be_paid(jiyuan: Any) -> None:
    with time_machine.travel(f"{WEDNESDAY} 10:00+08:00", tick=False):
        row, claims = Scene(jiyuan).published()
    assert (row.ends_on, row.shown_until, claims[0].notice_until) == (date(2026, 3, 11), date(2026, 4, 10), date(2026, 3, 11))
    assert (noticing.clear_due(date(2026, 3, 11)), noticing.clear_due(date(2026, 3, 12)), noticing.clear_due(date(2026, 3, 12))) == (
        0,
        1,
        0,
    )
    assert anew(claims)[0].state == ClaimState.CLEARED


def test_the_public_list_is_masked_and_kept_as_it_was(scene: Scene) -> None:
    row, claims = scene.published()
    (line,) = row.lines
    assert (line["name"], line["serial"], line["amount"]) == (claims[0].person.name, claims[0].serial, "280.00")
    assert line["id"] == claims[0].person.id_number[:6] + "*" * 12
    assert claims[0].person.id_number not in str(row.lines)


def test_it_is_taken_down_by_itself(scene: Scene) -> None:
    row, _ = scene.published()
    assert row.shown_until
    assert list(Round.objects.on_show(row.shown_until)) == [row]
    assert not Round.objects.on_show(row.shown_until + timedelta(days=1)).exists()


@pytest.mark.parametrize(
    "facts",
    [
        {"title": f"关于{an_id_number(3)}的公示"},
        {"contact": "联系人手机 13800138000"},
        {"text": "张三 6222 0212 3456 7890 128 开户行"},
        {"attachments": [ContentFile(f"张三,{an_id_number(4)}".encode(), name="名单.csv")]},
    ],
)
def test_numbers_stop_the_publication(scene: Scene, facts: dict[str, Any]) -> None:
    claims = scene.approved()
    row = scene.drafted(claims, **facts)
    if "text" in facts:
        row.text = f"卡号 {claims[0].account}"
        row.save()
    with pytest.raises(Refused, match="不能发布"):
        noticing.publish_round(row, by=scene.approver)
    assert (Round.objects.get().state, anew(claims)[0].state) == (RoundState.DRAFT, ClaimState.APPROVED)


def test_a_certificate_voided_meanwhile_stops_the_publication(scene: Scene) -> None:
    claims = scene.approved()
    row = scene.drafted(claims)
    void_certificate(claims[0].certificate, by=COMMAND_LINE, reason="冒名")
    with pytest.raises(Refused, match="有新的预审发现"):
        noticing.publish_round(row, by=scene.approver)


def test_a_claim_stands_on_one_notice(scene: Scene) -> None:
    claims = scene.approved()
    scene.drafted(claims)
    with pytest.raises(Refused, match="已列入另一份公示"):
        scene.drafted(claims)


def test_who_drafts_does_not_publish(scene: Scene) -> None:
    row = scene.drafted(scene.approved())
    with pytest.raises(Refused):
        noticing.publish_round(row, by=scene.handler)


def test_after_the_notice_nothing_changes_without_a_new_round(scene: Scene) -> None:
    _, claims = scene.published()
    for act in (handling.return_claim, handling.refuse_claim):
        with pytest.raises(Refused):
            act(claims[0], by=scene.approver, reason="改金额")
    handling.reopen_claim(claims[0], by=scene.approver, reason="金额有误")
    claim = anew(claims)[0]
    assert (claim.state, claim.round_id, claim.fund_id, claim.approved_by) == (ClaimState.ACCEPTED, None, None, "")


def test_a_withdrawn_notice_sends_its_claims_back(scene: Scene) -> None:
    row, claims = scene.published()
    noticing.withdraw_round(row, by=scene.approver, reason="名单有误")
    assert [claim.state for claim in anew(claims)] == [ClaimState.ACCEPTED]
    assert not Round.objects.on_show(timezone.localdate()).exists()


def objected(claim: Claim) -> Objection:
    return objecting.raise_objection(claim, by=SYSTEM, text="此人没有参加考试，电话 13800138000", name="群众", contact="0391-1234567")


def test_an_objection_stops_the_clock_of_one_name_only(jiyuan: Any) -> None:
    with time_machine.travel(f"{WEDNESDAY} 10:00+08:00", tick=False) as clock:
        scene = Scene(jiyuan)
        _, (mine, other) = scene.published(scene.ask(), scene.ask())
        clock.move_to("2026-03-06 10:00+08:00")
        row = objected(mine)
        assert "13800138000" not in row.text
        assert row.contact_sealed != "0391-1234567"
        clock.move_to("2026-03-20 10:00+08:00")
        assert noticing.clear_due() == 1
        assert [claim.state for claim in anew([mine, other])] == [ClaimState.OBJECTED, ClaimState.CLEARED]
        objecting.settle_objection(row, by=scene.handler, upheld=False, finding="查了签到和试卷，确系本人")
        claim = anew([mine])[0]
        # Three working days were left on 6 March: the 9th, 10th and 11th. They run again from the 20th on.
        assert (claim.state, claim.notice_until) == (ClaimState.NOTICED, date(2026, 3, 25))


def test_an_upheld_objection_refuses_the_claim_and_frees_the_money(scene: Scene) -> None:
    from tongxing.subsidies import funding

    _, claims = scene.published()
    row = objected(claims[0])
    objecting.settle_objection(row, by=scene.handler, upheld=True, finding="确系代考")
    assert anew(claims)[0].state == ClaimState.REFUSED
    assert funding.standings([scene.fund])[scene.fund.pk].reserved == 0
    with pytest.raises(Refused, match="已经办结"):
        objecting.settle_objection(row, by=scene.handler, upheld=False, finding="x")


def test_the_clock_goes_on_when_the_last_of_two_objections_is_settled(scene: Scene) -> None:
    _, claims = scene.published()
    first, second = objected(claims[0]), objected(claims[0])
    assert (first.number, second.number) == (f"{claims[0].serial}-1", f"{claims[0].serial}-2")
    objecting.settle_objection(first, by=scene.handler, upheld=False, finding="不实")
    assert anew(claims)[0].state == ClaimState.OBJECTED
    objecting.settle_objection(second, by=scene.handler, upheld=False, finding="不实")
    assert anew(claims)[0].state == ClaimState.NOTICED
    assert Objection.objects.filter(outcome=Outcome.DISMISSED).count() == 2


def test_objections_only_while_the_name_is_on_show(scene: Scene) -> None:
    with pytest.raises(Refused, match="不在公示期内"):
        objected(scene.approved()[0])
    with pytest.raises(Refused, match="不在公示期内"):
        objected(scene.cleared()[0])
