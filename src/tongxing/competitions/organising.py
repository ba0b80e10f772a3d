"""Acts on a competition: make it, change it, open the entries, cancel it."""

from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused, said
from tongxing.core.values import clean_text

from .models import Competition, CompetitionState, Prize, Rank
from .rules import CLAUSE, can_manage, insist, managed, moved

FIRST_YEAR = 2022
"""The year of the notice."""


@transaction.atomic
def make_competition(
    area: Area,
    *,
    by: Actor,
    title: str,
    year: int,
    opens_on: date,
    closes_on: date,
    held_on: date,
    awarded_by: str,
    rank: str = Rank.COUNTY,
    note: str = "",
) -> Competition:
    """A new competition of an area, not open yet."""
    insist(can_manage(by, area.pk))
    if year < FIRST_YEAR or rank not in Rank.values:
        raise Refused(f"请核对级别和年度，年度从 {FIRST_YEAR} 年起。", code="bad_year", clause=CLAUSE)
    row = Competition(area=area, year=year, rank=rank, note=note.strip(), made_by=by.display_name[:60])
    _set(row, title, awarded_by, (opens_on, closes_on, held_on))
    _saved(row)
    record("competitions.make", by=by, of=row, after=_told(row))
    return row


@transaction.atomic
def change_competition(
    competition: Competition,
    *,
    by: Actor,
    title: str,
    opens_on: date,
    closes_on: date,
    held_on: date,
    awarded_by: str,
    note: str = "",
    reason: str = "",
) -> Competition:
    """Other words or days, until the codes are drawn. Once entries are open it needs a reason."""
    row = managed(competition, by, CompetitionState.DRAFT, CompetitionState.OPEN, doing="再修改")
    before = _told(row)
    if row.state == CompetitionState.OPEN:
        reason = said(reason, "报名已经开始，修改要写明原因。", longest=200)
    row.note = note.strip()
    _set(row, title, awarded_by, (opens_on, closes_on, held_on))
    row.version, row.updated_at = row.version + 1, timezone.now()
    _saved(row)
    record("competitions.change", by=by, of=row, before=before, after=_told(row), reason=reason)
    return row


def _set(row: Competition, title: str, awarded_by: str, days: tuple[date, date, date]) -> None:
    row.title, row.awarded_by = clean_text(title, longest=80), clean_text(awarded_by, longest=120)
    if not row.title or not row.awarded_by:
        raise Refused("请填写竞赛名称和授奖单位，证书和通报上要印。", code="incomplete", clause=CLAUSE)
    if list(days) != sorted(days):
        raise Refused("日期次序不对：报名开始、报名截止、竞赛日期应依次往后。", code="bad_day", clause=CLAUSE)
    row.opens_on, row.closes_on, row.held_on = days


def _saved(row: Competition) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Refused(f"{row.year} 年已有叫“{row.title}”的竞赛，请在原来的上面办理。", code="exists", clause=CLAUSE) from error


def _told(row: Competition) -> dict[str, str]:
    names = ("title", "opens_on", "closes_on", "held_on", "awarded_by", "note")
    return {name: str(getattr(row, name)) for name in names}


@transaction.atomic
def open_entries(competition: Competition, *, by: Actor) -> Competition:
    """Let entries in. The scheme must be whole: what is marked, and how it counts, is known before anybody enters."""
    row = moved(competition, "open", by)
    faults = scheme_faults(row)
    if faults:
        raise Refused("还不能开始报名：" + "；".join(faults) + "。", code="scheme_open", clause=CLAUSE)
    save(row, "state")
    record("competitions.open_entries", by=by, of=row, after={"state": row.state})
    return row


def scheme_faults(row: Competition) -> list[str]:
    """What is missing in the scheme, in Chinese; two queries and one for the prizes."""
    rounds = list(row.rounds.prefetch_related("aspects"))
    found = [] if rounds else ["还没有竞赛环节"]
    weight = sum(one.weight for one in rounds)
    if rounds and weight != 100:
        found.append(f"各环节权重合计 {weight}%，应为 100%")
    found += [f"“{one.title}”还没有评分项" for one in rounds if not one.aspects.all()]
    numbers = dict(row.prize_lines.values_list("prize", "number"))
    if not any(numbers.get(prize) for prize in Prize.values):
        found.append("还没有设置奖项")
    return found


@transaction.atomic
def cancel_competition(competition: Competition, *, by: Actor, reason: str) -> Competition:
    """Give a competition up before it is published."""
    row = moved(competition, "cancel", by)
    row.cancel_reason = said(reason, "请写明取消的原因。", longest=200)
    save(row, "state", "cancel_reason")
    record("competitions.cancel", by=by, of=row, after={"state": row.state}, reason=row.cancel_reason)
    return row


def save(row: Competition, *fields: str) -> None:
    """Save these fields, and that the record changed."""
    row.version, row.updated_at = row.version + 1, timezone.now()
    row.save(update_fields=[*fields, "version", "updated_at"])
