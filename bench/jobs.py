"""The jobs of design §6: who runs them, on what, and what counts as reached."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

FLOOR, OURS, PEER = "floor", "ours", "peer"
PYTHON, NODE = "python", "node"
EMPTY, EMPLOYERS, FULL = "empty", "employers", "full"


class Contender(NamedTuple):
    """`target` is module:function below `bench`; `share` is the part of the rows that a slow peer is given, its time then scaled up.

    Peers live in environments of their own: `needs` says in which, and without it they do not run.
    """

    name: str
    role: str
    target: str
    share: float = 1.0

    @property
    def is_peer(self) -> bool:
        return self.role == PEER

    @property
    def needs(self) -> str:
        if self.target.startswith("bench.peers.node."):
            return NODE
        return PYTHON if self.target.startswith("bench.peers.") else ""


class Goal(NamedTuple):
    """What ours must reach: `limit` as a multiple of the floor's median, or as a value when `absolute`; `text` is what the page says."""

    text: str
    limit: float
    absolute: bool = False


@dataclass(frozen=True)
class Job:
    """`unit` names the figure (s, ms, rows/s, requests/s, MiB); in rates more is better. `once` jobs are too long for many rounds."""

    key: str
    title: str
    unit: str
    goal: Goal
    contenders: tuple[Contender, ...]
    database: str = FULL
    roster: str = ""
    writes: bool = False
    once: bool = False
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def is_large(self) -> bool:
        """Whether it takes in the large roster, which at a million rows takes longer than everything else."""
        return self.roster.startswith("large")

    @property
    def more_is_better(self) -> bool:
        return self.unit.endswith("/s")


def _pair(floor: str, ours: str) -> tuple[Contender, ...]:
    return Contender("floor", FLOOR, f"bench.floors.{floor}"), Contender("ours", OURS, f"bench.ours.{ours}")


PEERS = (
    Contender("pandas.to_sql", PEER, "bench.peers.pandas_sql:to_sql"),
    Contender("django-import-export, fastest bulk", PEER, "bench.peers.import_export:fastest", 0.25),
    Contender("django-import-export, default", PEER, "bench.peers.import_export:default", 0.05),
    Contender("Directus, POST /items", PEER, "bench.peers.node.directus:items", 0.25),
    Contender("NocoDB, bulk", PEER, "bench.peers.node.nocodb:bulk", 0.25),
)
THREE_FLOORS = Goal("≤ 3 × floor", 3.0)


def _import(key: str, title: str, sheet: str, database: str, roster: str, *peers: Contender) -> Job:
    contenders = (*_pair("importing:load", "importing:load"), *peers)
    return Job(key, title, "s", THREE_FLOORS, contenders, database, roster, writes=True, facts={"sheet": sheet})


def _memory(key: str, title: str, roster: str, text: str) -> Job:
    contenders = _pair("importing:only_read", "importing:load_for_memory")
    limit = Goal(text, 300.0, absolute=True) if roster.endswith(".csv") else Goal(text, 200.0)
    return Job(key, title, "MiB", limit, contenders, EMPTY, roster, writes=True, once=True, facts={"sheet": "enterprises"})


JOBS = (
    _import("import-xlsx-empty", "Import enterprises, xlsx, into an empty database", "enterprises", EMPTY, "enterprises.xlsx", *PEERS),
    _import("import-xlsx-full", "Import enterprises, xlsx, into a full database", "enterprises", FULL, "enterprises.xlsx"),
    _import("import-csv-empty", "Import enterprises, csv, into an empty database", "enterprises", EMPTY, "enterprises.csv"),
    _import("import-csv-full", "Import enterprises, csv, into a full database", "enterprises", FULL, "enterprises.csv"),
    _import("import-people-xlsx", "Import coordinators, xlsx, into a database with employers", "coordinators", EMPLOYERS, "people.xlsx"),
    _import("import-people-csv-full", "Import coordinators, csv, into a full database", "coordinators", FULL, "people.csv"),
    Job(
        "dry-run", "Dry run of enterprises, xlsx, against a full database", "rows/s", Goal("≥ 20,000 rows/s", 20_000, absolute=True),
        _pair("importing:check", "importing:check"), FULL, "enterprises.xlsx", facts={"sheet": "enterprises"},
    ),
    Job("coverage-untouched", "Coverage of all children, nothing touched", "ms", Goal("≤ 10 ms", 10, absolute=True), _pair("coverage:untouched", "coverage:untouched")),
    Job("coverage-touched", "Coverage of all provinces after 100 touched leaves", "ms", Goal("≤ 50 ms", 50, absolute=True), _pair("coverage:touched", "coverage:touched"), writes=True),
    Job("coverage-recount", "Coverage counted anew, whole country", "ms", Goal("≤ 2 × the raw grouped query", 2.0), _pair("coverage:recount", "coverage:recount")),
    Job("search", "Search of names, initials, ID numbers (p95)", "ms", Goal("p95 ≤ 30 ms", 30, absolute=True), _pair("searching:search", "searching:search")),
    Job("lists", "List pages with filters, server time (p95)", "ms", Goal("p95 ≤ 150 ms", 150, absolute=True), _pair("listing:pages", "listing:pages")),
    Job("export", "Export organisations as xlsx, per 100,000 rows", "s", THREE_FLOORS, _pair("listing:export", "listing:export")),
    Job(
        "verification", "Public verification of certificates, 50 connections", "requests/s", Goal("≥ 0.9 × the minimal Django view", 0.9),
        (
            Contender("floor", FLOOR, "bench.floors.web:verify_minimal"),
            Contender("ours", OURS, "bench.ours.web:verify"),
            Contender("bare WSGI function", PEER, "bench.floors.web:verify_bare"),
        ),
    ),
    Job("list-requests", "List page of 25 rows as HTML, 50 connections", "requests/s", Goal("≥ 0.5 × the minimal Django view", 0.5), _pair("web:list_minimal", "web:list_page")),
    Job("papers", "Certificates as PDF, one page each", "ms", Goal("≤ 10 ms a page", 10, absolute=True), _pair("papers:certificates", "papers:certificates"), EMPTY),
    Job(
        "mixed", "200 people at work on mixed pages (p95)", "ms", Goal("0 errors, p95 ≤ 1 s", 1_000, absolute=True),
        (Contender("ours", OURS, "bench.ours.web:mixed"),),
    ),
    Job(
        "beside", "Pages of 20 people while a worker takes in the large roster (worst p95 of check, import, undo)", "ms",
        Goal("0 errors, p95 ≤ 1 s", 1_000, absolute=True), (Contender("ours", OURS, "bench.ours.beside:beside"),), FULL, "large.csv", writes=True, once=True,
    ),
    # Last, because reading and writing a million rows takes longest: a run that is stopped has everything else.
    _memory("memory-csv", "Memory of the large import, csv", "large.csv", "flat, ≤ 300 MiB"),
    _memory("memory-xlsx", "Memory of the large import, xlsx", "large.xlsx", "≤ the reader's own + 200 MiB"),
)  # fmt: skip
