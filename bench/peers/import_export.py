"""django-import-export on the same roster: its default, and its fastest bulk mode (no look-up of what exists, no diff, batches of 1,000).

It stops nothing: rows that it cannot convert are counted, rows that only our checks would refuse go in.
"""

from typing import Any

from bench.case import Case
from bench.measuring.clock import Clock

from .project import enterprise_table
from .sheet import HEADINGS, read


def default(case: Case) -> dict[str, Any]:
    return _imported(case, {})


def fastest(case: Case) -> dict[str, Any]:
    options = {
        "use_bulk": True,
        "batch_size": 1_000,
        "force_init_instance": True,
        "skip_diff": True,
        "skip_html_diff": True,
        "use_transactions": True,
    }
    return _imported(case, options)


def _imported(case: Case, options: dict[str, Any]) -> dict[str, Any]:
    model = enterprise_table(case)
    import tablib
    from import_export import resources

    meta = type("Meta", (), {"model": model, "import_id_fields": ["credit_code"], "fields": tuple(HEADINGS.values()), **options})
    resource = type("EnterpriseResource", (resources.ModelResource,), {"Meta": meta})()
    clock = Clock(case)
    columns, rows = read(case)
    result = resource.import_data(tablib.Dataset(*rows, headers=columns), raise_errors=False)
    taken, share = clock.read(), case.rows / case.facts["whole"]
    if (written := model.objects.count()) != len(rows):
        raise RuntimeError(f"{len(rows)} rows were given, {written} stand there: {_first_error(result)}")
    return {
        "value": taken["value"] / share,
        "cpu": taken["cpu"] / share,
        "seconds": taken["value"],
        "rows": case.rows,
        "written": written,
        "totals": dict(result.totals),
    }


def _first_error(result: Any) -> str:
    return next((repr(error.error) for _, errors in result.row_errors() for error in errors), "no row has an error")
