"""The vault: personal data as encrypted columns with a key id in the value, and blind indexes for equality search.

A stored value is `<key id>$<base64(nonce + ciphertext + tag)>`. The associated data is table, column and row key, so a value copied to
another row or column does not open. AES-256-GCM by default, SM4-GCM by `TONGXING_CIPHER` (design §4.5, GB/T 32907).
"""

import hmac
import json
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from .personal import STANDING_ALONE
from .secrets import read_or_make

NONCE_BYTES = 12
TAG_BYTES = 16
SALT_BYTES = 16


class VaultError(Exception):
    """A stored value does not open: wrong key ring, or the value was moved or altered."""


class Aead(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


class Sm4Gcm:
    """SM4-GCM with the interface of cryptography's AESGCM (which offers no SM4 AEAD class)."""

    def __init__(self, key: bytes) -> None:
        self.key = key

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        encryptor = Cipher(algorithms.SM4(self.key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data or b"")
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        decryptor = Cipher(algorithms.SM4(self.key), modes.GCM(nonce, data[-TAG_BYTES:])).decryptor()
        decryptor.authenticate_additional_data(associated_data or b"")
        return decryptor.update(data[:-TAG_BYTES]) + decryptor.finalize()


class Key(NamedTuple):
    cipher: str
    secret: bytes


def new_key(cipher: str) -> dict[str, str]:
    size = 32 if cipher == "aes-256-gcm" else 16
    return {"cipher": cipher, "secret": secrets.token_bytes(size).hex()}


@lru_cache(maxsize=4)
def _load_ring(path: str) -> tuple[str, dict[str, Key], bytes]:
    def make() -> str:
        keys = {"k1": new_key(settings.CIPHER)}
        return json.dumps({"current": "k1", "keys": keys, "index": secrets.token_bytes(32).hex()})

    ring = json.loads(read_or_make(settings.KEY_DIR / "vault.json", make))
    keys = {name: Key(entry["cipher"], bytes.fromhex(entry["secret"])) for name, entry in ring["keys"].items()}
    return ring["current"], keys, bytes.fromhex(ring["index"])


def ring() -> tuple[str, dict[str, Key], bytes]:
    """Current key id, all keys, blind-index key; made on first use in the data folder with mode 0600."""
    return _load_ring(str(settings.KEY_DIR))


@lru_cache(maxsize=16)
def _aead(cipher: str, secret: bytes) -> Aead:
    return AESGCM(secret) if cipher == "aes-256-gcm" else Sm4Gcm(secret)


def seal(text: str, context: str) -> str:
    """Encrypt `text` for the place `context` ("registry_person|phone|<uid>"). Empty stays empty."""
    return sealing()(text, context)


def sealing() -> Callable[[str, str], str]:
    """`seal` for many values in a row: the key ring is asked and the cipher made once."""
    name, keys, _ = ring()
    key = keys[name]
    encrypt, urandom = _aead(key.cipher, key.secret).encrypt, os.urandom

    def sealed(text: str, context: str) -> str:
        if not text:
            return ""
        nonce = urandom(NONCE_BYTES)
        return f"{name}${urlsafe_b64encode(nonce + encrypt(nonce, text.encode(), context.encode())).decode()}"

    return sealed


def unseal(stored: str, context: str) -> str:
    """Decrypt what `seal` wrote for the same place; raises VaultError when it does not open."""
    if not stored:
        return ""
    name, _, body = stored.partition("$")
    try:
        key = ring()[1][name]
        raw = urlsafe_b64decode(body)
        return _aead(key.cipher, key.secret).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode()).decode()
    except (KeyError, ValueError, InvalidTag) as error:
        raise VaultError(f"加密字段无法打开：{context}") from error


def current_key() -> str:
    """Name of the key that new values and files are sealed with."""
    return ring()[0]


def file_cipher(name: str, salt: bytes) -> Aead:
    """The cipher of one stored file: a key of its own, derived from the key `name` of the ring and the file's salt (RFC 5869).

    A file's chunks are numbered nonces, which is safe because no other file shares the derived key. Raises VaultError for an unknown key.
    """
    try:
        key = ring()[1][name]
    except KeyError as error:
        raise VaultError(f"密钥环里没有密钥 {name}") from error
    derived = HKDF(SHA256(), len(key.secret), salt, b"tongxing|file").derive(key.secret)
    return AESGCM(derived) if key.cipher == "aes-256-gcm" else Sm4Gcm(derived)


def blind_index(text: str, purpose: str) -> str:
    """Keyed digest (32 hex digits) of a normalised value for equality search and uniqueness; empty stays empty."""
    if not text:
        return ""
    return hmac.digest(ring()[2], f"{purpose}|{text}".encode(), "sha256").hex()[:32]


def mask(text: str, head: int = 6, tail: int = 4) -> str:
    """419001********1234: the form in which personal data stands in lists."""
    if len(text) <= head + tail:
        return text[:1] + "*" * max(len(text) - 1, 0)
    return text[:head] + "*" * (len(text) - head - tail) + text[-tail:]


def masked_within(text: str) -> str:
    """Free text with every ID and mobile number in it masked: people write numbers into reasons and remarks."""
    return STANDING_ALONE.sub(lambda found: mask(found[0], *((3, 4) if len(found[0]) == 11 else (6, 4))), text)
