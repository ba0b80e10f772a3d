"""Pages of verification in bulk: the form, the answers, and the answers as a workbook. Nothing is kept between them."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from tongxing.certificates.official import sites
from tongxing.core.access import public
from tongxing.core.errors import Refused
from tongxing.core.limits import allow, client_of

from . import bulk
from .bulk import Answer
from .bulk_workbook import XLSX, written
from .caching import cached

SALT = "tongxing.portal.bulk"
GOOD_FOR_SECONDS = 1800
TONES = {"valid": "green", "replaced": "amber", "void": "red", bulk.NO_MATCH: "grey", bulk.UNREADABLE: "amber"}


class ManyForm(forms.Form):
    lines = forms.CharField(
        label="粘贴名单",
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 8, "class": "form-control", "placeholder": "S000041000001233000001 张晓明"}),
        help_text="一行一人：证书编号和姓名，用空格、逗号或制表符隔开；可以从 Excel 里直接复制两列。",
    )
    file = forms.FileField(
        label="或上传名单",
        required=False,
        help_text="xlsx、xls 或 csv，要有“证书编号”和“姓名”两列。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv,.txt", "class": "form-control"}),
    )


def _context(form: ManyForm, **more: Any) -> dict[str, Any]:
    return {"form": form, "most": bulk.most_lines(), "official": sites()} | more


@public
@require_safe
@cached(600)
def many(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/many.html", _context(ManyForm()))


@public
@csrf_exempt  # nothing changes, and a token would put a cookie on a page that everybody may share
@require_POST
@never_cache
def look_up_many(request: HttpRequest) -> HttpResponse:
    """The answers, on a page of their own; the workbook is made from what this page carries, because nothing is kept here."""
    form = ManyForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "portal/many.html", _context(form), status=422)
    try:
        file = form.cleaned_data["file"]
        lines = bulk.uploaded(file, bulk.most_lines()) if file else bulk.pasted(form.cleaned_data["lines"])
        answers = bulk.verify(lines, who=client_of(request))
    except Refused as refused:
        form.add_error(None, refused.message)
        return render(request, "portal/many.html", _context(form), status=refused.status)
    rows = [(answer, TONES[answer.state]) for answer in answers]
    counts = [(word.partition("：")[0], sum(answer.state == state for answer in answers)) for state, word in bulk.WORDS.items()]
    context = {"rows": rows, "counts": counts, "carried": _carried(answers), "at": timezone.localtime()}
    return render(request, "portal/many_answers.html", _context(form, **context))


def _carried(answers: list[Answer]) -> str:
    """The answers for the page to hand back, signed: a workbook of ours says only what we said."""
    plain = [
        {key: value.isoformat() if isinstance(value, date) else value for key, value in answer._asdict().items()} for answer in answers
    ]
    return signing.dumps({"at": timezone.localtime().isoformat(), "answers": plain}, salt=SALT, compress=True)


@public
@csrf_exempt  # it gives back as a file what was sent
@require_POST
@never_cache
def many_workbook(request: HttpRequest) -> HttpResponse:
    allow("portal.many_workbook", client_of(request), most=60, seconds=600)
    try:
        held = signing.loads(request.POST.get("answers", ""), salt=SALT, max_age=GOOD_FOR_SECONDS)
    except signing.BadSignature:
        raise Refused("核验结果已过半小时，或不是本页给出的，不能下载。请重新核验一次。", code="answers_expired", status=422) from None
    answers = [_answer(line) for line in held["answers"]]
    at = datetime.fromisoformat(held["at"])
    response = HttpResponse(written(answers, at), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="verification-{at:%Y%m%d-%H%M}.xlsx"'
    return response


def _answer(line: dict[str, Any]) -> Answer:
    return Answer(**line | {"issued_on": _day(line["issued_on"]), "ended_on": _day(line["ended_on"])})


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
