"""Which registered person and coordinator a row means by the number of the identity document, and the columns that name a person."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from tongxing.registry.identity import clean_document, id_index
from tongxing.registry.models import Coordinator, DutyArea, Person, Posting
from tongxing.registry.models.people import IdType
from tongxing.registry.wording import clean_id_type
from tongxing.sheets.columns import Column
from tongxing.sheets.matching import among
from tongxing.sheets.sheet import Verdict

from . import judges

PERSON = ["id", "uid", "version", "name", "sex", "phone_sealed", "education", "politics", "area_id", "merged_into_id", "id_index"]
COORDINATOR = ["id", "version", "person_id", "status", "full_time", "host_kind", "area_id", "enrolled_on", "remark"]
POSTING = ["id", "coordinator_id", "organisation_id", "post", "since", "until", "is_primary"]
Record = dict[str, Any]

PERSON_NAME = Column(
    key="name", heading="姓名", required=True, judge=judges.text(64), example="张三",
    synonyms=("人员姓名", "协调员姓名", "持证人", "持证人姓名", "学员姓名", "name"),
)  # fmt: skip
ID_NUMBER = Column(
    key="id_number", heading="身份证号", required=True, judge=judges.text(40), text_only=True, personal=True, example="（18 位，按文本填写）",
    synonyms=("身份证号码", "公民身份号码", "身份证", "证件号码", "证件号", "居民身份证号", "居民身份证号码"),
    note="按文本填写，不要让表格改成数字",
)  # fmt: skip
ID_TYPE = Column(
    key="id_type", heading="证件类型", judge=clean_id_type, cached=True, choices=tuple(IdType.labels), synonyms=("证件种类", "证件名称"),
    note="不填按居民身份证",
)  # fmt: skip


def read_document(verdict: Verdict, column: str = "身份证号") -> None:
    """Judge the document number with its type: values["document"] and the blind index in values["person_key"]."""
    raw = verdict.values.pop("id_number", None)
    if raw is None:
        return
    try:
        facts = clean_document(verdict.values.get("id_type", IdType.RESIDENT), raw)
    except ValidationError as error:
        verdict.refuse(column, error.code or "document", "".join(error.messages))
        return
    verdict.values["document"], verdict.values["person_key"] = facts, id_index(facts.number)


@dataclass
class Persons:
    """People, coordinators and what they hold, for the rows of a chunk."""

    by_key: dict[str, Record] = field(default_factory=dict)
    coordinator: dict[int, Record] = field(default_factory=dict)
    postings: dict[int, list[Record]] = field(default_factory=lambda: defaultdict(list))
    duties: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def open_postings(self, coordinator_id: int) -> list[Record]:
        return [posting for posting in self.postings.get(coordinator_id, ()) if posting["until"] is None]


def persons_for(keys: Iterable[str | None]) -> Persons:
    """Five queries for a chunk; a merged record leads to the one that stands."""
    known = Persons()
    wanted = sorted({key for key in keys if key})
    rows = _rows(among(Person.objects.all(), "id_index", wanted), PERSON)
    targets = {
        row["id"]: row for row in _rows(Person.objects.filter(id__in=[r["merged_into_id"] for r in rows if r["merged_into_id"]]), PERSON)
    }
    for row in rows:
        known.by_key[row["id_index"]] = targets.get(row["merged_into_id"], row)
    ids = [row["id"] for row in known.by_key.values()]
    known.coordinator = {row["person_id"]: row for row in _rows(among(Coordinator.objects.all(), "person", ids), COORDINATOR)}
    mine = [row["id"] for row in known.coordinator.values()]
    for row in _rows(among(Posting.objects.all(), "coordinator", mine).order_by("-is_primary", "-since", "-id"), POSTING):
        known.postings[row["coordinator_id"]].append(row)
    for coordinator_id, area_id in among(DutyArea.objects.filter(until=None), "coordinator", mine).values_list("coordinator_id", "area_id"):
        known.duties[coordinator_id].add(area_id)
    return known


def _rows(chosen: Any, names: list[str]) -> list[Record]:
    return [dict(zip(names, row, strict=True)) for row in chosen.values_list(*names)]
