"""Acts on people (人员): one person once. The document gives birth date and sex; ID number and phone are never audited in clear."""

import uuid
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from tongxing.areas import ledger
from tongxing.areas.models import Area
from tongxing.audit.log import Actor, record
from tongxing.core.access import insist
from tongxing.core.errors import Refused
from tongxing.core.identifiers import clean_phone
from tongxing.core.values import clean_text
from tongxing.core.vault import mask

from .identity import clean_document, id_index, phone_index
from .models import Coordinator, NotDuplicate, Person
from .models.fields import VaultColumn
from .models.people import Education, IdType, Politics, Sex
from .pasts import EDUCATION, day_of_change
from .rules_people import can_edit_at, can_merge
from .search import index_people

PLAIN_FIELDS = ("name", "id_type", "sex", "born_on", "education", "politics", "area_id")
LABELS = {
    "name": "姓名",
    "id_type": "证件类型",
    "id_number": "证件号码",
    "sex": "性别",
    "born_on": "出生日期",
    "phone": "手机号",
    "education": "学历",
    "politics": "政治面貌",
    "area_id": "所属区划",
}


def judged(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of a person in normal form; the document's birth date and sex go before what was typed. Raises ValidationError by field."""
    errors: dict[str, ValidationError] = {}
    values = dict(facts)
    for field, judge in (("name", _clean_name), ("phone", lambda raw: clean_phone(raw) if raw else "")):
        try:
            values[field] = judge(values.get(field) or "")
        except ValidationError as error:
            errors[field] = error
    try:
        if values.get("id_number"):
            document = clean_document(values["id_type"], values["id_number"], today=timezone.localdate())
            values["id_number"] = document.number
            values["born_on"] = document.born_on or values.get("born_on")
            values["sex"] = document.sex or values.get("sex") or Sex.UNKNOWN
    except ValidationError as error:
        errors["id_number"] = error
    if errors:
        raise ValidationError(errors)
    return values


def _clean_name(raw: str) -> str:
    name = clean_text(raw, longest=64)
    if not name:
        raise ValidationError("请填写姓名。", code="required")
    return name


def holder_of(number: str) -> Person | None:
    """Who is registered under this document number; a merged record leads to the one it was merged into."""
    found = Person.objects.select_related("merged_into").filter(id_index=id_index(number)).first() if number else None
    return (found.merged_into or found) if found else None


@transaction.atomic
def register_person(
    *,
    by: Actor,
    area: Area,
    name: str,
    id_type: str = IdType.RESIDENT,
    id_number: str = "",
    phone: str = "",
    sex: int = Sex.UNKNOWN,
    born_on: date | None = None,
    education: str = "",
    politics: str = "",
) -> Person:
    """Enter a person. Refused when the document stands in the register already (the live warning shows likely doubles before)."""
    insist(can_edit_at(by, area.code))
    values = judged(
        {"name": name, "id_type": id_type, "id_number": id_number, "phone": phone, "sex": sex, "born_on": born_on}
        | {"education": education, "politics": politics}
    )
    _refuse_double(values["id_number"])
    person = Person(uid=uuid.uuid4(), area=area)
    _put(person, values)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:
        raise Refused("该证件号刚刚被他人登记，请刷新后查看已有记录。", code="person_exists") from None
    record("registry.register_person", by=by, of=person, after=audited(person))
    index_people([person.pk])
    return person


def _refuse_double(number: str, but: int | None = None) -> None:
    holder = holder_of(number)
    if holder and holder.pk != but:
        raise Refused(
            f"证件号 {mask(number)} 已登记在“{holder.name}”名下（{holder.area}），一人只登记一次。请打开已有记录修改，或核对证件号。",
            code="person_exists",
            clause="notice:3.4.1",
        )


def _put(person: Person, values: dict[str, Any]) -> None:
    for field in PLAIN_FIELDS:
        if field in values:
            setattr(person, field, values[field])
    if "id_number" in values:
        person.id_number_sealed = VaultColumn.sealed_for(Person, "id_number_sealed", person.uid, values["id_number"])
        person.id_index = id_index(values["id_number"]) or None
    if "phone" in values:
        person.phone_sealed = VaultColumn.sealed_for(Person, "phone_sealed", person.uid, values["phone"])
        person.phone_index = phone_index(values["phone"])


def audited(person: Person) -> dict[str, Any]:
    """The facts of a person as the log may hold them: masked, in words, and JSON."""
    return {
        "name": person.name,
        "id_type": IdType(person.id_type).label,
        "sex": Sex(person.sex).label,
        "born_on": person.born_on.isoformat() if person.born_on else None,
        "education": Education(person.education).label if person.education else "",
        "politics": Politics(person.politics).label if person.politics else "",
        "area_id": person.area.short_name,
        "id_number": person.id_masked,
        "phone": person.phone_masked,
    }


@transaction.atomic
def update_person(person: Person, *, by: Actor, version: int, education_since: date | None = None, **facts: Any) -> Person:
    """Change the facts given by name (fields of LABELS). Refused when the record moved on since `version` was read.

    Another education holds from `education_since` on (today; ALWAYS: the record was wrong); one that was unknown has always been it.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    insist(can_edit_at(by, person.area_id, facts.get("area_id", person.area_id)))
    if person.merged_into_id:
        raise Refused("该记录已并入另一条人员记录，请修改保留的那一条。", code="merged")
    present = {field: getattr(person, field) for field in LABELS}
    values = judged(present | facts)
    if person.version != version:
        raise Refused(_conflict(present, values), code="edit_conflict")
    _refuse_double(values["id_number"], but=person.pk)
    before = audited(person)
    known = {field: values[field] for field in LABELS}
    changed = [field for field in LABELS if known[field] != present[field]]
    if not changed:
        return person
    if "education" in changed and present["education"]:
        EDUCATION.note([(person.pk, present["education"])], since=day_of_change(education_since))
    _put(person, {field: known[field] for field in changed})
    person.version += 1
    person.updated_at = timezone.now()
    person.save(update_fields=[*_columns(changed), "version", "updated_at"])
    after = audited(person)
    record(
        "registry.update_person",
        by=by,
        of=person,
        before={field: before[field] for field in changed},
        after={field: after[field] for field in changed},
    )
    ledger.touch({present["area_id"], person.area_id})
    index_people([person.pk])
    return person


def _columns(changed: list[str]) -> list[str]:
    sealed = {"id_number": ["id_number_sealed", "id_index"], "phone": ["phone_sealed", "phone_index"], "area_id": ["area"]}
    return [column for field in changed for column in sealed.get(field, [field])]


def _conflict(present: dict[str, Any], wanted: dict[str, Any]) -> str:
    def shown(field: str, value: Any) -> str:
        text = str(value) if value not in (None, "") else "空"
        return mask(text) if field == "id_number" else mask(text, 3, 4) if field == "phone" else text

    differing = [
        f"{label}现为“{shown(field, present[field])}”，您填写“{shown(field, wanted[field])}”"
        for field, label in LABELS.items()
        if present[field] != wanted[field]
    ]
    detail = "；".join(differing) or "内容与您填写的一致"
    return f"您打开表单之后，别人修改过这条记录，所以没有保存。{detail}。请刷新后核对，再保存一次。"


@transaction.atomic
def mark_not_duplicate(first: Person, second: Person, *, by: Actor) -> None:
    """Remember that two alike records are two people; they leave the queue for good."""
    insist(can_merge(by, first, second))
    low, high = sorted((first, second), key=lambda person: person.pk)
    _, new = NotDuplicate.objects.get_or_create(first=low, second=high, defaults={"by": by.display_name[:60]})
    if new:
        record("registry.mark_not_duplicate", by=by, of=low, after={"other": high.name, "other_id": high.pk})


def coordinator_of(person: Person) -> Coordinator | None:
    return Coordinator.objects.filter(person=person).first()
