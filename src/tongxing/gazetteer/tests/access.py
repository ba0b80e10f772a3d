"""Who may open what: everybody with a role reads the tree; officers and administrators change their own part."""

from tongxing.accounts.roles import ROLES
from tongxing.core.tests.matrix import Row

ALL = " ".join(ROLES)
EDITORS = "officer admin"


def _county(world):
    return {"code": world.county.code}


def _leaf(world):
    return {"code": world.kejing.code}


ACCESS = {
    "gazetteer:tree": Row(ALL),
    "gazetteer:area": Row(ALL, kwargs=_leaf),
    "gazetteer:branch": Row(ALL, kwargs=_county),
    "gazetteer:outlines": Row(ALL, kwargs=_county),
    "gazetteer:add-park": Row(EDITORS, kwargs=_county, other=404),
    "gazetteer:rename": Row(EDITORS, kwargs=_leaf, other=404),
    "gazetteer:close": Row(EDITORS, kwargs=_leaf, other=404),
    "gazetteer:merge": Row(EDITORS, kwargs=_leaf, other=404),
    "gazetteer:split": Row(EDITORS, kwargs=_leaf, other=404),
    "gazetteer:reopen": Row(EDITORS, kwargs=_leaf, method="post", own=409, other=404),
}
