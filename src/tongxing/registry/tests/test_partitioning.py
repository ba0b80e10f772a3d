"""The search index in partitions by province: the same answers, one entry a name, and only the asked province is looked at. PostgreSQL only."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.db import connection

from tongxing.areas.models import Area
from tongxing.registry import partitioning
from tongxing.registry.models import Organisation
from tongxing.registry.names import name_key
from tongxing.registry.nearest import nearest_names
from tongxing.registry.search import find, index_organisations

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no partitions"),
]


@pytest.fixture
def partitioned(jiyuan: SimpleNamespace, settings: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """A name that stood in the whole table before, then the partitions."""
    rows = SimpleNamespace(steel=organisation("济源市钢铁有限公司", jiyuan.kejing))
    index_organisations([rows.steel.pk])
    settings.PARTITIONS = "province"
    assert (partitioning.arrange(), partitioning.arrange()) == (35, 0)
    yield rows
    partitioning.is_partitioned.cache_clear()


def organisation(name: str, area: Area) -> Organisation:
    return Organisation.objects.create(name=name, name_key=name_key(name), kind="enterprise", area=area)


def places(row: Organisation) -> list[tuple[str, str]]:
    """Partition and name of each entry of an organisation."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text, key FROM registry_searchentry WHERE object_id = %s AND kind = 'o'", [row.pk])
        return [(table, key) for table, key in cursor.fetchall()]


def test_it_is_off_unless_asked_for(db: None) -> None:
    assert (partitioning.arrange(), partitioning.is_partitioned()) == (0, False)


def test_rows_move_along_and_new_ones_are_found(partitioned: SimpleNamespace, jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    bank = organisation("济源钢铁银行", jiyuan.qinyuan)
    index_organisations([bank.pk, partitioned.steel.pk])
    assert places(partitioned.steel) == [("registry_searchentry_41", "济源市钢铁有限公司")]
    assert sorted(hit.title for hit in find("钢铁", cast.officer)) == ["济源市钢铁有限公司", "济源钢铁银行"]
    assert [hit.title for hit in find("钢铁", cast.township)] == ["济源市钢铁有限公司"]
    assert nearest_names(["济源市钢铁公司"], cast.officer.scope("registry.view"))["济源市钢铁公司"][0] == "济源市钢铁有限公司"


def test_an_entry_that_changes_province_stands_once(partitioned: SimpleNamespace) -> None:
    hebei = Area.objects.create(code=130000000000, name="河北省", short_name="河北", kind="province", valid_from="2000-01-01")
    Organisation.objects.filter(pk=partitioned.steel.pk).update(area=hebei, name="河北钢铁")
    index_organisations([partitioned.steel.pk])
    assert places(partitioned.steel) == [("registry_searchentry_13", "河北钢铁")]
    Organisation.objects.filter(pk=partitioned.steel.pk).delete()
    index_organisations([partitioned.steel.pk])
    assert places(partitioned.steel) == []


def test_only_the_asked_province_is_looked_at(partitioned: SimpleNamespace) -> None:
    condition, codes = partitioning.within([(419001000000, 419001999999)])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN SELECT id FROM registry_searchentry e WHERE true{condition}", codes)  # noqa: S608 - our own condition
        plan = str(cursor.fetchall())
    assert "registry_searchentry_41" in plan
    assert "registry_searchentry_13" not in plan
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'registry_searchentry_41'")
        methods = [definition.split("USING ")[1].split()[0] for (definition,) in cursor.fetchall()]
    assert "gin" in methods
