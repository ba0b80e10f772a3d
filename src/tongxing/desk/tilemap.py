"""The township tile map: one tile per area in its real neighbourhood, coloured and numbered by its figure."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tongxing.areas.models import Area, Kind
from tongxing.targets.figures import TargetFigure

LAYOUT = Path(__file__).with_name("tiles.toml")
STEPS = (0.5, 0.8, 0.95)
PLAIN_COLUMNS = 6


@dataclass(frozen=True)
class Tile:
    name: str
    url: str
    figure: TargetFigure
    row: int
    column: int

    @property
    def tone(self) -> str:
        """Darker means better covered; "none" has nothing to cover."""
        rate = self.figure.rate
        if rate is None:
            return "none"
        return "full" if rate >= 1 else f"step{sum(rate >= step for step in STEPS)}"

    @property
    def style(self) -> str:
        return f"grid-row:{self.row};grid-column:{self.column}"


@dataclass(frozen=True)
class TileMap:
    tiles: list[Tile]
    parks: list[Tile]
    rest: list[Tile]
    columns: int
    placed: bool
    """Whether the layout keeps the neighbourhood; otherwise the tiles stand in the order of their codes."""


@cache
def _layouts() -> dict[str, dict[str, object]]:
    return tomllib.loads(LAYOUT.read_text(encoding="utf-8"))


def tile_map(area_code: int, rows: list[tuple[Area, TargetFigure]], link: str) -> TileMap:
    """`rows` as `targets.figures.by_child` gives them; `link` is an address with {code} in it."""
    layout = _layouts().get(f"{area_code:012}", {})
    placed: list[Tile] = []
    parks: list[Tile] = []
    rest: list[Tile] = []
    for area, figure in rows:
        spot = layout.get(f"{area.code:012}")
        group = placed if isinstance(spot, list) else parks if area.kind == Kind.PARK else rest
        row, column = spot if isinstance(spot, list) else (len(group) // PLAIN_COLUMNS + 1, len(group) % PLAIN_COLUMNS + 1)
        name = area.short_name if area.code != area_code else f"{area.short_name}本级"
        group.append(Tile(name, link.replace("{code}", str(area.code)), figure, row, column))
    columns = layout.get("columns", PLAIN_COLUMNS)
    return TileMap(placed, parks, rest, columns if isinstance(columns, int) and placed else PLAIN_COLUMNS, bool(placed))
