"""What one run of one contender is told: where its database lies, which file it takes, how many rows are meant."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Case:
    """`engine` is sqlite or postgresql; `url` is empty on SQLite, whose file lies in the data folder; `server` is the process of the database
    server, where there is one; `facts` are the job's own."""

    engine: str
    data_dir: str
    url: str = ""
    server: int = 0
    area: int = 0
    size: int = 0
    rows: int = 0
    file: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def sqlite_file(self) -> Path:
        return Path(self.data_dir) / "tongxing.sqlite3"

    @property
    def environment(self) -> dict[str, str]:
        """The TONGXING_* variables under which ours runs on this database."""
        return {
            "TONGXING_DATA_DIR": self.data_dir,
            "TONGXING_DATABASE_URL": self.url,
            "TONGXING_AREA": str(self.area),
            "TONGXING_DEMO": "0",
            "TONGXING_UPLOAD_LIMIT_MB": "2000",
            "TONGXING_SHEET_EXPANDED_LIMIT_MB": "4000",
            "TONGXING_BUREAU_NAME": "示例人力资源和社会保障局",
        }

    def dumps(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def loads(cls, text: str) -> "Case":
        return cls(**json.loads(text))
