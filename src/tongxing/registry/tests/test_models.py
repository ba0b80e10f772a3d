"""The cast sees what it should in the register."""

from types import SimpleNamespace

from tongxing.registry.models import Organisation


def test_other_countys_officer_sees_no_organisation(cast: SimpleNamespace, jiyuan: SimpleNamespace) -> None:
    Organisation.objects.create(name="济源甲厂", name_key="济源甲厂", kind="enterprise", area=jiyuan.kejing)
    assert [o.name for o in Organisation.objects.visible_to(cast.officer)] == ["济源甲厂"]
    assert [o.name for o in Organisation.objects.visible_to(cast.township)] == ["济源甲厂"]
    assert list(Organisation.objects.visible_to(cast.other)) == []
    assert list(Organisation.objects.visible_to(cast.nobody)) == []
