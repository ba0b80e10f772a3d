"""The gap work list: one gap, and the bulk acts."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongxing.accounts.requests import user_of
from tongxing.audit import history
from tongxing.audit.conflicts import FIELD, EditConflict, Watch
from tongxing.audit.names import act_name
from tongxing.core.access import requires
from tongxing.core.listing import Chosen, act_on_many, chosen_from, selected
from tongxing.targets import chasing, papering
from tongxing.targets.forms import AssignForm, ContactForm, DueForm, PlanForm, people_who_chase
from tongxing.targets.gaps import catch_up
from tongxing.targets.listing import GapList
from tongxing.targets.models import Exemption, ExemptionState, Gap, Target
from tongxing.targets.place import address, place_of
from tongxing.targets.rules import can_chase
from tongxing.targets.workbooks import gaps_by_township

from .coverage import workbook_answer

WATCHED = ("owner", "state", "due_on", "next_step", "next_step_on", "note", "last_contact_on", "closed_on")


def _gap(request: HttpRequest, gap_id: int) -> Gap:
    return get_object_or_404(Gap.objects.visible_to(request.user).select_related("owner"), pk=gap_id)


@requires("targets.view")
def gap(request: HttpRequest, gap_id: int) -> HttpResponse:
    catch_up()
    return _show(request, _gap(request, gap_id))


def _watch(rows: Sequence[Gap]) -> Watch:
    """Gaps as people change them; what the daily run follows up (names, vacancy) is no conflict."""
    return Watch(lambda: rows, only=WATCHED)


def _show(request: HttpRequest, row: Gap, **forms: Form) -> HttpResponse:
    plan = {"next_step": row.next_step, "next_step_on": row.next_step_on, "note": row.note, "version": row.version}
    people = people_who_chase({row.area_code})
    context: dict[str, Any] = {
        "gap": row,
        "target": Target.objects.filter(key=row.target_key).first(),
        "contacts": row.contacts.all(),
        "history": [(entry, act_name(entry.act)) for entry in history.of(row)],
        "asked": Exemption.objects.filter(
            target_key=row.target_key, unit_kind=row.unit_kind, unit_id=row.unit_id, state=ExemptionState.REQUESTED
        ).first(),
        "may_chase": row.is_open and bool(can_chase(user_of(request), row.area_code)),
        "earlier": Gap.objects.filter(target_key=row.target_key, unit_kind=row.unit_kind, unit_id=row.unit_id).exclude(pk=row.pk),
        "assign_form": AssignForm(people=people, initial={"owner": str(row.owner_id or ""), "due_on": row.due_on}),
        "contact_form": ContactForm(initial={"happened_on": timezone.localdate()}),
        "plan_form": PlanForm(initial=plan),
        "area_address": address("targets:coverage"),
        "seen": _watch([row]).seen,
    }
    return render(request, "targets/gap.html", context | forms, status=422 if forms else 200)


Filled = Callable[[Gap], Form]
Done = Callable[[Gap, dict[str, Any]], str]


def _do(request: HttpRequest, gap_id: int, name: str, fill: Filled, act: Done) -> HttpResponse:
    """One of the forms beside a gap: shown again with its errors, or done and said; `act` returns the sentence that says so."""
    row = _gap(request, gap_id)
    form = fill(row)
    if not form.is_valid():
        return _show(request, row, **{name: form})
    try:
        with _watch([row]).unmoved(request):
            done = act(row, form.cleaned_data)
    except EditConflict as conflict:
        form.add_error(None, conflict.message)
        return _show(request, _gap(request, gap_id), **{name: form})
    messages.success(request, done)
    return redirect("targets:gap", gap_id)


@requires("targets.chase")
@require_POST
def record_contact(request: HttpRequest, gap_id: int) -> HttpResponse:
    def act(row: Gap, typed: dict[str, Any]) -> str:
        chasing.record_contact(row, by=user_of(request), **typed)
        return "已记下这次联系。"

    return _do(request, gap_id, "contact_form", lambda _: ContactForm(request.POST), act)


@requires("targets.chase")
@require_POST
def plan(request: HttpRequest, gap_id: int) -> HttpResponse:
    def act(row: Gap, typed: dict[str, Any]) -> str:
        if request.POST.get(FIELD):  # the gap was found as the page showed it: its present version is the one that was read
            typed["version"] = Gap.objects.values_list("version", flat=True).get(pk=row.pk)
        chasing.plan_next_step(row, by=user_of(request), **typed)
        return "下一步已保存。"

    return _do(request, gap_id, "plan_form", lambda _: PlanForm(request.POST), act)


@requires("targets.chase")
@require_POST
def assign(request: HttpRequest, gap_id: int) -> HttpResponse:
    def act(row: Gap, typed: dict[str, Any]) -> str:
        chasing.assign_owner([row.pk], typed["owner"], due_on=typed["due_on"], by=user_of(request))
        return f"已分派给{typed['owner'].name}，并通知了本人。"

    return _do(request, gap_id, "assign_form", lambda row: AssignForm(request.POST, people=people_who_chase({row.area_code})), act)


# --- many at once
def chosen_gaps(request: HttpRequest) -> Chosen[Gap]:
    return chosen_from(request, GapList, Gap.objects.standing())


def act_on_gaps(
    request: HttpRequest, gaps: Chosen[Gap], form: Form, run: Callable[[dict[str, Any]], str], *, title: str, submit: str
) -> HttpResponse:
    """Ask for what the act needs, or carry it out and say what `run` answers."""
    if not gaps.rows:
        return nothing_chosen(request)

    def done(typed: dict[str, Any]) -> str:
        messages.success(request, run(typed))
        return reverse("targets:gaps")

    names = [gap.unit_name for gap in gaps.rows]
    back, title = reverse("targets:gaps"), f"{title}：{len(names)} 个缺口"
    return act_on_many(request, gaps, form, done, title=title, submit=submit, back=back, names=names, watch=_watch(gaps.rows))


def nothing_chosen(request: HttpRequest) -> HttpResponseRedirect:
    messages.warning(request, "没有选中还开着的缺口，什么都没有改。请先在列表中勾选。")
    return redirect("targets:gaps")


@requires("targets.chase")
@require_POST
def gaps_assign(request: HttpRequest) -> HttpResponse:
    gaps = chosen_gaps(request)
    form = AssignForm(request.POST if gaps.answered else None, people=people_who_chase({gap.area_code for gap in gaps.rows}))

    def run(typed: dict[str, Any]) -> str:
        number = chasing.assign_owner([gap.pk for gap in gaps.rows], typed["owner"], due_on=typed["due_on"], by=user_of(request))
        return f"已把 {number} 个缺口分派给{typed['owner'].name}，并通知了本人。"

    return act_on_gaps(request, gaps, form, run, title="分派责任人", submit="分派并通知")


@requires("targets.chase")
@require_POST
def gaps_due(request: HttpRequest) -> HttpResponse:
    gaps = chosen_gaps(request)

    def run(typed: dict[str, Any]) -> str:
        number = chasing.set_due([gap.pk for gap in gaps.rows], by=user_of(request), **typed)
        return f"已把 {number} 个缺口的期限改为 {typed['due_on']}。"

    return act_on_gaps(request, gaps, DueForm(request.POST if gaps.answered else None), run, title="改期限", submit="保存期限")


@requires("targets.chase")
@require_POST
def gaps_remind(request: HttpRequest) -> HttpResponse:
    gaps = chosen_gaps(request).rows
    if not gaps:
        return nothing_chosen(request)
    done = chasing.remind([gap.pk for gap in gaps], by=user_of(request))
    unowned = f"另有 {done.without_owner} 个还没有责任人，请先分派。" if done.without_owner else ""
    messages.success(request, f"已就 {done.gaps} 个缺口催办 {done.owners} 位责任人。{unowned}")
    return redirect("targets:gaps")


@requires("papers.make")
@require_POST
def gaps_issue(request: HttpRequest) -> HttpResponse:
    """An official list of the chosen gaps: number, QR code, PDF, Word, Excel."""
    gaps = selected(request, GapList).filter(closed_on=None).order_by("pk")
    paper = papering.issue_gaps(gaps, place_of(request, "papers.make").area, by=user_of(request))
    messages.success(request, f"已出具文书 {paper.number}，可以下载 PDF、Word 和 Excel。")
    return redirect("papers:paper", paper.uid)


@requires("registry.export")
@require_POST
def gaps_workbook(request: HttpRequest) -> HttpResponse:
    """One sheet a township, with columns to be filled in and sent back."""
    gaps = selected(request, GapList).filter(closed_on=None).order_by("area_code", "target_key", "unit_name")
    day = timezone.localdate()
    return workbook_answer(request, None, gaps_by_township(gaps, f"协调员缺口（截至 {day}）"), f"协调员缺口-按镇街-{day}.xlsx")
