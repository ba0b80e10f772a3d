"""What a drill looks at after a restore, from inside the restored installation."""

from typing import Any

from django.core.files.storage import default_storage

from tongxing.accounts.models import User
from tongxing.audit.verification import verify
from tongxing.core.vault import VaultError
from tongxing.files.models import StoredFile

from .archive import COPY_BYTES

FILES_OPENED = 200


def inspect() -> dict[str, Any]:
    """Findings (Chinese sentences, none when all is well) and what was looked at."""
    report = verify()
    findings = [finding.message for finding in report.findings if finding.kind != "late"]
    names = list(StoredFile.objects.order_by("-pk").values_list("stored_as", flat=True))
    missing = [name for name in names if not default_storage.exists(name)]
    gone = set(missing)
    broken = [name for name in names[:FILES_OPENED] if name not in gone and not _opens(name)]
    if missing:
        findings.append(f"{len(missing)} 个登记过的文件不在备份里，如 {missing[0]}。")
    if broken:
        findings.append(f"{len(broken)} 个文件打不开（密钥不对或文件损坏），如 {broken[0]}。")
    if not User.objects.filter(is_active=True).exists():
        findings.append("恢复出来的数据里没有可用的账号，没有人能登录。")
    seen = {
        "audit_blocks": report.blocks,
        "audit_entries": report.entries,
        "files": len(names),
        "files_opened": min(len(names), FILES_OPENED),
    }
    return {"status": "applied", "findings": findings, "seen": seen}


def _opens(name: str) -> bool:
    try:
        with default_storage.open(name) as file:
            while file.read(COPY_BYTES):
                pass
    except (VaultError, OSError):
        return False
    return True
