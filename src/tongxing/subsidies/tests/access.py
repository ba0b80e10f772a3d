"""The access matrix of subsidies."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from tongxing.core.tests.matrix import SIGNED_IN, Row
from tongxing.subsidies import objecting, paying, prechecking
from tongxing.subsidies.models import Finding
from tongxing.subsidies.tests.scene import Scene, an_account, anew

VIEW = "officer subsidy_handler subsidy_approver cashier leader auditor"
CLAIM = "subsidy_handler assessment_body training_provider agent"
HANDLE, APPROVE, PAY = "subsidy_handler", "subsidy_approver", "cashier"
Build = Callable[[SimpleNamespace], dict[str, Any]]


def _claim(how: str) -> Build:
    def build(jiyuan: SimpleNamespace) -> dict[str, Any]:
        found = getattr(Scene(jiyuan), how)()
        claims = found[1] if isinstance(found, tuple) else found
        return {"uid": claims[0].uid}

    return build


def _certificate(jiyuan: SimpleNamespace) -> dict[str, Any]:
    """Somebody else's: the own one stands in test_own.py."""
    return {"uid": Scene(jiyuan).certificate().uid}


def _evidence(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": Scene(jiyuan).opened()[0].uid, "file_id": 1}


def _draft(jiyuan: SimpleNamespace) -> dict[str, Any]:
    scene = Scene(jiyuan)
    return {"uid": scene.drafted(scene.approved()).uid}


def _published(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": Scene(jiyuan).published()[0].uid}


def _objection(jiyuan: SimpleNamespace) -> dict[str, Any]:
    scene = Scene(jiyuan)
    _, claims = scene.published()
    return {"uid": objecting.raise_objection(claims[0], by=scene.handler, text="不实").uid}


def _listed(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"uid": Scene(jiyuan).listed()[0].uid}


def _approved_list(jiyuan: SimpleNamespace) -> dict[str, Any]:
    scene = Scene(jiyuan)
    return {"uid": paying.approve_list(scene.listed()[0], by=scene.approver).uid}


def _line(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"pk": Scene(jiyuan).listed()[0].lines.get().pk}


def _finding(jiyuan: SimpleNamespace) -> dict[str, Any]:
    scene, account = Scene(jiyuan), an_account()
    claims = scene.accepted(scene.training(account=account), scene.training(account=account))
    prechecking.examine(anew(claims))
    finding = Finding.objects.earliest("pk")
    prechecking.propose_clearance(finding, by=scene.handler, reason="已核对")
    return {"pk": finding.pk}


def _fund(jiyuan: SimpleNamespace) -> dict[str, Any]:
    return {"pk": Scene(jiyuan).fund.pk}


def _comparison(jiyuan: SimpleNamespace) -> dict[str, Any]:
    from .test_prechecking import Named, a_list, an_id_number

    return {"pk": a_list(Scene(jiyuan), Named(2, "李四", an_id_number(1))).comparison.pk}


ACCESS: dict[str, Row] = {
    "subsidies:claims": Row(VIEW),
    "subsidies:candidates": Row(CLAIM),
    "subsidies:open": Row(CLAIM, method="post", own=302, other=302),
    "subsidies:own": Row(SIGNED_IN),
    "subsidies:own-open": Row("coordinator trainee", _certificate, own=404, other=404),
    "subsidies:accept": Row(HANDLE, method="post", own=302, other=302),
    "subsidies:approve": Row(APPROVE, method="post", own=302, other=302),
    "subsidies:rounds": Row(VIEW),
    "subsidies:round-new": Row(HANDLE, method="post", own=302, other=302),
    "subsidies:round": Row(VIEW, _published, other=404),
    "subsidies:round-publish": Row(APPROVE, _draft, method="post", own=302, other=404),
    "subsidies:round-withdraw": Row(APPROVE, _published, other=404),
    "subsidies:objections": Row(VIEW),
    "subsidies:objection-contact": Row(HANDLE, _objection, other=404),
    "subsidies:objection": Row(VIEW, _objection, other=404),
    "subsidies:payments": Row(VIEW),
    "subsidies:payment-new": Row(PAY, method="post", own=302, other=302),
    "subsidies:payment": Row(VIEW, _listed, other=404),
    "subsidies:payment-approve": Row(APPROVE, _listed, method="post", own=302, other=404),
    "subsidies:payment-send": Row(PAY, _approved_list, method="post", own=302, other=404),
    "subsidies:payment-cancel": Row(f"{APPROVE} {PAY}", _listed, other=404),
    "subsidies:bank-file": Row(PAY, _approved_list, method="post", other=404),
    "subsidies:voucher": Row(VIEW, _listed, method="post", own=302, other=404),
    "subsidies:payment-settle": Row(PAY, _listed, method="post", other=404),
    "subsidies:bounce": Row(PAY, _line, other=404),
    "subsidies:comparisons": Row(VIEW),
    "subsidies:comparison-new": Row(HANDLE),
    "subsidies:comparison-retire": Row(HANDLE, _comparison, method="post", own=302, other=404),
    "subsidies:funds": Row(VIEW),
    "subsidies:fund-new": Row(APPROVE),
    "subsidies:fund": Row(VIEW, _fund, other=404),
    "subsidies:fund-edit": Row(APPROVE, _fund, other=404),
    "subsidies:finding-explain": Row(HANDLE, _finding, other=404),
    "subsidies:finding-confirm": Row(f"{HANDLE} {APPROVE}", _finding, method="post", own=302, other=404),
    "subsidies:audit-workbook": Row(VIEW),
    "subsidies:file": Row(f"{HANDLE} {PAY}", _claim("opened"), other=404),
    "subsidies:claim": Row(VIEW, _claim("opened"), other=404),
    "subsidies:accept-one": Row(HANDLE, _claim("opened"), method="post", own=302, other=404),
    "subsidies:amend": Row(HANDLE, _claim("opened"), other=404),
    "subsidies:withdraw": Row(HANDLE, _claim("opened"), other=404),
    "subsidies:return": Row(HANDLE, _claim("opened"), other=404),
    "subsidies:refuse": Row(APPROVE, _claim("accepted"), other=404),
    "subsidies:reopen": Row(APPROVE, _claim("approved"), other=404),
    "subsidies:examine": Row(HANDLE, _claim("accepted"), method="post", own=302, other=404),
    "subsidies:account": Row(f"{HANDLE} {PAY}", _claim("opened"), other=404),
    "subsidies:evidence": Row(f"{HANDLE} {PAY}", _evidence, own=404, other=404),
    "subsidies:objection-new": Row(HANDLE, _claim("published"), other=404),
    "subsidies:correct-account": Row(HANDLE, _claim("listed"), other=404),
    "subsidies:recover": Row(APPROVE, _claim("listed"), other=404),
    "subsidies:recovered": Row(PAY, _claim("listed"), other=404),
}
