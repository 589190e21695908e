"""Encryption of personal fields and blind indexes for looking them up.

Keys come from one setting, `ENCRYPTION_KEY` = `newest[,older…]`: the first secret encrypts, all decrypt, and the last
one (it never changes) makes the blind indexes, so that rotation leaves look-ups working.
"""

import base64
import hashlib
import hmac
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, Dialect, Engine, String, Text
from sqlalchemy.types import TypeDecorator

from app.errors import SettingsError

_NONCE = 12  # bytes, AES-GCM's standard


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, b"jiachang:" + purpose).derive(secret.encode())


class Keyring:
    """AES-256-GCM under derived keys, and HMAC-SHA256 blind indexes."""

    def __init__(self, secrets: str) -> None:
        parts = [part.strip() for part in secrets.split(",") if part.strip()]
        if not parts or any(len(part) < 32 for part in parts):
            raise SettingsError(
                "JIACHANG_ENCRYPTION_KEY: 需要至少 32 个字符的密钥（可用 `openssl rand -hex 32` 生成）"
            )
        keys = [_derive(part, b"field") for part in parts]
        self._ids = [hashlib.sha256(key).hexdigest()[:8] for key in keys]
        self._ciphers = {id_: AESGCM(key) for id_, key in zip(self._ids, keys, strict=True)}
        self._blind = _derive(parts[-1], b"blind")

    def encrypt(self, text: str, place: str) -> str:
        """`place` (table:column) is bound in, so a ciphertext moved elsewhere does not open."""
        nonce = os.urandom(_NONCE)
        sealed = self._ciphers[self._ids[0]].encrypt(nonce, text.encode(), place.encode())
        return f"{self._ids[0]}:{base64.b64encode(nonce + sealed).decode()}"

    def decrypt(self, stored: str, place: str) -> str:
        """Raises SettingsError if no key opens it."""
        id_, _, body = stored.partition(":")
        cipher = self._ciphers.get(id_)
        if cipher is None:
            raise SettingsError(f"加密字段需要密钥 {id_}，但 JIACHANG_ENCRYPTION_KEY 里没有它")
        raw = base64.b64decode(body)
        try:
            return cipher.decrypt(raw[:_NONCE], raw[_NONCE:], place.encode()).decode()
        except InvalidTag as error:
            raise SettingsError(f"{place} 里的加密内容打不开：被改动过，或不属于这里") from error

    def blind(self, value: str) -> str:
        return hmac.new(self._blind, value.encode(), hashlib.sha256).hexdigest()


def install_keyring(engine: Engine, keyring: Keyring) -> None:
    """Column types see the dialect only, so that is where the keys travel: no module-level state."""
    engine.dialect.jiachang_keyring = keyring  # type: ignore[attr-defined]


def _keyring(dialect: Dialect) -> Keyring:
    keyring = getattr(dialect, "jiachang_keyring", None)
    if not isinstance(keyring, Keyring):
        raise SettingsError("this engine has no keyring; build it with app.db.make_engine")
    return keyring


def blind_index(engine: Engine | Connection, value: str) -> str:
    """The index of a plain value, for keys that must not hold the value itself."""
    return _keyring(engine.dialect).blind(value)


class EncryptedText(TypeDecorator[str]):
    """Text that is ciphertext in the database; give the place as `table:column`."""

    impl = Text
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _keyring(dialect).encrypt(value, self.place)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _keyring(dialect).decrypt(value, self.place)


class EncryptedJson(TypeDecorator[Any]):
    """JSON in the same envelope: nothing can be asked of it in SQL. None is NULL, never JSON's null."""

    impl = Text
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return _keyring(dialect).encrypt(text, self.place)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(_keyring(dialect).decrypt(value, self.place))


class BlindIndex(TypeDecorator[str]):
    """Write or compare with the plain value (E.164); stored and read back as its HMAC, 64 hex digits."""

    impl = String(64)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or (len(value) == 64 and not value.startswith("+")):
            return value  # already an index, copied from another row
        return _keyring(dialect).blind(value)
