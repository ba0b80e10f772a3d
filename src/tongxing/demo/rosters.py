"""A hand-made roster with the usual faults, loaded as an officer would, so that batches and bad lines can be looked at."""

import csv
import tempfile
from pathlib import Path

from tongxing.accounts.models import User
from tongxing.sheets import command

from .invention import credit_code

HEADINGS = ("单位名称", "统一社会信用代码", "行业", "从业人员数", "营业收入(万元)", "资产总额(万元)", "所属镇街", "地址")
SOUND = (
    ("济源市演示新材料有限公司", "3311", "46", "1800", "900", "克井镇"),
    ("济源市演示供应链有限公司", "5165", "8", "1200", "300", "轵城镇"),
    ("济源市演示餐饮管理有限公司", "6210", "22", "260", "90", ""),
)


def _lines() -> list[tuple[str, ...]]:
    sound = [
        (name, credit_code("91", 950_000 + number), industry, people, revenue, assets, town, f"济源示范区{town or '承留镇'}演示路 9 号")
        for number, (name, industry, people, revenue, assets, town) in enumerate(SOUND)
    ]
    faulty = [
        ("济源市演示错码有限公司", credit_code("91", 950_100)[:-1] + "?", "3311", "20", "500", "200", "克井镇", ""),
        ("济源市演示负数有限公司", credit_code("91", 950_101), "3311", "-20", "500", "200", "克井镇", ""),
        ("济源市演示外地有限公司", credit_code("91", 950_102), "3311", "20", "500", "200", "不存在的镇", ""),
        ("济源市演示行业有限公司", credit_code("91", 950_103), "做什么的都有", "20", "500", "200", "坡头镇", ""),
        sound[0],
    ]
    return [*sound, *faulty]


def load(officer: User) -> None:
    """Check and load the roster: three lines go in, four are refused with a reason, one stands twice."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "企业名册（演示）.csv"
        with file.open("w", encoding="gb18030", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(["2026 年新增企业名册"])
            writer.writerow(HEADINGS)
            writer.writerows(_lines())
            writer.writerow(["合计", "", "", "8"])
        command.load("enterprises", file, by=officer)
