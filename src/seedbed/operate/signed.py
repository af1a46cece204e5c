"""Signatures: a JSON text in canonical form (RFC 8785), signed by Ed25519 as a compact JWS (RFC 7515, 8037).

Anybody with the public key verifies offline; any other byte of the text breaks the signature.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from seedbed.base.errors import InvalidInputError
from seedbed.operate.record.chain import canonical

ALGORITHM = "Ed25519"
"""RFC 9864. Signatures that say the older name "EdDSA" are verified too."""
KNOWN = (ALGORITHM, "EdDSA")


def new_key() -> dict[str, Any]:
    """A fresh private key as a JWK; keep it in a file that nobody else reads."""
    return dict(OKPKey.generate_key("Ed25519").as_dict(private=True))


def public(key: Mapping[str, Any]) -> dict[str, Any]:
    """The public half of a key, to be published."""
    return {name: value for name, value in key.items() if name != "d"}


def sign(text: bytes, key: Mapping[str, Any], algorithm: str = ALGORITHM) -> str:
    """`text` signed by `key` (a private JWK): header, text and signature in one line."""
    return jws.serialize_compact({"alg": algorithm}, text, OKPKey.import_key(dict(key)), algorithms=list(KNOWN))


def sign_json(body: object, key: Mapping[str, Any]) -> str:
    """A body in canonical form, signed."""
    return sign(canonical(body).encode(), key)


def verify(line: str, key: Mapping[str, Any]) -> bytes:
    """The text that was signed. Raises InvalidInputError where it was not by `key`, or was changed."""
    try:
        found = jws.deserialize_compact(line, OKPKey.import_key(public(key)), algorithms=list(KNOWN))
    except (JoseError, ValueError) as error:
        raise InvalidInputError("the signature is not that of this key over this text.", where="signature",
                                fix="ask the issuer for the label and the key again.") from error
    return found.payload


def verify_json(line: str, key: Mapping[str, Any]) -> Any:
    """The body that was signed."""
    return json.loads(verify(line, key))
