"""Acts on the scheme: rounds and what is marked in them, quotas, prizes. It stands once entries are open; quotas may still be changed then."""

from collections.abc import Mapping
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Max

from tongxing.areas.models import Area
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.core.values import clean_text
from tongxing.learning.models import Exam, ExamState
from tongxing.registry.models import Organisation

from .models import Aspect, AspectKind, Competition, CompetitionState, Prize, PrizeLine, Quota, Round, RoundKind
from .rules import CLAUSE, managed

ONLINE_FULL = Decimal(100)
ONLINE_ASPECT = "在线考试成绩"


def _planned(competition: Competition | int, by: Actor) -> Competition:
    return managed(competition, by, CompetitionState.DRAFT, doing="再改评分办法，报名开始前才能改")


@transaction.atomic
def lay_round(competition: Competition, *, by: Actor, title: str, kind: str, weight: int, exam: Exam | None = None) -> Round:
    """A round at the end of the scheme. An online one takes its scores from an examination that everybody sits once."""
    row = _planned(competition, by)
    called = _named(title, 40)
    _check_round(row, kind, weight, exam)
    last = row.rounds.aggregate(last=Max("place"))["last"] or 0
    try:
        with transaction.atomic():
            made = Round.objects.create(competition=row, title=called, kind=kind, weight=weight, place=last + 1, exam=exam)
    except IntegrityError:
        raise Refused(f"已有叫“{called}”的环节，请换一个名称。", code="exists", clause=CLAUSE) from None
    if kind == RoundKind.ONLINE:
        Aspect.objects.create(round=made, title=ONLINE_ASPECT, kind=AspectKind.MEASURED, full=ONLINE_FULL, place=1)
    record("competitions.lay_round", by=by, of=row, after={"round": called, "kind": kind, "weight": weight})
    return made


@transaction.atomic
def change_round(one: Round, *, by: Actor, title: str, weight: int, exam: Exam | None = None) -> Round:
    """Another name, weight or examination; the form of a round stays."""
    row = _planned(one.competition_id, by)
    before = {"round": one.title, "weight": one.weight}
    _check_round(row, one.kind, weight, exam)
    one.title, one.weight, one.exam = _named(title, 40), weight, exam
    try:
        with transaction.atomic():
            one.save(update_fields=["title", "weight", "exam"])
    except IntegrityError:
        raise Refused(f"已有叫“{one.title}”的环节，请换一个名称。", code="exists", clause=CLAUSE) from None
    record("competitions.change_round", by=by, of=row, before=before, after={"round": one.title, "weight": weight})
    return one


@transaction.atomic
def drop_round(one: Round, *, by: Actor) -> None:
    row = _planned(one.competition_id, by)
    record("competitions.drop_round", by=by, of=row, before={"round": one.title, "weight": one.weight})
    one.delete()


def _check_round(row: Competition, kind: str, weight: int, exam: Exam | None) -> None:
    if kind not in RoundKind.values or not 1 <= weight <= 100:
        raise Refused("请选择形式，权重填 1 至 100 的整数。", code="bad_round", clause=CLAUSE)
    if (exam is None) == (kind == RoundKind.ONLINE):
        raise Refused("在线理论环节要选一场在线考试，其他形式不选。", code="exam_missing", clause=CLAUSE)
    if exam is None:
        return
    if exam.training_class_id or exam.attempts != 1 or exam.state == ExamState.CLOSED:
        raise Refused(
            "竞赛用的在线考试须对本区划全体人员开放、每人只考 1 次、还没有结束。请先在“模拟考试”里另建一场。",
            code="bad_exam",
            clause=CLAUSE,
        )
    low, high = exam.area.span
    if not low <= row.area_id <= high:
        raise Refused("这场在线考试不覆盖举办区划，选手进不去。请另选一场。", code="bad_exam", clause=CLAUSE)


