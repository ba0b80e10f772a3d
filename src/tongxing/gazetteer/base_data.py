"""Jiyuan's divisions (NBS code table of 2023-06-30; facts §8) and two example parks with local codes, loaded into an empty tree."""

import csv
from pathlib import Path

from django.db import transaction

from tongxing.areas.models import Area
from tongxing.audit.log import Actor, record

SHIPPED = Path(__file__).parent / "data" / "jiyuan.csv"


@transaction.atomic
def load(by: Actor) -> int:
    """Fill an empty tree; a tree that holds anything is the bureau's own and stays as it is. Returns the number of areas added."""
    if Area.objects.exists():
        return 0
    with SHIPPED.open(encoding="utf-8") as file:
        rows = [
            Area(
                code=int(line["code"]),
                name=line["name"],
                short_name=line["short_name"],
                kind=line["kind"],
                parent_id=int(line["parent"]) if line["parent"] else None,
                local=line["local"] == "1",
            )
            for line in csv.DictReader(file)
        ]
    Area.objects.bulk_create(rows)
    record("gazetteer.load_base", by=by, object_type="areas.area", object_id="base", label="济源区划", after={"areas": len(rows)})
    return len(rows)
