"""Search: pieces of names, initials, exact numbers, scope."""

from types import SimpleNamespace

import pytest

from tongxing.core.vault import blind_index
from tongxing.registry import search
from tongxing.registry.models import Organisation, Person, SearchEntry
from tongxing.registry.models.fields import VaultColumn
from tongxing.registry.names import initials, name_key
from tongxing.registry.search import find, index_organisations, index_people, narrow, reindex_all

NUMBER = "410881199003077512"


@pytest.fixture
def names(jiyuan: SimpleNamespace) -> SimpleNamespace:
    def organisation(name: str, area: object, code: str | None = None) -> Organisation:
        return Organisation.objects.create(name=name, name_key=name_key(name), kind="enterprise", area=area, credit_code=code)

    steel = organisation("济源市钢铁（集团）有限公司", jiyuan.kejing, "91419001MA3X12345A")
    bank = organisation("济源农商银行", jiyuan.qinyuan)
    away = organisation("郑州钢铁有限公司", jiyuan.other_street)
    person = Person(name="单田芳", area=jiyuan.kejing, id_index=blind_index(NUMBER, "person.id"))
    person.id_number_sealed = VaultColumn.sealed_for(Person, "id_number_sealed", person.uid, NUMBER)
    person.save()
    assert reindex_all() == 4
    return SimpleNamespace(steel=steel, bank=bank, away=away, person=person)


def titles(text: str, user: object, **options: object) -> list[str]:
    return [hit.title for hit in find(text, user, **options)]


@pytest.mark.parametrize("text", ["钢铁", "钢铁集团", "济源市 集团", "jysgt", "GTJT", "91419001MA3X12345A", "91419001ma3x12345a"])
def test_organisation_is_found(text: str, names: SimpleNamespace, cast: SimpleNamespace) -> None:
    assert titles(text, cast.officer) == ["济源市钢铁（集团）有限公司"]


def test_person_is_found_by_name_initials_and_number(names: SimpleNamespace, cast: SimpleNamespace) -> None:
    assert titles("田芳", cast.officer) == titles("stf", cast.officer) == titles(NUMBER, cast.officer) == ["单田芳"]
    (hit,) = find("单田芳", cast.officer)
    assert hit.subtitle == "410881********7512 · 克井镇"


@pytest.mark.parametrize("text", ["", "钢", "铁钢", "集团钢铁", "' OR 1=1 --", '"*"', "%%", "__"])
def test_nothing_is_found(text: str, names: SimpleNamespace, cast: SimpleNamespace) -> None:
    assert find(text, cast.officer) == []


def test_scope_holds(names: SimpleNamespace, cast: SimpleNamespace) -> None:
    assert titles("济源", cast.officer, kinds=("organisation",)) == ["济源农商银行", "济源市钢铁（集团）有限公司"]
    assert titles("济源", cast.township) == ["济源市钢铁（集团）有限公司"]
    assert titles("钢铁", cast.other) == ["郑州钢铁有限公司"]
    assert titles("济源", cast.other) == titles(NUMBER, cast.other) == titles("钢铁", cast.nobody) == []


def test_agent_finds_own_organisation_only(names: SimpleNamespace, cast: SimpleNamespace) -> None:
    cast.agent.grants.update(organisation_id=names.bank.id)
    assert titles("济源", cast.agent) == titles("nsyh", cast.agent) == ["济源农商银行"]


def test_stale_index_never_leaks(names: SimpleNamespace, cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    Organisation.objects.filter(id=names.steel.id).update(area=jiyuan.other_street)
    assert find("钢铁集团", cast.officer) == []


def test_index_follows_changes(names: SimpleNamespace, cast: SimpleNamespace) -> None:
    Organisation.objects.filter(id=names.steel.id).update(name="济源铜业")
    index_organisations([names.steel.id])
    assert titles("钢铁", cast.officer) == []
    assert titles("铜业", cast.officer) == ["济源铜业"]
    Organisation.objects.filter(id=names.steel.id).update(merged_into=names.bank)
    Person.objects.filter(id=names.person.id).delete()
    index_organisations([names.steel.id])
    index_people([names.person.id])
    assert titles("铜业", cast.officer) == titles("田芳", cast.officer) == []
    assert SearchEntry.objects.count() == 2


def test_narrow_for_list_pages(names: SimpleNamespace) -> None:
    rows = Organisation.objects.order_by("id")
    assert [o.name for o in narrow(rows, "钢铁", "o")] == [names.steel.name, names.away.name]
    assert list(narrow(rows, "钢", "o")) == []


def test_query_count_does_not_grow(
    names: SimpleNamespace, cast: SimpleNamespace, jiyuan: SimpleNamespace, django_assert_num_queries: object
) -> None:
    find("有限公司", cast.officer)
    with django_assert_num_queries(3):
        assert len(find("有限公司", cast.officer)) == 1
    more = [Organisation(name=f"第{n}有限公司", name_key=f"第{n}有限公司", kind="enterprise", area=jiyuan.kejing) for n in range(5)]
    Organisation.objects.bulk_create(more)
    index_organisations(Organisation.objects.values_list("id", flat=True))
    with django_assert_num_queries(3):
        assert len(find("有限公司", cast.officer)) == 6


def test_names_as_keys() -> None:
    assert name_key("济源市 （甲）厂·ＡB") == name_key("济源市(甲)厂ab") == "济源市甲厂ab"
    assert [initials(name, person=True) for name in ("单曾", "曾三", "查四", "仇五", "解六", "王单")] == [
        "sc",
        "zs",
        "zs",
        "qw",
        "xl",
        "wd",
    ]
    assert initials("中国银行重庆分行3厂") == "zgyhcqfh3c"


@pytest.mark.parametrize(("few", "many"), [(2_000, 50_000), (0, 50_000), (0, 0)])
def test_a_list_finds_the_same_rows_however_many_names_hold_the_text(
    names: SimpleNamespace, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, few: int, many: int
) -> None:
    """By ids at hand, by ids in the database, or row by row."""
    monkeypatch.setattr(search, "FEW_IDS", few)
    monkeypatch.setattr(search, "MANY_IDS", many)
    rows = Organisation.objects.order_by("id")
    assert [o.name for o in narrow(rows, "钢铁", "o")] == [names.steel.name, names.away.name]
    assert [o.name for o in narrow(Organisation.objects.visible_to(cast.other), "钢铁", "o", user=cast.other)] == [names.away.name]
    assert [o.name for o in narrow(rows, initials(name_key(names.steel.name))[:4], "o")] == [names.steel.name]
    assert list(narrow(rows, "钢铁 不存在", "o")) == []
