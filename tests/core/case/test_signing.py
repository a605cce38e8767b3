"""A key is made once, for its owner's eyes only, and never written over."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from irlnet_core.case.signing import KEY_NAME, SigningKey, fingerprint_of, is_signed
from irlnet_core.errors import DataError


def test_a_key_is_made_once_and_stays(tmp_path: Path) -> None:
    one, again = SigningKey.load_or_make(tmp_path), SigningKey.load_or_make(tmp_path)
    assert one.fingerprint == again.fingerprint == fingerprint_of(again.public_pem)
    assert one.fingerprint != SigningKey.load_or_make(tmp_path / "other").fingerprint


@pytest.mark.skipif(sys.platform == "win32", reason="it has other permissions")
def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    SigningKey.load_or_make(tmp_path / "keys")
    assert (tmp_path / "keys" / KEY_NAME).stat().st_mode & 0o777 == 0o600


def test_a_signature_holds_for_these_bytes_alone(tmp_path: Path) -> None:
    key = SigningKey.load_or_make(tmp_path)
    signature = key.sign(b"data")
    assert is_signed(b"data", signature, key.public_pem)
    assert not is_signed(b"Data", signature, key.public_pem)
    assert not is_signed(b"data", signature[:-1], key.public_pem)


@pytest.mark.parametrize(
    "text", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_damaged_key_is_told_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / KEY_NAME
    path.write_text(text)
    with pytest.raises(DataError, match="signing key"):
        SigningKey.load_or_make(tmp_path)
    assert path.read_text() == text
    with pytest.raises(DataError, match="public key"):
        fingerprint_of(text.encode())
