"""Ed25519 signatures of packages, with a key that is made and kept on this machine (RFC 8032)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import appdirs

from irlnet_core.errors import DataError, OutputError
from irlnet_core.files import sha256_of_bytes

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

KEY_NAME = "signing-key.pem"
MEANING = (
    "The signature shows that the listed files have not changed since someone who held this key signed "
    "them. It does not show who that was, nor when: compare the key's fingerprint with one that its owner "
    "gave you by other means, and take the times from elsewhere. It says nothing about whether the result is "
    "right."
)
_CURE = "Move the file away: a new key is made then, with another fingerprint."


class SigningKey:
    """A private key that signs; ``fingerprint`` is the SHA-256 of its public key's 32 raw bytes."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def load_or_make(cls, folder: Path | None = None) -> SigningKey:
        """Return the key in ``folder`` (default: the program's own), made there if there is none.

        Raises :class:`DataError` for a file that holds no such key, :class:`OutputError`.
        """
        path = (folder or key_folder()) / KEY_NAME
        try:
            return cls._load(path) if os.path.lexists(path) else cls._make(path)
        except OSError as error:
            raise OutputError(f"cannot be used ({error.strerror or error}).", path=path) from error

    @property
    def public_pem(self) -> bytes:
        """Return the public key as PEM, which openssl reads."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.public_pem)

    def sign(self, data: bytes) -> bytes:
        """Return the 64 bytes of the signature."""
        return self._key.sign(data)

    @classmethod
    def _load(cls, path: Path) -> SigningKey:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise DataError(f"holds no signing key ({error}).", path=path, cure=_CURE) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise DataError("holds no Ed25519 key.", path=path, cure=_CURE)
        return cls(key)

    @classmethod
    def _make(cls, path: Path) -> SigningKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.parent.mkdir(parents=True, exist_ok=True)
        # For its owner's eyes only from the first moment; made exclusively, so that no key is written over.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        return cls(key)


def key_folder() -> Path:
    """Return where the key is kept: the program's data folder of this user."""
    return Path(appdirs.user_data_dir("irlnet", appauthor=False)) / "keys"


def fingerprint_of(public_pem: bytes) -> str:
    """Return the fingerprint of a public key. Raises :class:`DataError` when it is none."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return sha256_of_bytes(_public(public_pem).public_bytes(Encoding.Raw, PublicFormat.Raw))


def is_signed(data: bytes, signature: bytes, public_pem: bytes) -> bool:
    """Tell whether ``signature`` is that of ``data``. Raises :class:`DataError` for what is no key."""
    from cryptography.exceptions import InvalidSignature

    try:
        _public(public_pem).verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _public(pem: bytes) -> Ed25519PublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise DataError(f"holds no public key ({error}).") from error
    if not isinstance(key, Ed25519PublicKey):
        raise DataError("holds no Ed25519 public key.")
    if key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo) != pem:
        raise DataError("was altered: it is not the key's usual form.")
    return key
