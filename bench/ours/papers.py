"""Certificates as PDF through the room that prints papers, one page each with a QR code."""

from datetime import date
from typing import Any

from bench.case import Case
from bench.measuring.clock import Clock
from tongxing.papers.document import Document, Paragraph, Verification
from tongxing.papers.render.pdf import to_pdf

PAGES = 100


def certificates(case: Case) -> dict[str, Any]:
    """Milliseconds a certificate; the first, which loads the fonts, is not counted."""
    to_pdf(_certificate(0))
    clock = Clock(case)
    size = sum(len(to_pdf(_certificate(number))) for number in range(1, PAGES + 1))
    taken = clock.read(times=PAGES)
    return {**taken, "value": taken["value"] * 1_000, "bytes": size // PAGES}


def _certificate(number: int) -> Document:
    return Document(
        title="培训合格证书",
        blocks=[
            Paragraph(f"张三{number}，身份证号 410105********{number:04d}，于 2025 年 5 月参加劳动关系协调员培训，成绩合格，特发此证。")
        ],
        number=f"〔2025〕{number}号",
        issued_by="示例人力资源和社会保障局",
        issued_on=date(2025, 6, 1),
        verification=Verification(f"https://example.gov.cn/verify/{number:020d}/", f"{number:064x}"),
    )
