"""The facts of an organisation: their Chinese names, how each is judged, and how the log may hold them.

Form, act and API judge through `judged`; the sheets call the same small functions value by value.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils import timezone

from tongxing.areas.models import Area
from tongxing.core.identifiers import clean_credit_code, clean_phone
from tongxing.core.values import clean_amount, clean_count, clean_date, clean_text
from tongxing.core.vault import mask

from .industry import clean_industry, title
from .models.fields import VaultColumn
from .models.organisations import Organisation, OrganisationKind, OrganisationService, OrganisationStatus, Party, Service, Size
from .names import name_key


def _text(longest: int) -> Callable[[Any], str]:
    return lambda raw: clean_text(str(raw or ""), longest=longest, blanks=True)


def _name(raw: Any) -> str:
    name = clean_text(str(raw or ""), longest=128)
    if len(name_key(name)) < 2:
        raise ValidationError("请填写单位全称，至少两个字。", code="required")
    return name


def _year(raw: Any) -> int | None:
    if raw in (None, ""):
        return None
    year, this = clean_count(str(raw)), timezone.localdate().year
    if not 1980 <= year <= this:
        raise ValidationError(f"数据年度应在 1980 至 {this} 之间，请核对。", code="year")
    return year


def _began(raw: Any) -> date | None:
    if raw in (None, ""):
        return None
    day = raw if isinstance(raw, date) else clean_date(str(raw))
    if day > timezone.localdate():
        raise ValidationError("成立日期不能晚于今天，请核对。", code="future_day")
    return day


def _amount(raw: Any) -> Decimal | None:
    return None if raw in (None, "") else clean_amount(str(raw))


class Fact(NamedTuple):
    """One fact: how it is judged (None: the act judges it in its context), and whether a merge fills it from the record that goes."""

    field: str
    judge: Callable[[Any], Any] | None = None
    fills: bool = False


FACTS = (
    Fact("name", _name),
    Fact("credit_code", lambda raw: clean_credit_code(raw) if raw else None, fills=True),
    Fact("no_code_reason", _text(100)),
    Fact("kind"),
    Fact("party", fills=True),
    Fact("is_training_provider", fills=True),
    Fact("is_assessment_body", fills=True),
    Fact("area_id"),
    Fact("unplaced"),
    Fact("address", _text(200), fills=True),
    Fact("industry", lambda raw: clean_industry(raw or ""), fills=True),
    Fact("employees", lambda raw: None if raw in (None, "") else clean_count(str(raw), most=10_000_000), fills=True),
    Fact("revenue", _amount, fills=True),
    Fact("assets", _amount, fills=True),
    Fact("figures_year", _year, fills=True),
    Fact("began_on", _began, fills=True),
    Fact("registration_authority", _text(60), fills=True),
    Fact("legal_representative", _text(60), fills=True),
    Fact("contact_name", _text(60), fills=True),
)
"""The one list of an organisation's facts that are columns of its own: form, act, merge, log and rosters read it."""
FIELDS = tuple(fact.field for fact in FACTS)
FILLED = tuple(fact.field for fact in FACTS if fact.fills)
JUDGES: dict[str, Callable[[Any], Any]] = {fact.field: fact.judge for fact in FACTS if fact.judge} | {
    "contact_phone": lambda raw: clean_phone(raw) if raw else ""
}


LABELS: dict[str, str] = {
    field: str(Organisation._meta.get_field(field.removesuffix("_id")).verbose_name)  # type: ignore[union-attr]
    for field in (*FIELDS, "status", "ended_on", "size", "size_override", "size_override_reason", "merged_into_id", "confirmed_on")
} | {
    "contact_phone": "联系电话",
    "services": "服务内容",
    "postings": "同时结束的任职",
    "assignments": "同时结束的包联",
    "contacts": "其他联系人",
    "area_since": "迁入日期",
    "merged_name": "并入的记录",
    "conduct_kind": "记录类别",
    "happened_on": "发生日期",
    "source": "来源",
    "document": "文书号",
    "file": "附件",
    "lifted_on": "撤销或修复日期",
    "struck_on": "作废日期",
    "year": "核实年度",
}
CHOICES: dict[str, dict[str, str]] = {
    "kind": dict(OrganisationKind.choices),
    "party": dict(Party.choices),
    "status": dict(OrganisationStatus.choices),
    "size": dict(Size.choices),
    "size_override": dict(Size.choices),
}


def judged(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts in normal form. Raises ValidationError by field."""
    errors: dict[str, ValidationError] = {}
    values = dict(facts)
    for field, judge in JUDGES.items():
        if field in values:
            try:
                values[field] = judge(values[field])
            except ValidationError as error:
                errors[field] = error
    if values.get("kind") not in OrganisationKind.values:
        errors["kind"] = ValidationError("请选择单位类别。", code="required")
    if values.get("credit_code"):
        values["no_code_reason"] = ""
    elif "credit_code" not in errors and not values.get("no_code_reason"):
        errors["no_code_reason"] = ValidationError("没有统一社会信用代码时，请写明原因。", code="required")
    values["services"] = [service for service in Service.values if service in (values.get("services") or [])]
    if errors:
        raise ValidationError(errors)
    return values


def facts_of(organisation: Organisation) -> dict[str, Any]:
    """The present facts, in clear: for forms and for judging a change. Never to the log: see `audited`."""
    facts = {field: getattr(organisation, field) for field in FIELDS}
    services = list(organisation.services.values_list("service", flat=True)) if organisation.pk else []
    return facts | {"contact_phone": organisation.contact_phone, "services": services}


def put(organisation: Organisation, values: dict[str, Any]) -> None:
    """Set judged values on the row; `services` are rows of their own (`put_services`)."""
    for field in FIELDS:
        if field in values:
            setattr(organisation, field, values[field])
    organisation.name_key = name_key(organisation.name)
    if "contact_phone" in values:
        organisation.contact_phone_sealed = VaultColumn.sealed_for(
            Organisation, "contact_phone_sealed", organisation.uid, values["contact_phone"]
        )


def put_services(organisation: Organisation, services: list[str]) -> None:
    held = set(organisation.services.values_list("service", flat=True))
    organisation.services.exclude(service__in=services).delete()
    new = [OrganisationService(organisation=organisation, service=service) for service in services if service not in held]
    OrganisationService.objects.bulk_create(new)


def plain(value: Any) -> Any:
    """A value as JSON holds it; amounts without the zeros that only the column adds."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else value


def audited(values: dict[str, Any]) -> dict[str, Any]:
    """Facts as the log may hold them."""
    return {field: mask(value, 3, 4) if field == "contact_phone" else plain(value) for field, value in values.items()}


def spoken(field: str, value: Any, areas: dict[int, str] | None = None) -> str:
    """A logged value as people read it: 企业 for enterprise, 克井镇 for its code, 空 for nothing."""
    if value in (None, "", []):
        return "空"
    if isinstance(value, bool):
        value = "是" if value else "否"
    if field == "area_id":
        name = (areas or {}).get(int(value)) or Area.objects.filter(code=value).values_list("short_name", flat=True).first()
        return name or str(value)
    if field == "industry":
        return f"{value} {title(value)}"
    if field == "services":
        names = dict(Service.choices)
        return "、".join(names.get(item, item) for item in value)
    return "、".join(map(str, value)) if isinstance(value, list) else CHOICES.get(field, {}).get(value, str(value))
