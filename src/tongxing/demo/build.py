"""Building and clearing the demonstration: Jiyuan with about 2,000 enterprises, 300 coordinators and three years of history."""

from random import Random

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from tongxing.areas.ledger import touch
from tongxing.areas.models import LEAF_KINDS, Area
from tongxing.audit.log import Actor, record
from tongxing.core.errors import Refused
from tongxing.registry.models import Coordinator, Organisation
from tongxing.registry.search import reindex_all
from tongxing.targets import triggers

from . import accounts, competitions, coordinators, credentials, events, honours, learning, organisations, subsidies, supervision, training
from .models import DemoMark

SEED = 20220915
BUSINESS_ROOMS = (
    "targets",
    "supervision",
    "subsidies",
    "honours",
    "competitions",
    "evaluation",
    "credentials",
    "certificates",
    "learning",
    "training",
    "registry",
    "sheets",
    "papers",
    "notices",
    "files",
)
KEPT = {"targets.target", "credentials.signingkey"}


def _refuse_in_production() -> None:
    if settings.PRODUCTION:
        raise Refused("正式环境不能装入演示数据。", code="production")


@transaction.atomic
def build(*, by: Actor, progress: object = None) -> dict[str, int]:
    """Fill an empty register with the demonstration. Refuses in production and where organisations stand already."""
    _refuse_in_production()
    if Organisation.objects.exists():
        raise Refused("登记册里已有单位，演示数据只能装入空的系统。", code="not_empty")
    random, today = Random(SEED), timezone.localdate()
    county = Area.objects.get(code=settings.PROGRAMME_AREA)
    leaves = list(Area.objects.within(county.code).valid_on(today).filter(kind__in=LEAF_KINDS).select_related("parent"))
    placed = organisations.build(random, leaves, county, today)
    enrolled = coordinators.build(random, placed, today)
    active = next(c for c in enrolled if c.status == "active" and c.host_kind == "enterprise")
    employer = active.postings.get().organisation
    town = next(area for area in leaves if area.short_name == "克井镇")
    hosts = dict.fromkeys(("coordinator", "agent"), employer)
    hosts |= {"training_provider": next(o for o in placed if o.kind == "training")}
    hosts |= dict.fromkeys(("assessment_body", "scorer"), next(o for o in placed if o.kind == "assessment"))
    users = accounts.build(county, town, active, hosts)
    touch([county.code, *(area.code for area in leaves)])
    reindex_all()
    DemoMark.objects.create(built_by=by.display_name[:60])
    record(
        "demo.build",
        by=by,
        object_type="demo.demomark",
        object_id="demo",
        label="演示数据",
        after={"单位": len(placed), "协调员": len(enrolled)},
    )
    events.build(random, users, today)
    training.build(random, users, county, today)
    learning.build(Random(SEED), users, county, today)
    by_name = {user.username: user for user in users}
    subsidies.build(by_name, county, today)
    credentials.build(by_name, active.person, today)
    supervision.build(by_name, county, today)
    competitions.build(by_name, county, today)
    honours.build(by_name, county, today)
    return {"organisations": len(placed), "coordinators": len(enrolled), "accounts": len(users)}


def _business_models() -> list[type[models.Model]]:
    found = [model for room in BUSINESS_ROOMS for model in apps.get_app_config(room).get_models(include_auto_created=True)]
    return [model for model in found if model._meta.label_lower not in KEPT and model._meta.managed]


def _emptied(model: type[models.Model]) -> int:
    """Delete all rows of a table with one statement, without loading or following them."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608 - a table's own name
        return int(cursor.rowcount)


@transaction.atomic
def clear(*, by: Actor) -> int:
    """Delete everything in the business rooms and the demonstration accounts; areas, targets, calendar and the audit log stay.

    Whatever was tried out on top of the demonstration goes with it. Refuses where no demonstration stands.
    """
    if not DemoMark.objects.filter(cleared_at=None).exists():
        raise Refused("这里没有演示数据可清除。", code="no_demo")
    gone = 0
    with triggers.lifted(connection):
        for model in _business_models():
            # Foreign keys are checked when the transaction ends, on both databases; so the order of the tables does not matter.
            gone += _emptied(model)
    accounts.remove()
    reindex_all()
    DemoMark.objects.filter(cleared_at=None).update(cleared_at=timezone.now(), cleared_by=by.display_name[:60])
    record("demo.clear", by=by, object_type="demo.demomark", object_id="demo", label="演示数据", before={"行": gone})
    return gone


def stands() -> bool:
    """Whether this installation holds demonstration data that nobody cleared."""
    return DemoMark.objects.filter(cleared_at=None).exists()


def example() -> Coordinator | None:
    """A coordinator worth looking at first, for the guide's pictures."""
    return Coordinator.objects.filter(status="active", host_kind="enterprise").first()
