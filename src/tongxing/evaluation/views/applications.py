"""Applications: the list of a batch, one application with the explained decision, applying, evidence, checking; and one's own."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tongxing.accounts.models import User
from tongxing.accounts.requests import user_of
from tongxing.audit import history
from tongxing.audit.conflicts import EditConflict, Watch
from tongxing.audit.names import act_name
from tongxing.core.access import requires
from tongxing.core.errors import Refused
from tongxing.core.listing import Column, Filter, ListPage
from tongxing.evaluation import applying, checking
from tongxing.evaluation.forms.applications import CheckForm, CorrectForm, EvidenceForm, NamedForm, OwnForm, StaffForm
from tongxing.evaluation.models import Application, ApplicationState, AssessmentBatch, BatchState, Evidence
from tongxing.evaluation.models.batches import APPLYING
from tongxing.evaluation.rules import can_change, can_manage, can_open_evidence
from tongxing.files.models import StoredFile
from tongxing.files.serving import served
from tongxing.registry.models import Organisation, Person
from tongxing.registry.views.act_page import act_page, posted
from tongxing.registry.views.people_list import search_people

from .fetching import application_of, batch_of, done, frame, managed

TONES = {"submitted": "amber", "accepted": "green", "returned": "amber", "rejected": "red", "withdrawn": "grey"}


class ApplicationList(ListPage):
    """The applications of one batch."""

    key = "evaluation.applications"
    title = "报名"
    permission = "evaluation.applications"
    export_permission = "registry.export"
    search_hint = "姓名、拼音首字母、证件号"
    default_sort = "applied"
    empty = ("还没有人报名", "公告发布后，本人、单位经办和评价机构都可以报名；也可以用名册导入。", "", "")
    above = "evaluation/batch_above.html"
    columns = (
        Column(
            "name",
            "姓名",
            value=lambda a: a.person.name,
            link=lambda a: reverse("evaluation:application", args=[a.uid]),
            sort="person__name",
        ),
        Column("state", "状态", value=lambda a: a.get_state_display(), tone=lambda a: TONES[a.state], sort="state", width=12),
        Column(
            "eligible",
            "申报条件",
            value=lambda a: "符合" if a.eligible else "不符合",
            tone=lambda a: "green" if a.eligible else "red",
            sort="eligible",
            width=12,
        ),
        Column("years", "从业年限", value=lambda a: a.years, sort="years", numeric=True, width=10),
        Column("school", "学历", value=lambda a: a.get_school_display() if a.schooling != "none" else None, width=16),
        Column("parts", "考试科目", value=lambda a: "、".join(parts_taken(a)), width=20),
        Column("area", "区划", value=lambda a: a.person.area.short_name, sort="person__area_id"),
        Column("organisation", "填报单位", value=lambda a: a.organisation.name if a.organisation else None, default=False, width=30),
        Column("by", "报名方式", value=lambda a: a.get_applied_by_display(), sort="applied_by", default=False),
        Column("applied", "报名时间", value=lambda a: a.created_at, sort="id"),
        Column("checked", "审核人", value=lambda a: a.checked_by, default=False),
    )
    filters = (
        Filter.choice("state", "状态", ApplicationState.choices),
        Filter.flag("eligible", "符合条件"),
        Filter.area("area", "区划", field="person__area_id"),
    )

    def prepare(self, request: HttpRequest, **kwargs: Any) -> None:
        self.batch = batch_of(request, kwargs["uid"])
        self.title = f"{self.batch.title}：报名"

    def rows(self, request: HttpRequest) -> "QuerySet[Any]":
        seen = Application.objects.visible_to(user_of(request)).filter(batch=self.batch)
        return seen.select_related("person__area", "organisation", "batch")

    def search(self, rows: "QuerySet[Any]", text: str, request: HttpRequest) -> "QuerySet[Any]":
        return search_people(rows, text, "person__")

    def context(self, request: HttpRequest) -> dict[str, Any]:
        may = bool(can_manage(user_of(request), self.batch)) and self.batch.state == BatchState.ANNOUNCED
        return frame(request, self.batch, "batch-applications") | {"may_apply": may}


def parts_taken(application: Application) -> list[str]:
    """The parts that are to be taken, in words."""
    names = (("理论", application.takes_theory), ("技能", application.takes_practice), ("综合评审", application.takes_review))
    return [name for name, takes in names if takes]


@requires("evaluation.applications")
@require_GET
def application(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _show(request, application_of(request, uid), CheckForm())


def _show(request: HttpRequest, row: Application, form: CheckForm) -> HttpResponse:
    user, open_batch = user_of(request), row.batch.state in APPLYING
    evidence = list(row.evidence.all())
    names = dict(StoredFile.objects.filter(pk__in=[one.file_id for one in evidence]).values_list("pk", "name"))
    waits = row.state in {ApplicationState.SUBMITTED, ApplicationState.RETURNED}
    context: dict[str, Any] = {
        "application": row,
        "batch": row.batch,
        "tone": TONES[row.state],
        "parts": parts_taken(row),
        "evidence": [(one, names.get(one.file_id, "文件")) for one in evidence],
        "form": form,
        "evidence_form": EvidenceForm(),
        "may_check": open_batch and row.state == ApplicationState.SUBMITTED and bool(can_manage(user, row.batch)),
        "may_change": open_batch and waits and user.may("evaluation.apply") and bool(can_change(user, row)),
        "may_withdraw": open_batch and row.state != "withdrawn" and user.may("evaluation.apply") and bool(can_change(user, row)),
        "may_open": bool(can_open_evidence(user, row)),
        "may_view_batch": user.may("evaluation.view"),
        "candidate": getattr(row, "candidate", None),
        "history": [(entry, act_name(entry.act)) for entry in history.of(row)],
        "seen": Watch(lambda: [row]).seen,
    }
    return render(request, "evaluation/application.html", context, status=422 if form.errors else 200)


# --- applying --------------------------------------------------------------------------------------------------------------
def _apply(
    request: HttpRequest,
    batch: AssessmentBatch,
    form: Any,
    who: Callable[[dict[str, Any]], Person],
    employer: Organisation | None,
    back: str,
) -> HttpResponse:
    """The form and the act behind it; `who` finds the person in what was typed."""

    def run(values: dict[str, Any]) -> str:
        row = applying.apply(batch, who(values), by=user_of(request), organisation=employer, **form.claimed())
        return reverse("evaluation:application", args=[row.uid])

    return act_page(
        request,
        form,
        run=run,
        back="",
        cancel_url=back,
        title=f"报名：{batch.title}",
        hint=f"{batch.get_level_display()}，{batch.exam_on} 考试。证书不用填，按登记册核对；符合哪条、差什么，报名后逐条说明。",
        done="已报名。请补齐材料，等审核。",
        submit="提交报名",
        clause="notice:3.1.4",
        template="evaluation/apply.html",
    )


@requires("evaluation.edit")
def application_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """By whoever manages the batch, for anybody in the register."""
    batch = managed(request, uid)
    back = reverse("evaluation:batch-applications", args=[uid])
    return _apply(request, batch, NamedForm(posted(request)), lambda values: values["person"], None, back)


@requires("evaluation.apply")
def own_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """By an agent for the own staff, or by the person."""
    user, back = user_of(request), reverse("evaluation:own")
    batch = get_object_or_404(AssessmentBatch.objects.filter(state=BatchState.ANNOUNCED), uid=uid)
    if own := user.scope("registry.own_organisation").organisations:
        employer = Organisation.objects.filter(pk__in=own).first()
        return _apply(request, batch, StaffForm(posted(request), user=user), lambda values: values["person"], employer, back)
    person = get_object_or_404(Person, pk=user.person_id or 0)
    return _apply(request, batch, OwnForm(posted(request)), lambda _: person, None, back)


def _door(user: User, batch: AssessmentBatch) -> str:
    """Where this user applies to a batch: for oneself or the own staff, or as who runs it; empty for whoever has nobody to apply for."""
    if user.person_id or user.scope("registry.own_organisation").organisations:
        return reverse("evaluation:own-new", args=[batch.uid])
    return reverse("evaluation:application-new", args=[batch.uid]) if can_manage(user, batch) else ""


@requires("evaluation.apply")
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """Announced batches that one may apply to, and the applications that one may follow."""
    user, today = user_of(request), timezone.localdate()
    announced = AssessmentBatch.objects.filter(state=BatchState.ANNOUNCED, apply_until__gte=today).select_related(
        "filing__organisation", "site"
    )
    rows = Application.objects.visible_to(user).select_related("person", "batch").order_by("-id")[:50]
    context = {
        "announced": [(batch, batch.apply_from <= today, _door(user, batch)) for batch in announced.order_by("exam_on")[:30]],
        "applications": [(row, TONES[row.state]) for row in rows],
    }
    return render(request, "evaluation/own.html", context)


@requires("evaluation.apply")
def application_correct(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = application_of(request, uid)
    form = CorrectForm(posted(request), application=row)
    return act_page(
        request,
        form,
        run=lambda _: applying.correct(row, by=user_of(request), **form.claimed()),
        back=reverse("evaluation:application", args=[uid]),
        title=f"修改报名：{row.person.name}",
        hint=row.note,
        done="已修改，重新等审核。",
        watched=lambda: [row],
    )


@requires("evaluation.apply")
@require_POST
def application_withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = application_of(request, uid)
    return done(request, lambda: applying.withdraw(row, by=user_of(request)), "报名已撤回。", "application", uid)


# --- evidence --------------------------------------------------------------------------------------------------------------
@requires("evaluation.apply")
def evidence_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    row = application_of(request, uid)
    return act_page(
        request,
        EvidenceForm(posted(request), request.FILES or None),
        run=lambda v: applying.attach(row, by=user_of(request), **v),
        back=reverse("evaluation:application", args=[uid]),
        title=f"补充材料：{row.person.name}",
        done="材料已上传。",
        submit="上传",
    )


@requires("evaluation.applications")
@require_GET
def evidence_open(request: HttpRequest, pk: int) -> FileResponse:
    """The file itself; who opened it stands in the log."""
    seen = Evidence.objects.filter(application__in=Application.objects.visible_to(request.user))
    row = get_object_or_404(seen.select_related("application__batch__filing", "application__person"), pk=pk)
    return served(applying.open_evidence(row, by=user_of(request)), inline="inline" in request.GET)


# --- checking --------------------------------------------------------------------------------------------------------------
def _check(request: HttpRequest, uid: UUID, act: Callable[..., Any], said: str) -> HttpResponse:
    """Run the act on the application as the page showed it; what was written stays when it is refused."""
    row = application_of(request, uid)
    form = CheckForm(request.POST)
    try:
        if form.is_valid():
            with Watch(lambda: [row]).unmoved(request):
                act(row, by=user_of(request), note=form.cleaned_data["note"])
    except EditConflict as conflict:
        form.add_error(None, conflict.message)
    except Refused as refused:
        if refused.status == 403:
            raise
        form.add_error(None, refused.message)
    if form.errors:
        return _show(request, application_of(request, uid), form)
    messages.success(request, said)
    return redirect("evaluation:batch-applications", row.batch.uid)


@requires("evaluation.edit")
@require_POST
def application_accept(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _check(request, uid, checking.accept, "审核通过。")


@requires("evaluation.edit")
@require_POST
def application_return(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _check(request, uid, checking.send_back, "已退回补正，并通知了报名人。")


@requires("evaluation.edit")
@require_POST
def application_reject(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _check(request, uid, checking.reject, "审核不通过，已通知报名人。")


@requires("evaluation.applications")
@require_GET
def of_person(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The card 等级评价 of a person's page."""
    person = get_object_or_404(Person.objects.visible_to(user_of(request)), uid=uid)
    rows = Application.objects.visible_to(user_of(request)).filter(person=person).select_related("batch", "candidate").order_by("-id")
    return render(request, "evaluation/of_person.html", {"applications": [(row, TONES[row.state]) for row in rows[:20]]})
