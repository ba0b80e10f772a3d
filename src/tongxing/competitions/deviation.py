"""Several judges on one aspect: their mean, and when they lie too far apart to be let stand. Knows no table."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.core.exceptions import ValidationError

from tongxing.core.values import half_width

CENT = Decimal("0.01")


def mean(values: Sequence[Decimal]) -> Decimal:
    """Rounded to 0.01, half up; at least one value."""
    return (sum(values, Decimal(0)) / len(values)).quantize(CENT, ROUND_HALF_UP)


def spread(values: Sequence[Decimal]) -> Decimal:
    """The distance between the highest and the lowest."""
    return max(values) - min(values) if values else Decimal(0)


def too_wide(values: Sequence[Decimal], full: Decimal, percent: int) -> bool:
    """Whether the spread is more than so many percent of the full score."""
    return spread(values) * 100 > full * percent


def clean_mark(raw: str, full: Decimal) -> Decimal:
    """A mark from 0 to the full score with at most two decimals; raises ValidationError."""
    text = half_width(raw).strip()
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValidationError(f"“{text[:20]}”不是分数，请填 0 至 {full.normalize():f}。", code="mark_form") from None
    if not value.is_finite() or not 0 <= value <= full:
        raise ValidationError(f"{text[:20]} 不在 0 至 {full.normalize():f} 之间，请对照评分表核对。", code="mark_range")
    if value != value.quantize(CENT):
        raise ValidationError(f"{text[:20]} 的小数多于两位，请对照评分表核对。", code="mark_places")
    return value.quantize(CENT)
