"""Keyed pseudonyms, computed inside DuckDB so that no identifier leaves the row it stands in.

HMAC-SHA256 (RFC 2104) needs nothing but SHA-256 and the key xored with two constants; both padded keys are bound as
parameters and never part of a query's text.
"""

from pipeline.ingest.expressions import literal
from pipeline.pseudonyms import KEPT_HEX_DIGITS, SEPARATOR

_BLOCK_BYTES = 64


def key_parameters(key: bytes) -> dict[str, bytes]:
    """The query parameters `inner_pad` and `outer_pad` for a key of at most 64 bytes."""
    padded = key.ljust(_BLOCK_BYTES, b"\0")
    return {"inner_pad": bytes(byte ^ 0x36 for byte in padded), "outer_pad": bytes(byte ^ 0x5C for byte in padded)}


def patient_key(identifier: str, namespace: str) -> str:
    """SQL of the pseudonym of an identifier within its namespace: `p` and 20 hex digits; NULL when it is missing."""
    message = f"encode({literal(namespace + SEPARATOR)} || {identifier})"
    digest = f"sha256($outer_pad || unhex(sha256($inner_pad || {message})))"
    return f"'p' || left({digest}, {KEPT_HEX_DIGITS})"
