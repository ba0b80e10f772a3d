"""Acts on a year's selection: plan it backwards from the day due, give its steps other lengths, complete them, go back, cancel."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said
from tongxing.core.values import clean_text
from tongxing.policy import provisions
from tongxing.workdays.calendar import Calendar

from . import gating, schedule
from .models import Selection, SelectionState, Stage, Step
from .rules import can_manage, insist

FIRST_YEAR = 2022
"""The year of the notice: no provision says what held before."""
LONGEST_STEP = 120


def due_in(year: int) -> date:
    """The day by which the province must have the recommendation of a year (notice:3.3.2)."""
    return date.fromisoformat(f"{year}-{provisions.value('honours.due_on', date(year, 12, 31))}")


def usual_days(on: date) -> dict[str, int]:
    """Working days of each step as the provisions of a day propose them."""
    proposed = provisions.value("honours.step_days", on)
    return {stage.value: int(proposed[stage.value]) for stage in Stage}


@transaction.atomic
def plan_selection(area: Area, year: int, *, by: Actor, title: str = "", judged_on: date | None = None, note: str = "") -> Selection:
    """Open the selection of a year. Its steps are laid backwards from the day due; one area has one selection a year."""
    insist(can_manage(by, area.pk))
    if year < FIRST_YEAR:
        raise Refused(f"选树从 {FIRST_YEAR} 年开始，请填 {FIRST_YEAR} 年以后的年度。", code="bad_year", clause="notice:3.3.1")
    due_on = due_in(year)
    days = usual_days(due_on)
    chain = schedule.backwards(list(days.items()), due_on, Calendar())
    nominated_by = next(span.ends for span in chain if span.key == Stage.NOMINATION)
    row = Selection(
        area=area,
        year=year,
        title=clean_text(title, longest=80) or f"{year} 年度劳动关系协调员和社会组织选树",
        due_on=due_on,
        judged_on=_judged(judged_on or nominated_by, due_on),
        note=note.strip(),
        made_by=by.display_name[:60],
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        already = f"{area.short_name} {year} 年的选树已经建好，请在原来的上面办理。"
        raise Refused(already, code="exists", clause="notice:3.3.1") from error
    Step.objects.bulk_create(Step(selection=row, stage=stage, place=place, days=days[stage]) for place, stage in enumerate(Stage, start=1))
    record(
        "honours.plan_selection", by=by, of=row, after={"year": year, "due_on": str(due_on), "judged_on": str(row.judged_on), "days": days}
    )
    return row


@transaction.atomic
def change_selection(
    selection: Selection, *, by: Actor, title: str, judged_on: date, days: Mapping[str, int], note: str = "", reason: str = ""
) -> Selection:
    """Other words, another reference day, other lengths of steps that are not done. A change after the call needs a reason."""
    row = _held(selection, by)
    steps = {step.stage: step for step in row.steps.all()}
    before, after = _told(row, steps), clean_text(title, longest=80)
    if not after:
        raise Refused("请填写名称，通知和公示上要印。", code="incomplete")
    wanted = {stage: days.get(stage, step.days) for stage, step in steps.items()}
    _check_days(steps, wanted, row.due_on)
    row.title, row.judged_on, row.note = after, _judged(judged_on, row.due_on), note.strip()
    changed = [step for stage, step in steps.items() if step.days != wanted[stage]]
    for step in changed:
        step.days = wanted[step.stage]
    row.steps.filter(done_on=None).update(reminded=None)
    called = steps[Stage.CALL].done_on is not None
    if called and (changed or str(row.judged_on) != before["judged_on"]) and not reason.strip():
        raise Refused("通知已经发出，改排期或资格基准日要写明原因。", code="reason_missing")
    Step.objects.bulk_update(changed, ["days"])
    _save(row, "title", "judged_on", "note")
    record("honours.change_selection", by=by, of=row, before=before, after=_told(row, steps), reason=reason)
    return row


@transaction.atomic
def complete_step(selection: Selection, *, by: Actor, done_on: date | None = None, remark: str = "") -> Selection:
    """The present step is done; the next one begins on the working day after."""
    row = _held(selection, by)
    if why := gating.missing(row):
        raise Refused(why, code="not_done")
    day = done_on or timezone.localdate()
    if day > timezone.localdate():
        raise Refused("完成日期还没有到，请核对。", code="future_day")
    steps = list(row.steps.all())
    step = next(one for one in steps if one.stage == row.stage)
    before = max((one.done_on for one in steps if one.done_on), default=None)
    if before and day < before:
        raise Refused(f"上一环节 {before} 才完成，这一环节的完成日期不能更早。", code="bad_day")
    step.done_on, step.done_by, step.remark = day, by.display_name[:60], clean_text(remark, longest=200)
    step.begun_on = step.begun_on or day
    step.save(update_fields=["done_on", "done_by", "remark", "begun_on"])
    following = steps[steps.index(step) + 1 :]
    if following:
        following[0].begun_on = day
        following[0].save(update_fields=["begun_on"])
        row.stage = following[0].stage
    else:
        row.state = SelectionState.DONE
    _save(row, "stage", "state")
    record("honours.complete_step", by=by, of=row, after={"stage": step.get_stage_display(), "done_on": str(day)}, reason=step.remark)
    return row


@transaction.atomic
def reopen_step(selection: Selection, *, by: Actor, reason: str) -> Selection:
    """Go back to the step before: it was not done after all. What was done in it stays in the log."""
    row = _held(selection, by, SelectionState.RUNNING, SelectionState.DONE)
    text = said(reason, "请写明退回上一环节的原因。", longest=200)
    done = [one for one in row.steps.all() if one.done_on]
    if not done:
        raise Refused("还没有完成的环节，没有可退回的。", code="nothing")
    step, present = done[-1], row.get_stage_display()
    row.steps.filter(place__gt=step.place).update(begun_on=None)
    step.done_on, step.done_by, step.reminded = None, "", None
    step.save(update_fields=["done_on", "done_by", "reminded"])
    row.stage, row.state = step.stage, SelectionState.RUNNING
    _save(row, "stage", "state")
    record("honours.reopen_step", by=by, of=row, before={"stage": present}, after={"stage": step.get_stage_display()}, reason=text)
    return row


@transaction.atomic
def cancel_selection(selection: Selection, *, by: Actor, reason: str) -> Selection:
    """Give a year's selection up; another one may be planned then."""
    row = _held(selection, by)
    row.cancel_reason = said(reason, "请写明取消的原因。", longest=200)
    row.state = SelectionState.CANCELLED
    _save(row, "state", "cancel_reason")
    record("honours.cancel_selection", by=by, of=row, after={"state": row.state}, reason=row.cancel_reason)
    return row


