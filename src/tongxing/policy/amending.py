"""Acts that change policy: a bureau adds a later version of a provision, or withdraws one it added."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused

from .models import BureauProvision
from .provisions import provision, shipped


def _same_shape(shipped_value: Any, new: Any) -> bool:
    if isinstance(shipped_value, bool) or isinstance(new, bool):
        return isinstance(shipped_value, bool) and isinstance(new, bool)
    if isinstance(shipped_value, int | float):
        return isinstance(new, int | float)
    return isinstance(new, type(shipped_value))


def _insist(by: Actor) -> None:
    """Provisions hold for the whole installation: who changes them must hold the whole programme."""
    if isinstance(by, User) and not by.may_at("policy.edit", settings.PROGRAMME_AREA):
        raise Refused("政策参数由主管全域的经办维护，您的管理范围不含全域。请联系主管科室。", code="not_allowed", status=403)


@transaction.atomic
def add_version(key: str, value: Any, *, valid_from: date, source: str, clause: str = "", note: str = "", by: Actor) -> BureauProvision:
    """Add a version that holds from a day on. Refuses unknown keys, another shape, no source, a second version a day."""
    _insist(by)
    if key not in shipped():
        raise Refused(f"没有名为 {key} 的政策参数，请从列表中选择。", code="unknown_provision", status=404)
    if not _same_shape(shipped()[key][0].value, value):
        raise Refused("取值的类型与原来不同，请按原来的格式填写。", code="wrong_shape", status=422)
    if not source.strip():
        raise Refused("请写明依据的文件名称和文号，否则以后无法核对。", code="no_source", status=422)
    try:
        before: Any = provision(key, valid_from).value
    except LookupError:
        before = None
    try:
        with transaction.atomic():
            row = BureauProvision.objects.create(
                key=key, value=value, valid_from=valid_from, source=source.strip(), clause=clause, note=note, added_by=by.display_name[:60]
            )
    except IntegrityError:
        raise Refused("这一天起已有一个版本，请先撤回它，或换一个生效日。", code="version_exists") from None
    record(
        "policy.add_version",
        by=by,
        of=row,
        label=shipped()[key][0].title,
        before={"value": before},
        after={"value": value, "自": str(valid_from)},
        reason=source,
    )
    return row


@transaction.atomic
def withdraw_version(row: BureauProvision, *, reason: str, by: Actor) -> None:
    """Withdraw a version the bureau added; shipped ones cannot be withdrawn, only followed by a later one."""
    _insist(by)
    if row.withdrawn_at:
        raise Refused("这个版本已经撤回。", code="already_withdrawn")
    row.withdrawn_at, row.withdrawn_by = timezone.now(), by.display_name[:60]
    row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record("policy.withdraw_version", by=by, of=row, before={"value": row.value}, reason=reason)
