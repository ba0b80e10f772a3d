"""Acts on judges: appoint judges and keyers, declare an interest, let somebody go."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said
from tongxing.core.values import clean_text
from tongxing.registry.models import Organisation, Person

from .board import board_of
from .models import Barred, Competition, CompetitionState, Conflict, Duty, Judge, Keying, Mark, Round
from .rules import CLAUSE, can_manage, can_mark, held, insist, managed

BEFORE = (CompetitionState.DRAFT, CompetitionState.OPEN, CompetitionState.DRAWN)


@transaction.atomic
def appoint(
    competition: Competition,
    *,
    by: Actor,
    duty: str,
    name: str = "",
    user: User | None = None,
    person: Person | None = None,
    organisation: Organisation | None = None,
    party: str = "",
    rounds: Iterable[Round] = (),
) -> Judge:
    """Appoint a judge or a keyer before marking begins. The chief and keyers need an account; a judge without one hands in paper."""
    row = managed(competition, by, *BEFORE, doing="再聘裁判，评分开始前才能聘")
    chosen = list(rounds)
    called = clean_text(name, longest=60) or (user.name if user else person.name if person else "")
    if not called or duty not in Duty.values:
        raise Refused("请选择分工，并选一个账号或填写姓名。", code="incomplete", clause=CLAUSE)
    if user:
        insist(can_mark(user, row), status=409)
    elif duty != Duty.JUDGE:
        raise Refused("裁判长和录入员要在系统里办理，请选一个有“竞赛裁判”岗位的账号。", code="no_account", clause=CLAUSE)
    if any(one.competition_id != row.pk for one in chosen) or (duty == Duty.JUDGE and not chosen):
        raise Refused("请选择裁判评判的环节。", code="no_round", clause=CLAUSE)
    facts = {"user": user, "person": person, "organisation": organisation, "party": party}
    try:
        with transaction.atomic():
            made = Judge.objects.create(competition=row, duty=duty, name=called, **facts)
    except IntegrityError:
        raise Refused("这个账号已在裁判名单里，或者已有裁判长。请刷新页面核对。", code="exists", clause=CLAUSE) from None
    made.rounds.set([] if duty == Duty.KEYER else chosen)
    after = {"name": called, "duty": duty, "organisation": organisation and organisation.name}
    record("competitions.appoint", by=by, of=row, after=after)
    return made


@transaction.atomic
def declare_conflict(judge: Judge, organisation: Organisation, *, by: Actor, reason: str) -> Conflict:
    """Enter an interest that no register shows, before marking begins. The judge may declare it too."""
    row = held(judge.competition_id)
    if by.pk is None or by.pk != judge.user_id:
        insist(can_manage(by, row.area_id))
    if row.state not in BEFORE:
        raise Refused("评分已经开始，不能再登记回避。请由举办单位让该裁判退出。", code="wrong_state", clause=CLAUSE)
    text = said(reason, "请写明回避的原因，例如近亲属在该单位任职。", longest=200)
    facts = {"reason": text, "declared_by": by.display_name[:60]}
    made, new = Conflict.objects.get_or_create(judge=judge, organisation=organisation, defaults=facts)
    if not new:
        raise Refused(f"已登记回避“{organisation.name}”，不用重复登记。", code="exists", clause=CLAUSE)
    record("competitions.declare_conflict", by=by, of=row, after={"judge": judge.name, "organisation": organisation.name}, reason=text)
    return made


@transaction.atomic
def release(judge: Judge, *, by: Actor, reason: str) -> Judge:
    """Let a judge go. While marking, what the judge marked counts no more; refused where too few would be left."""
    row = managed(judge.competition_id, by, *BEFORE, CompetitionState.MARKING, doing="让裁判退出")
    leaving = Judge.objects.select_for_update(of=("self",)).get(pk=judge.pk)
    if leaving.released_on:
        raise Refused("这名裁判已经退出。请刷新页面。", code="wrong_state", clause=CLAUSE)
    leaving.released_reason = said(reason, "请写明退出的原因。", longest=200)
    leaving.released_on, leaving.version = timezone.localdate(), leaving.version + 1
    leaving.save(update_fields=["released_on", "released_reason", "version"])
    gone = Mark.objects.filter(judge=leaving).count()
    Mark.objects.filter(judge=leaving).delete()
    Keying.objects.filter(judge=leaving).delete()
    Barred.objects.filter(judge=leaving).delete()
    if row.state == CompetitionState.MARKING and (faults := board_of(row).staff_faults()):
        raise Refused("退出后裁判不够：" + "；".join(faults) + "。", code="too_few_judges", clause=CLAUSE)
    record("competitions.release", by=by, of=row, after={"name": leaving.name, "marks": gone}, reason=reason)
    return leaving
