"""The access matrix of credentials."""

from types import SimpleNamespace
from typing import Any

from tongxing.certificates.tests.access import KEEPERS, paper
from tongxing.core.tests.matrix import PUBLIC, Row

from .scene import a_certificate


def a_key(jiyuan: SimpleNamespace) -> dict[str, Any]:
    from tongxing.credentials.keys import current

    return {"uid": current().uid}


def a_list(jiyuan: SimpleNamespace) -> dict[str, Any]:
    from tongxing.credentials.statuses import entries_for

    one = a_certificate(jiyuan.kejing)
    return {"number": entries_for([one])[one.pk].list.number}


ACCESS: dict[str, Row] = {
    "credentials:keys": Row("admin"),
    "credentials:key-rotate": Row("admin"),
    "credentials:key-withdraw": Row("admin", a_key),
    "credentials:status-list": Row(PUBLIC, a_list),
    "credentials:extracts": Row(KEEPERS, method="post", data={}, own=409, other=409),
    "credentials:of-certificate": Row(KEEPERS, paper, other=404),
    "credentials:extract": Row(KEEPERS, paper, method="post", other=404),
    "credentials:badge": Row(KEEPERS, paper, method="post", other=404),
    "credentials:photo": Row(KEEPERS, paper, other=404),
}
