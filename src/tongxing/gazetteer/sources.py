"""One door for whatever file an officer brings: division tables or outlines."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tongxing.audit.log import Actor
from tongxing.core.errors import Refused

from .loading import load_divisions
from .outlines import load_outlines


def load_file(path: Path, *, by: Actor, progress: Callable[[int, int], None] | None = None) -> dict[str, Any]:
    """Load a folder or file of national CSV tables, or a GeoJSON file; returns what was done: counts, and lists that a person should look at
    (`gone`: areas that the tables no longer hold; `unmatched`: outlines of no area; `without_outline`: areas that got none). Refuses other files.
    """
    if not path.exists():
        raise Refused(f"没有找到 {path}，请核对路径。", code="no_file", status=404)
    if path.suffix.lower() in {".json", ".geojson"}:
        outlines = load_outlines(path, by=by)
        return {"placed": outlines.placed, "unmatched": outlines.unmatched, "without_outline": outlines.without}
    if path.is_dir() or path.suffix.lower() == ".csv":
        divisions = load_divisions(path, by=by, progress=progress)
        return {"new": divisions.new, "changed": divisions.changed, "same": divisions.same, "gone": divisions.gone}
    raise Refused("请给出区划代码表（CSV 或其文件夹）或边界文件（GeoJSON）。", code="unknown_file", status=422)
