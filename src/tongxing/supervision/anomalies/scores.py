"""Scores too alike in one batch: the same scores in every part, no spread, one last digit far too often."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from statistics import pstdev
from typing import NamedTuple

from tongxing.evaluation.models import PartResult
from tongxing.evaluation.models.scores import Part

from .hits import Hit, at_least, percent
from .limits import Limits


class Batch(NamedTuple):
    """The settled scores of a batch: by candidate, by part."""

    pk: int
    code: str
    organisation_id: int
    area_id: int
    name: str
    scores: Mapping[int, Mapping[str, Decimal]]


def find(batches: Iterable[Batch], limits: Limits) -> list[Hit]:
    return [hit for batch in batches for rule in (_same, _flat, _digits) for hit in rule(batch, limits)]


def _hit(batch: Batch, rule: str, text: str, advice: str, figures: dict[str, object], mark: str = "") -> Hit:
    return Hit(rule, f"{batch.pk}{mark}", batch.area_id, batch.organisation_id, f"{batch.name}批次 {batch.code}：{text}", advice, figures)


def _same(batch: Batch, limits: Limits) -> Iterable[Hit]:
    """Scores of several parts, the same in all."""
    full = [tuple(sorted(parts.items())) for parts in batch.scores.values() if len(parts) > 1]
    if not full:
        return
    vector, number = Counter(full).most_common(1)[0]
    if number >= limits.same_people and number * 100 >= limits.same_share * len(full):
        said = "、".join(f"{Part(part).label} {value}" for part, value in vector)
        text = f"{len(full)} 人中有 {number} 人各科分数完全相同（{said}）。"
        advice = "调出这几人的答题卡和技能评分表比对笔迹、答案和评分人；雷同的按考务规定处理。"
        yield _hit(batch, "same_scores", text, advice, {"相同": number, "人数": len(full)})


def _flat(batch: Batch, limits: Limits) -> Iterable[Hit]:
    for part in Part:
        values = [float(parts[part]) for parts in batch.scores.values() if part in parts]
        if len(values) >= limits.flat_people and (spread := pstdev(values)) < limits.flat_spread:
            text = f"{part.label} {len(values)} 人的分数几乎一样，标准差 {spread:.1f} 分（{min(values):g} 至 {max(values):g} 分）。"
            advice = "抽看评分记录，问考评员怎样打分；没有逐项评分的，重评。"
            yield _hit(batch, "flat_scores", text, advice, {"人数": len(values), "标准差": round(spread, 2)}, f":{part}")


def _digits(batch: Batch, limits: Limits) -> Iterable[Hit]:
    """The last digit of whole points: each should come up about once in ten."""
    digits = [int(value) % 10 for parts in batch.scores.values() for value in parts.values()]
    if len(digits) < limits.digit_scores:
        return
    digit, number = Counter(digits).most_common(1)[0]
    # The most frequent of ten was picked out: the chance of any of them is ten times that of one.
    odds = min(1.0, 10 * at_least(number, len(digits), 0.1))
    if odds < limits.by_chance:
        text = f"{len(digits)} 个分数里有 {number} 个个位是 {digit}（{percent(number, len(digits))}），碰巧这样的概率约 {odds:.1e}。"
        advice = "看评分表是否按小项累计；只填一个总分的，要求补交小项评分。"
        yield _hit(batch, "last_digit", text, advice, {"分数": len(digits), "个位": digit, "次数": number, "概率": odds})


def load(since: date) -> list[Batch]:
    """One query. Scores kept from an earlier batch are not this batch's."""
    rows = PartResult.objects.filter(candidate__batch__exam_on__gte=since, value__isnull=False, kept_from=None).order_by("pk")
    fields = (
        "candidate__batch_id",
        "candidate__batch__code",
        "candidate__batch__filing__organisation_id",
        "candidate__batch__area_id",
        "candidate__batch__filing__organisation__name",
        "candidate_id",
        "part",
        "value",
    )
    heads: dict[int, tuple[str, int, int, str]] = {}
    scores: dict[int, dict[int, dict[str, Decimal]]] = defaultdict(lambda: defaultdict(dict))
    for pk, code, organisation, area, name, candidate, part, value in rows.values_list(*fields):
        heads[pk] = code, organisation, area, name
        scores[pk][candidate][part] = value
    return [Batch(pk, *heads[pk], scores[pk]) for pk in sorted(heads)]