def _held(selection: Selection, by: Actor, *states: str) -> Selection:
    """The row as it stands now, `by`'s to manage, held until the transaction ends."""
    row = Selection.objects.select_for_update(of=("self",)).select_related("area").get(pk=selection.pk)
    insist(can_manage(by, row.area_id))
    if row.state not in (states or (SelectionState.RUNNING,)):
        raise Refused(f"这一年的选树{row.get_state_display()}，不能再办这一步。请刷新页面查看。", code="wrong_state")
    return row


def _save(row: Selection, *fields: str) -> None:
    row.version, row.updated_at = row.version + 1, timezone.now()
    row.save(update_fields=[*fields, "version", "updated_at"])


def _judged(day: date, due_on: date) -> date:
    if day.year < FIRST_YEAR:
        raise Refused(f"资格基准日不能早于 {FIRST_YEAR} 年，那以前没有选树的规定。请改日期。", code="bad_day", clause="notice:3.3.1")
    if day > due_on:
        raise Refused(f"资格基准日不能晚于报送截止日 {due_on}。请改日期。", code="bad_day", clause="notice:3.3.2")
    return day


def _check_days(steps: Mapping[str, Step], wanted: Mapping[str, int], due_on: date) -> None:
    for stage, number in wanted.items():
        if not 1 <= number <= LONGEST_STEP:
            raise Refused(f"{Stage(stage).label}要 1 至 {LONGEST_STEP} 个工作日。", code="bad_days")
        if steps[stage].done_on and number != steps[stage].days:
            raise Refused(f"{Stage(stage).label}已经完成，天数不能再改。", code="step_done")
    least = int(provisions.value("honours.shortest_notice", due_on))
    if wanted[Stage.NOTICE] < least:
        raise Refused(f"公示不少于 {least} 个工作日。", code="notice_short", clause="notice:3.3.1")


def _told(row: Selection, steps: Mapping[str, Step]) -> dict[str, Any]:
    return {
        "title": row.title,
        "judged_on": str(row.judged_on),
        "note": row.note,
        "days": {stage: step.days for stage, step in steps.items()},
    }
