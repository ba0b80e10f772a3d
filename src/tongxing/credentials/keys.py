"""The signing keys: made once, exchanged with a reason, published for ever.

A key lies in the database, its private half sealed by the vault (`core.vault`): every backup holds it, and the key ring that opens it is what
escrow keeps (`tongxing backup --keys-only`). A key made after the escrow was written is therefore covered as well, which a file beside the
ring would not be; and processes on several machines share it.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db import IntegrityError, transaction
from django.utils import timezone

from tongxing.accounts.models import User
from tongxing.audit.log import SYSTEM, Actor, record
from tongxing.core.access import Allowed, Answer, Denied, insist
from tongxing.core.errors import Refused
from tongxing.core.prepared import Prepared
from tongxing.registry.models.fields import VaultColumn

from .canonical import canonical
from .encodings import base64url, from_base64url
from .models import MOVES, KeyState, SigningKey

KID_LENGTH = 8
# Asked by every page of a scanned code.
_PUBLISHED = Prepared(SigningKey, lambda: SigningKey.objects.exclude(state=KeyState.WITHDRAWN).order_by("pk").values_list("kid", "public"))


class Signer(NamedTuple):
    """The current key, opened: its id and what signs."""

    kid: str
    public: bytes
    sign: Callable[[bytes], bytes]


def can_keep_keys(by: Actor) -> Answer:
    """Keys are the system administrator's; the command line and jobs do everything."""
    if not isinstance(by, User) or by.may("credentials.keys"):
        return Allowed()
    return Denied("签名密钥由系统管理岗位管理，请联系系统管理员。")


def signer() -> Signer:
    """The current key; on first use it is made, and of two processes that try the first one wins."""
    row = current()
    private = Ed25519PrivateKey.from_private_bytes(from_base64url(VaultColumn.open(row, "private_sealed")))
    return Signer(row.kid, from_base64url(row.public), private.sign)


def current() -> SigningKey:
    found = SigningKey.objects.filter(state=KeyState.CURRENT).first()
    if found:
        return found
    try:
        with transaction.atomic():
            made = _new()
            record("credentials.make_key", by=SYSTEM, of=made)
    except IntegrityError:
        return SigningKey.objects.get(state=KeyState.CURRENT)
    return made


def _new() -> SigningKey:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    row = SigningKey(kid=kid_of(public), public=base64url(public))
    row.private_sealed = VaultColumn.sealed_for(SigningKey, "private_sealed", row.uid, base64url(private.private_bytes_raw()))
    row.save(force_insert=True)
    return row


def jwk(public: bytes) -> dict[str, str]:
    """The public key as a JSON Web Key (RFC 8037 §2)."""
    return {"crv": "Ed25519", "kty": "OKP", "x": base64url(public)}


def kid_of(public: bytes) -> str:
    """The first letters of the key's thumbprint (RFC 7638): the id says which key it is, and nobody can choose it."""
    return base64url(sha256(canonical(jwk(public))).digest())[:KID_LENGTH]


@transaction.atomic
def rotate(*, by: Actor, reason: str) -> SigningKey:
    """Sign with a new key from now on; what the old one signed stays verifiable, because it stays published."""
    _insist(by, reason)
    current()
    old = SigningKey.objects.select_for_update().get(state=KeyState.CURRENT)
    _end(old, "rotate", reason)
    new = _new()
    record("credentials.rotate_key", by=by, of=new, before={"kid": old.kid}, after={"kid": new.kid}, reason=reason.strip())
    return new


@transaction.atomic
def withdraw(key: SigningKey, *, by: Actor, reason: str) -> SigningKey:
    """A key that others may know: from now on nothing it signed is believed, whenever it was signed."""
    _insist(by, reason)
    row = SigningKey.objects.select_for_update().get(pk=key.pk)
    if row.state == KeyState.CURRENT:
        raise Refused("在用的密钥不能直接撤销：请先更换密钥，再撤销这一把。", code="key_in_use")
    if row.state != MOVES["withdraw"][0]:
        raise Refused(f"密钥 {row.kid} 已经撤销，不需要再办。请刷新页面。", code="key_withdrawn")
    _end(row, "withdraw", reason)
    record("credentials.withdraw_key", by=by, of=row, after={"state": row.state}, reason=reason.strip())
    return row


def _insist(by: Actor, reason: str) -> None:
    insist(can_keep_keys(by))
    if not reason.strip():
        raise Refused("更换或撤销密钥必须写明原因，公钥页面和日志会显示。", code="reason_missing")


def _end(row: SigningKey, act: str, reason: str) -> None:
    row.state, row.ended_at, row.reason = MOVES[act][1], timezone.now(), reason.strip()[:200]
    row.save(update_fields=["state", "ended_at", "reason"])


def trusted() -> dict[str, bytes]:
    """Key id → public key, of every key whose signatures are believed: the current one and those before it."""
    return {kid: from_base64url(public) for kid, public in _PUBLISHED.plain()}


def key_set(keys: dict[str, bytes]) -> dict[str, Any]:
    """The keys as a JSON Web Key Set (RFC 7517), for any program that reads JOSE."""
    return {"keys": [jwk(public) | {"kid": kid, "use": "sig", "alg": "EdDSA"} for kid, public in keys.items()]}


def read_key_set(document: Any) -> dict[str, bytes]:
    """Key id → public key of a downloaded key set; ValueError when it is none, or an id does not belong to its key."""
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError("no key set")
    keys = {}
    for entry in entries:
        public = from_base64url(str(entry.get("x", ""))) if isinstance(entry, dict) and entry.get("crv") == "Ed25519" else b""
        if len(public) != 32 or kid_of(public) != entry.get("kid"):
            raise ValueError("a key of the set is none of ours")
        keys[str(entry["kid"])] = public
    return keys


def holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` over `message` was made with the private half of `public` (RFC 8032)."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