@transaction.atomic
def lay_aspect(one: Round, *, by: Actor, title: str, kind: str, full: Decimal, tie_place: int | None = None) -> Aspect:
    """A line of the marking scheme, at the end of its round."""
    row = _planned(one.competition_id, by)
    if one.kind == RoundKind.ONLINE:
        raise Refused("在线考试的成绩由系统取回，不用另设评分项。", code="online", clause=CLAUSE)
    if one.kind == RoundKind.PAPER and kind != AspectKind.MEASURED:
        raise Refused("纸笔理论只有客观分，由两人各录一遍。请选“客观分”。", code="bad_aspect", clause=CLAUSE)
    called = _named(title, 60)
    if kind not in AspectKind.values or not 0 < full <= 1000 or full != full.quantize(Decimal("0.01")):
        raise Refused("请选择类别，满分填 0 以上、1000 以下，最多两位小数。", code="bad_aspect", clause=CLAUSE)
    last = one.aspects.aggregate(last=Max("place"))["last"] or 0
    try:
        with transaction.atomic():
            made = Aspect.objects.create(round=one, title=called, kind=kind, full=full, place=last + 1, tie_place=tie_place)
    except IntegrityError:
        raise Refused(f"“{one.title}”已有叫“{called}”的评分项，请换一个名称。", code="exists", clause=CLAUSE) from None
    record("competitions.lay_aspect", by=by, of=row, after={"round": one.title, "aspect": called, "kind": kind, "full": str(full)})
    return made


@transaction.atomic
def drop_aspect(aspect: Aspect, *, by: Actor) -> None:
    row = _planned(aspect.round.competition_id, by)
    if aspect.round.kind == RoundKind.ONLINE:
        raise Refused("在线考试的成绩项不能单独删除，请删除整个环节。", code="online", clause=CLAUSE)
    record("competitions.drop_aspect", by=by, of=row, before={"aspect": aspect.title, "full": str(aspect.full)})
    aspect.delete()


@transaction.atomic
def set_quota(
    competition: Competition, *, by: Actor, number: int, area: Area | None = None, organisation: Organisation | None = None
) -> Quota:
    """How many of an area, or of an organisation, may enter; a later word replaces the earlier one."""
    row = managed(competition, by, CompetitionState.DRAFT, CompetitionState.OPEN, doing="再改名额")
    if (area is None) == (organisation is None) or not 0 <= number <= 1000:
        raise Refused("请选一个区划或填一家单位（只填一样），名额填 0 至 1000。", code="bad_quota", clause=CLAUSE)
    made, _ = Quota.objects.update_or_create(competition=row, area=area, organisation=organisation, defaults={"number": number})
    record("competitions.set_quota", by=by, of=row, after={"quota": str(made), "number": number})
    return made


@transaction.atomic
def drop_quota(quota: Quota, *, by: Actor) -> None:
    row = managed(quota.competition_id, by, CompetitionState.DRAFT, CompetitionState.OPEN, doing="再改名额")
    record("competitions.drop_quota", by=by, of=row, before={"quota": str(quota), "number": quota.number})
    quota.delete()


@transaction.atomic
def set_prizes(competition: Competition, *, by: Actor, numbers: Mapping[int, int]) -> Competition:
    """How many first, second and third prizes there are."""
    row = _planned(competition, by)
    if set(numbers) - set(Prize.values) or any(not 0 <= number <= 200 for number in numbers.values()) or not any(numbers.values()):
        raise Refused("请至少设一个奖，每个奖项填 0 至 200。", code="bad_prizes", clause=CLAUSE)
    for prize, number in numbers.items():
        PrizeLine.objects.update_or_create(competition=row, prize=prize, defaults={"number": number})
    record("competitions.set_prizes", by=by, of=row, after={Prize(prize).label: number for prize, number in numbers.items()})
    return row


def _named(text: str, longest: int) -> str:
    called = clean_text(text, longest=longest)
    if not called:
        raise Refused("请填写名称。", code="incomplete", clause=CLAUSE)
    return called
