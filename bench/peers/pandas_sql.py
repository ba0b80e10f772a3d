"""pandas.read_excel and DataFrame.to_sql: no checks at all, every row goes in."""

from typing import Any

import pandas as pd
from sqlalchemy import create_engine

from bench.case import Case
from bench.measuring.clock import Clock


def engine(case: Case) -> Any:
    if case.engine == "sqlite":
        return create_engine(f"sqlite:///{case.sqlite_file}")
    return create_engine(case.url.replace("postgresql://", "postgresql+psycopg://", 1))


def to_sql(case: Case) -> dict[str, Any]:
    place = engine(case)
    clock = Clock(case)
    frame = pd.read_excel(case.file, engine="calamine", dtype=str)
    frame.to_sql("peer_enterprise", place, index=False, chunksize=5_000)
    with place.begin() as connection:
        connection.exec_driver_sql('CREATE INDEX peer_enterprise_code ON peer_enterprise ("统一社会信用代码")')
    return {**clock.read(), "rows": len(frame)}
