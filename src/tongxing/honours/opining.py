"""Opinions of the employer and of departments on a nominee (notice:A1.2, A2.2): record one, and what the latest of each say together."""

from datetime import date

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said
from tongxing.core.values import clean_text
from tongxing.files.guard import leaks_in, refuse_leaks
from tongxing.policy import provisions

from . import evidence
from .models import OPEN, Nomination, NominationState, Opinion
from .moving import held
from .rules import can_change, can_manage, insist

From = Opinion.From


@transaction.atomic
def record_opinion(
    nomination: Nomination,
    *,
    by: Actor,
    origin: str,
    body: str,
    agrees: bool,
    text: str,
    given_on: date,
    upload: "File[bytes] | None" = None,
    covered: bool = False,
) -> Opinion:
    """Enter what somebody says of the nominee; a later opinion of the same kind stands in the place of an earlier one, which stays on record."""
    row = held(nomination)
    _insist_may(row, by)
    if origin not in From.values:
        raise Refused("请选择出具意见的单位类别。", code="bad_origin")
    if given_on > timezone.localdate():
        raise Refused("出具日期还没有到，请核对意见上的日期。", code="future_day")
    called, told = clean_text(body, longest=120), clean_text(text, longest=500)
    said(called, "请写明出具意见的单位全称。", code="incomplete")
    said(told, "请照原文写明意见。", code="incomplete")
    refuse_leaks([*leaks_in(called, "出具单位"), *leaks_in(told, "意见")], doing="保存")
    stored = evidence.keep(row, upload, by=by, covered=covered) if upload else None
    made = Opinion.objects.create(
        nomination=row,
        origin=origin,
        body=called,
        agrees=agrees,
        text=told,
        given_on=given_on,
        file_id=stored.pk if stored else None,
        recorded_by=by.display_name[:60],
    )
    after = {"origin": made.get_origin_display(), "body": called, "agrees": agrees, "given_on": str(given_on)}
    record("honours.record_opinion", by=by, of=row, after=after | ({"sha256": stored.sha256} if stored else {}))
    return made


def may_opine(by: Actor, row: Nomination) -> bool:
    """Who recommends until it is checked, the officers until the review has ended."""
    if row.state in {*OPEN, NominationState.SUBMITTED} and can_change(by, row):
        return True
    return row.state == NominationState.ACCEPTED and bool(can_manage(by, row.selection.area_id))


def _insist_may(row: Nomination, by: Actor) -> None:
    insist(can_change(by, row))
    if not may_opine(by, row):
        raise Refused(f"这份推荐现在是“{row.get_state_display()}”，不能再登记意见。需要补充请联系劳动关系科。", code="wrong_state")


def latest(row: Nomination) -> dict[tuple[str, str], Opinion]:
    """The last opinion of each body, by kind and name."""
    given = sorted(row.opinions.all(), key=lambda one: (one.given_on, one.pk))
    return {(one.origin, one.body): one for one in given}


def lacks_employer(row: Nomination) -> str:
    """What to do about the employer's opinion before the review; empty when nothing."""
    if row.person_id is None or not provisions.value("honours.employer_opinion", row.selection.judged_on):
        return ""
    given = [one for (origin, _), one in latest(row).items() if origin == From.EMPLOYER]
    if not given:
        return "还没有所在单位的意见。请先登记所在单位同意推荐的意见，再通过审核。"
    if not all(one.agrees for one in given):
        return "所在单位不同意推荐，不能进入评审。单位改变意见的，请登记新的意见。"
    return ""


def doubts(row: Nomination) -> list[str]:
    """What a visit or a department says against the nominee, as sentences."""
    visits = sorted(row.visits.all(), key=lambda one: (one.visited_on, one.pk))
    found = [f"{visits[-1].visited_on} 走访核实认为材料不属实。"] if visits and not visits[-1].confirmed else []
    against = [one for (origin, _), one in latest(row).items() if origin != From.EMPLOYER and not one.agrees]
    return [*found, *(f"“{one.body}”不同意推荐。" for one in against)]
