"""One page with a QR code straight through typst."""

import tempfile
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst
import zxingcpp

from bench.case import Case
from bench.measuring.clock import Clock

PAGES = 100
SOURCE = """
#set page(width: 210mm, height: 297mm, margin: 35mm)
#set text(font: "Noto Serif SC", size: 16pt)
#align(center, text(size: 22pt)[培训合格证书])
#par[#sys.inputs.text]
#align(right)[示例人力资源和社会保障局 \\ 2025年6月1日]
#image(bytes(sys.inputs.code), width: 25mm)
"""


def certificates(case: Case) -> dict[str, Any]:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[Path(pylopdf_fonts_zh_cn.__file__).parent])
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "certificate.typ"
        source.write_text(SOURCE)
        compiler = typst.Compiler(source, font_paths=fonts)
        _page(compiler, 0)
        clock = Clock(case)
        size = sum(len(_page(compiler, number)) for number in range(1, PAGES + 1))
    taken = clock.read(times=PAGES)
    return {**taken, "value": taken["value"] * 1_000, "bytes": size // PAGES}


def _page(compiler: Any, number: int) -> bytes:
    code = zxingcpp.create_barcode(f"https://example.gov.cn/verify/{number:020d}/", zxingcpp.QRCode, ec_level="M").to_svg()
    text = f"张三{number}，身份证号 410105********{number:04d}，于 2025 年 5 月参加劳动关系协调员培训，成绩合格，特发此证。"
    made: bytes = compiler.compile(format="pdf", sys_inputs={"text": text, "code": code})
    return made
