"""Addresses of subsidies."""

from django.urls import path

from tongxing.core.listing import list_view

from .views import asking, auditing, claims, many, money, payments, rounds
from .views.lists import CandidateList, ClaimList
from .views.money_lists import ComparisonPages, FundList, ObjectionList, PaymentPages, RoundList

app_name = "subsidies"
urlpatterns = [
    path("", list_view(ClaimList), name="claims"),
    path("candidates/", list_view(CandidateList), name="candidates"),
    path("audit-workbook/", auditing.audit_workbook, name="audit-workbook"),
    path("open/", asking.open_many, name="open"),
    path("own/", asking.own, name="own"),
    path("own/<uuid:uid>/", asking.own_open, name="own-open"),
    path("accept/", many.accept, name="accept"),
    path("approve/", many.approve, name="approve"),
    path("rounds/", list_view(RoundList), name="rounds"),
    path("rounds/new/", many.round_new, name="round-new"),
    path("rounds/<uuid:uid>/", rounds.round_, name="round"),
    path("rounds/<uuid:uid>/publish/", rounds.publish, name="round-publish"),
    path("rounds/<uuid:uid>/withdraw/", rounds.withdraw, name="round-withdraw"),
    path("objections/", list_view(ObjectionList), name="objections"),
    path("objections/<uuid:uid>/", claims.objection, name="objection"),
    path("objections/<uuid:uid>/contact/", claims.objection_contact, name="objection-contact"),
    path("payments/", list_view(PaymentPages), name="payments"),
    path("payments/new/", many.payment_new, name="payment-new"),
    path("payments/<uuid:uid>/", payments.payment, name="payment"),
    path("payments/<uuid:uid>/approve/", payments.approve, name="payment-approve"),
    path("payments/<uuid:uid>/send/", payments.send, name="payment-send"),
    path("payments/<uuid:uid>/cancel/", payments.cancel, name="payment-cancel"),
    path("payments/<uuid:uid>/bank-file/", payments.bank_file, name="bank-file"),
    path("payments/<uuid:uid>/voucher/", payments.voucher, name="voucher"),
    path("payments/<uuid:uid>/settle/", payments.settle, name="payment-settle"),
    path("lines/<int:pk>/bounce/", claims.bounce, name="bounce"),
    path("comparisons/", list_view(ComparisonPages), name="comparisons"),
    path("comparisons/new/", money.comparison_new, name="comparison-new"),
    path("comparisons/<int:pk>/retire/", money.comparison_retire, name="comparison-retire"),
    path("funds/", list_view(FundList), name="funds"),
    path("funds/new/", money.fund_new, name="fund-new"),
    path("funds/<int:pk>/", money.fund, name="fund"),
    path("funds/<int:pk>/edit/", money.fund_edit, name="fund-edit"),
    path("findings/<int:pk>/explain/", claims.finding_explain, name="finding-explain"),
    path("findings/<int:pk>/confirm/", claims.finding_confirm, name="finding-confirm"),
    path("<uuid:uid>/", claims.claim, name="claim"),
    path("<uuid:uid>/file/", auditing.whole_file, name="file"),
    path("<uuid:uid>/accept/", claims.accept_one, name="accept-one"),
    path("<uuid:uid>/amend/", asking.amend, name="amend"),
    path("<uuid:uid>/withdraw/", asking.withdraw, name="withdraw"),
    path("<uuid:uid>/return/", claims.return_, name="return"),
    path("<uuid:uid>/refuse/", claims.refuse, name="refuse"),
    path("<uuid:uid>/reopen/", claims.reopen, name="reopen"),
    path("<uuid:uid>/examine/", claims.examine, name="examine"),
    path("<uuid:uid>/account/", claims.account, name="account"),
    path("<uuid:uid>/evidence/<int:file_id>/", claims.evidence, name="evidence"),
    path("<uuid:uid>/objection/", claims.objection_new, name="objection-new"),
    path("<uuid:uid>/correct-account/", claims.correct_account, name="correct-account"),
    path("<uuid:uid>/recover/", claims.recover, name="recover"),
    path("<uuid:uid>/recovered/", claims.recovered, name="recovered"),
]
