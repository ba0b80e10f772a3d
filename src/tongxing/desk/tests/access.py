from tongxing.core.tests.matrix import SIGNED_IN, Row

READERS = "officer township union federation training assessment subsidy_handler subsidy_approver cashier leader auditor"
ACCESS: dict[str, Row] = {
    "desk:home": Row(SIGNED_IN),
    "desk:dashboard": Row(READERS),
    "desk:big-screen": Row(READERS),
    "desk:chart-by-area": Row(READERS),
    "desk:chart-over-time": Row(READERS),
    "desk:chart-make-up": Row(READERS),
    "desk:chart-outlines": Row(READERS),
    "desk:search": Row(SIGNED_IN),
    "desk:palette": Row(SIGNED_IN),
    "desk:seal-query": Row(SIGNED_IN, method="post", data={"q": "济源"}),
    "desk:view-save": Row(
        SIGNED_IN, method="post", data={"page": "registry.organisations", "name": "常用", "query": ""}, own=302, other=302
    ),
    "desk:view-remove": Row(SIGNED_IN, lambda _: {"pk": 999_999}, method="post", own=404, other=404),
    "desk:large-print": Row(SIGNED_IN, method="post", own=302, other=302),
}
