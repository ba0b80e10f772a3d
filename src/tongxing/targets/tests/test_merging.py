"""Two records of one organisation become one: nothing of any room stays behind on the record that goes."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from tongxing.audit.models import Entry
from tongxing.certificates.bodies import file_body
from tongxing.core.errors import Refused
from tongxing.registry.conduct import add_conduct
from tongxing.registry.confirmation import confirm_organisation
from tongxing.registry.models import ConfirmationReminder, Organisation, OrganisationService, PastArea, PastEnd, PastSize
from tongxing.registry.organisation_contacts import add_contact
from tongxing.registry.organisation_history import history_of
from tongxing.registry.organisations import merge_organisations
from tongxing.targets import freezing
from tongxing.targets.chasing import record_contact
from tongxing.targets.exempting import approve_exemption, request_exemption
from tongxing.targets.figures import figures
from tongxing.targets.gaps import sync_gaps
from tongxing.targets.models import Exemption, Gap, Target
from tongxing.targets.units import Unit, unit

from .world import certificate, coordinator, enterprise, posting

# The past of the record itself: services are united on the kept one, past classes and places it has of its own.
OF_THE_RECORD = {PastSize, PastArea, PastEnd, OrganisationService}


@pytest.fixture
def twins(jiyuan: SimpleNamespace, shipped: None) -> SimpleNamespace:
    keep = enterprise(jiyuan.kejing, name="济源万洋冶炼有限公司", credit_code="914190017067665879", size_override="large")
    drop = enterprise(jiyuan.qinyuan, name="万洋冶炼", no_code_reason="抄录时缺失", size_override="large")
    return SimpleNamespace(keep=keep, drop=drop)


def _counted(target: Target, pk: int) -> Unit:
    found = unit(target, "organisation", pk)
    assert found is not None
    return found


def hanging_on(organisation: Organisation) -> set[str]:
    """Every table that still points at the record, found through the relations, so that a later room cannot be forgotten."""
    found = set()
    for relation in Organisation._meta.get_fields(include_hidden=True):
        model: Any = relation.related_model
        if not relation.auto_created or relation.concrete or model in OF_THE_RECORD or model is Organisation:
            continue
        field: Any = relation
        if model._base_manager.filter(**{field.field.name: organisation}).exists():
            found.add(model.__name__)
    return found


def test_nothing_stays_behind_in_any_room(twins: SimpleNamespace, jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    keep, drop = twins.keep, twins.drop
    Organisation.objects.filter(pk=drop.pk).update(is_assessment_body=True)
    drop.refresh_from_db()
    filing = file_body(drop, by=cast.officer, number="S000041000012")
    holder = coordinator(jiyuan.qinyuan)
    issued = certificate(holder, body=drop, body_name=drop.name)
    posting(holder, drop)
    add_contact(drop, by=cast.officer, name="王五", phone="13700001111")
    add_conduct(drop, by=cast.officer, kind="other", happened_on=date(2024, 1, 1), source="法院", summary="试")
    confirm_organisation(drop, by=cast.officer)
    ConfirmationReminder.objects.create(organisation=drop, year=2024, by="王经办")
    assert hanging_on(drop) == {
        "Posting",
        "Certificate",
        "BodyFiling",
        "OrganisationContact",
        "ConductRecord",
        "ConfirmationReminder",
        "RecordConfirmation",
    }
    merge_organisations(keep, drop, by=cast.officer)
    assert hanging_on(drop) == set()
    for row in (filing, issued, keep):
        row.refresh_from_db()
    assert (filing.organisation_id, issued.body_id, issued.body_name, keep.is_assessment_body) == (keep.pk, keep.pk, "万洋冶炼", True)
    moved = Entry.objects.get(act="certificates.follow_merge")
    assert (moved.object_id, moved.after["numbers"], moved.after["certificates"]) == (str(keep.pk), ["S000041000012"], 1)
    assert Entry.objects.get(act="registry.merge_organisations").after["moved"]["filings"] == [filing.pk]


def test_the_open_gap_goes_on_with_owner_and_contacts(twins: SimpleNamespace, cast: SimpleNamespace) -> None:
    keep, drop = twins.keep, twins.drop
    sync_gaps()
    theirs = Gap.objects.get(unit_id=drop.pk)
    Gap.objects.filter(pk=theirs.pk).update(owner=cast.officer, state="chased", next_step="上门", due_on=date(2026, 1, 5))
    record_contact(Gap.objects.get(pk=theirs.pk), by=cast.officer, means="phone", result="答应年内派人", happened_on=timezone.localdate())
    ours = Gap.objects.get(unit_id=keep.pk)
    merge_organisations(keep, drop, by=cast.officer)
    ours.refresh_from_db()
    theirs.refresh_from_db()
    assert (ours.owner, ours.next_step, ours.due_on, ours.contacts.get().result) == (cast.officer, "上门", date(2026, 1, 5), "答应年内派人")
    assert (theirs.unit_id, theirs.is_open, theirs.closed_reason) == (keep.pk, False, "单位记录已合并")
    sync_gaps()
    assert list(Gap.objects.standing().filter(unit_kind="organisation").values_list("unit_id", flat=True)) == [keep.pk]


def test_a_gap_that_only_the_dropped_record_had_is_the_kept_ones(
    twins: SimpleNamespace, jiyuan: SimpleNamespace, cast: SimpleNamespace
) -> None:
    keep, drop = twins.keep, twins.drop
    Organisation.objects.filter(pk=keep.pk).update(size="small")
    sync_gaps()
    gap = Gap.objects.get(unit_kind="organisation", unit_id=drop.pk)
    Organisation.objects.filter(pk=keep.pk).update(size="large")
    merge_organisations(keep, drop, by=cast.officer)
    sync_gaps()
    gap.refresh_from_db()
    assert (gap.unit_id, gap.unit_name, gap.area_code) == (keep.pk, keep.name, jiyuan.kejing.code)


def test_exemptions_go_on_and_of_two_requests_one_is_sent_back(
    twins: SimpleNamespace, jiyuan: SimpleNamespace, cast: SimpleNamespace
) -> None:
    keep, drop = twins.keep, twins.drop
    target = next(t for t in Target.objects.all() if t.is_organisations and "large" in t.size_list)
    until = timezone.localdate() + timedelta(days=90)
    rows = [request_exemption(target, _counted(target, unit.pk), reason="停产", until=until, by=cast.officer) for unit in (keep, drop)]
    merge_organisations(keep, drop, by=cast.officer)
    states = dict(Exemption.objects.values_list("pk", "state"))
    assert states == {rows[0].pk: "requested", rows[1].pk: "refused"}
    assert set(Exemption.objects.values_list("unit_id", flat=True)) == {keep.pk}
    approve_exemption(rows[0], by=cast.leader)
    assert next(f for f in figures(jiyuan.county.code) if f.key == target.key).exempt == 1


def test_an_approved_exemption_of_the_dropped_record_holds_for_the_kept_one(
    twins: SimpleNamespace, jiyuan: SimpleNamespace, cast: SimpleNamespace
) -> None:
    keep, drop = twins.keep, twins.drop
    target = next(t for t in Target.objects.all() if t.is_organisations and "large" in t.size_list)
    until = timezone.localdate() + timedelta(days=90)
    row = request_exemption(target, _counted(target, drop.pk), reason="停产", until=until, by=cast.officer)
    approve_exemption(row, by=cast.leader)
    merge_organisations(keep, drop, by=cast.officer)
    shown = next(f for f in figures(jiyuan.county.code) if f.key == target.key)
    assert (shown.total, shown.exempt, shown.vacant) == (1, 1, 0)


def test_a_frozen_line_is_found_again_under_the_kept_record(twins: SimpleNamespace, jiyuan: SimpleNamespace, cast: SimpleNamespace) -> None:
    keep, drop = twins.keep, twins.drop
    Organisation.objects.filter(pk=keep.pk).update(size="small")
    target = next(t for t in Target.objects.all() if t.is_organisations and "large" in t.size_list)
    report = freezing.freeze(jiyuan.county, timezone.localdate(), title="", by=cast.officer)
    Organisation.objects.filter(pk=keep.pk).update(size="large")
    merge_organisations(keep, drop, by=cast.officer)
    later = freezing.later(report, target.key)
    assert (later.added, later.gone) == ([], [])
    assert report.is_intact


def test_the_standing_record_is_kept_not_the_ended_one(twins: SimpleNamespace, cast: SimpleNamespace) -> None:
    Organisation.objects.filter(pk=twins.keep.pk).update(status="closed", ended_on=date(2024, 1, 1))
    with pytest.raises(Refused) as refused:
        merge_organisations(twins.keep, twins.drop, by=cast.officer)
    assert refused.value.code == "keep_the_standing"
    merge_organisations(twins.drop, twins.keep, by=cast.officer)


def test_the_history_of_the_dropped_record_is_told_on_the_kept_one(twins: SimpleNamespace, cast: SimpleNamespace) -> None:
    add_conduct(twins.drop, by=cast.officer, kind="other", happened_on=date(2024, 1, 1), source="法院", summary="试")
    merge_organisations(twins.keep, twins.drop, by=cast.officer, reason="同一家")
    steps = history_of(twins.keep)
    assert [step.act for step in steps] == ["合并单位", "登记违法失信记录"]
    assert steps[0].changes[0].after == "万洋冶炼"
