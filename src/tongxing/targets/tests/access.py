"""Who may open which address of this room."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from tongxing.audit.log import COMMAND_LINE
from tongxing.core.tests.matrix import Row
from tongxing.registry.models import Organisation
from tongxing.targets import freezing
from tongxing.targets.base_data import load
from tongxing.targets.models import Exemption, Gap, Target
from tongxing.targets.snapshots import series

VIEW = "officer township union federation training assessment subsidy_handler subsidy_approver cashier leader auditor"
CHASE = "officer township union federation"
EXPORT = "officer township union federation training assessment"


def _targets(jiyuan: SimpleNamespace) -> dict[str, Any]:
    load(COMMAND_LINE)
    return {}


def _trend(jiyuan: SimpleNamespace) -> dict[str, Any]:
    """As after the first visitor of the day: past months are reckoned for him and kept."""
    load(COMMAND_LINE)
    for target in ("enterprises", Target.objects.coverage()[0].key):
        for county in (jiyuan.county, jiyuan.other):
            series(county.code, target)
    return {}


def _trend_of(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {**_trend(jiyuan), "key": "enterprises"}


def _key(jiyuan: SimpleNamespace) -> dict[str, Any]:
    load(COMMAND_LINE)
    return {"key": "enterprises"}


def _unit(jiyuan: SimpleNamespace) -> dict[str, Any]:
    load(COMMAND_LINE)
    plant = Organisation.objects.create(name="甲厂", name_key="甲厂", kind="enterprise", size="large", area=jiyuan.kejing)
    return {"key": "enterprises", "kind": "organisation", "number": plant.pk}


def _organisation(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": Organisation.objects.get(pk=_unit(jiyuan)["number"]).uid}


def _gap(jiyuan: SimpleNamespace) -> dict[str, Any]:
    unit = _unit(jiyuan)
    gap = Gap.objects.create(
        target_key="enterprises",
        unit_kind="organisation",
        unit_id=unit["number"],
        unit_name="甲厂",
        area_code=jiyuan.kejing.code,
        opened_on=date(2024, 1, 1),
    )
    return {"gap_id": gap.pk}


def _exemption(jiyuan: SimpleNamespace) -> dict[str, Any]:
    unit = _unit(jiyuan)
    row = Exemption.objects.create(
        target_key="enterprises",
        unit_kind="organisation",
        unit_id=unit["number"],
        unit_name="甲厂",
        area_code=jiyuan.kejing.code,
        reason="停产",
        until=timezone.localdate() + timedelta(days=30),
        requested_by="甲",
    )
    return {"exemption_id": row.pk}


def _approved(jiyuan: SimpleNamespace) -> dict[str, Any]:
    found = _exemption(jiyuan)
    Exemption.objects.update(state="approved")
    return found


def _report(jiyuan: SimpleNamespace) -> dict[str, Any]:
    load(COMMAND_LINE)
    return {"uid": freezing.freeze(jiyuan.kejing, timezone.localdate(), title="", by=COMMAND_LINE).uid}


def _report_list(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {**_report(jiyuan), "key": "enterprises"}


def _dimension(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"dimension": "level"}


CONTACT = {"means": "phone", "result": "下周推荐"}

ACCESS = {
    "targets:coverage": Row(VIEW, _targets),
    "targets:coverage-data": Row(VIEW, _key),
    "targets:units": Row(VIEW, _key),
    "targets:unit": Row(VIEW, _unit, other=404),
    "targets:of-organisation": Row(VIEW, _organisation, other=404),
    "targets:exemption-new": Row(CHASE, _unit, other=404),
    "targets:gaps": Row(VIEW, _targets),
    "targets:gap": Row(VIEW, _gap, other=404),
    "targets:gap-contact": Row(CHASE, _gap, method="post", data=CONTACT, own=302, other=404),
    "targets:gap-plan": Row(CHASE, _gap, method="post", data={"next_step": "上门", "version": "1"}, own=302, other=404),
    "targets:gap-assign": Row(CHASE, _gap, method="post", data={}, own=422, other=404),
    "targets:gaps-assign": Row(CHASE, method="post", own=302, other=302),
    "targets:gaps-due": Row(CHASE, method="post", own=302, other=302),
    "targets:gaps-remind": Row(CHASE, method="post", own=302, other=302),
    "targets:gaps-invite": Row(CHASE, method="post", own=302, other=302),
    "targets:seats-invite": Row(CHASE, _targets, method="post", own=302, other=302),
    "targets:gaps-workbook": Row(EXPORT, method="post"),
    "targets:gaps-issue": Row(VIEW, method="post", own=422, other=422),
    "targets:exemptions": Row(VIEW),
    "targets:exemption": Row(VIEW, _exemption, other=404),
    "targets:exemption-approve": Row("officer leader", _exemption, method="post", own=302, other=404),
    "targets:exemption-refuse": Row("officer leader", _exemption, method="post", data={"note": "理由不足"}, own=302, other=404),
    "targets:exemption-revoke": Row("officer leader", _approved, method="post", own=302, other=404),
    "targets:spread": Row(VIEW),
    "targets:spread-data": Row(VIEW, _dimension),
    "targets:spread-names": Row(VIEW),
    "targets:trend": Row(VIEW, _trend),
    "targets:trend-data": Row(VIEW, _trend_of),
    "targets:seats": Row(VIEW, _targets),
    "targets:seats-workbook": Row(EXPORT, _targets),
    "targets:reports": Row(VIEW),
    "targets:report-new": Row("officer"),
    "targets:report": Row(VIEW, _report, other=404),
    "targets:report-list": Row(VIEW, _report_list, other=404),
    "targets:report-issue": Row(VIEW, _report, method="post", own=302, other=404),
    "targets:report-export": Row(VIEW, _report, other=404),
    "targets:definitions": Row(VIEW, _targets),
    "targets:definition-new": Row("officer", other=403),
    "targets:definition-edit": Row("officer", _key, other=403),
}
