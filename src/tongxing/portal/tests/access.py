"""Who may open what: everybody."""

from uuid import UUID

from tongxing.core.tests.matrix import PUBLIC, Row
from tongxing.evaluation.tests.access import applied
from tongxing.evaluation.tests.world import published
from tongxing.honours.tests.review_world import a_notice
from tongxing.supervision.tests.access import promised

UNKNOWN = UUID(int=0)
ACCESS = {
    "portal:home": Row(PUBLIC),
    "portal:verify": Row(PUBLIC),
    "portal:look-up": Row(PUBLIC, method="post", data={}),
    "portal:verified": Row(PUBLIC, kwargs=lambda world: {"token": "made-elsewhere"}, own=404, other=404),
    "portal:offline": Row(PUBLIC),
    "portal:keys": Row(PUBLIC),
    "portal:many": Row(PUBLIC),
    "portal:look-up-many": Row(PUBLIC, method="post", data={}, own=409, other=409),
    "portal:many-workbook": Row(PUBLIC, method="post", data={}, own=422, other=422),
    "portal:official": Row(PUBLIC),
    "portal:signed": Row(PUBLIC, kwargs=lambda world: {"text": "made-elsewhere"}, own=404, other=404),
    "portal:key-set": Row(PUBLIC),
    "portal:did": Row(PUBLIC),
    "portal:did-below-a-path": Row(PUBLIC),
    "portal:assessments": Row(PUBLIC),
    "portal:assessment-notice": Row(PUBLIC, kwargs=lambda world: {"uid": published(applied(world).batch).uid}),
    "portal:draws": Row(PUBLIC),
    "portal:draw": Row(PUBLIC, kwargs=promised),
    "portal:draw-record": Row(PUBLIC, kwargs=lambda world: promised(world) | {"number": 1}),
    "portal:programme": Row(PUBLIC),
    "portal:selection-notices": Row(PUBLIC),
    "portal:selection-notice": Row(PUBLIC, kwargs=lambda world: {"uid": a_notice(world.county).notice.uid}),
    "portal:selection-file": Row(PUBLIC, kwargs=lambda world: {"uid": UNKNOWN, "file_uid": UNKNOWN}, own=404, other=404),
    "portal:selection-objection": Row(
        PUBLIC, kwargs=lambda world: {"uid": a_notice(world.county).notice.uid}, method="post", own=422, other=422
    ),
    "portal:honours-roll": Row(PUBLIC),
    "portal:honour-photo": Row(PUBLIC, kwargs=lambda world: {"uid": UNKNOWN}, own=404, other=404),
    "portal:notices": Row(PUBLIC),
    "portal:notice": Row(PUBLIC, kwargs=lambda world: {"uid": UNKNOWN}, own=404, other=404),
    "portal:notice-file": Row(PUBLIC, kwargs=lambda world: {"uid": UNKNOWN, "file_uid": UNKNOWN}, own=404, other=404),
    "portal:assessment-objection": Row(PUBLIC, kwargs=lambda world: {"uid": UNKNOWN}, method="post", own=404, other=404),
    "portal:objection": Row(PUBLIC, kwargs=lambda world: {"uid": UNKNOWN}, method="post", own=404, other=404),
    "portal:progress": Row(PUBLIC),
    "portal:progress-look-up": Row(PUBLIC, method="post", data={}),
}
