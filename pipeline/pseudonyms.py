"""What a keyed pseudonym is: one form for the exports, which are pseudonymised in SQL, and for lists read in Python.

The message is the namespace, a separator that no text file holds, and the identifier; the pseudonym is `p` and the first
hex digits of its HMAC-SHA256 (RFC 2104) under the key of the home.
"""

import hashlib
import hmac

SEPARATOR = chr(31)
KEPT_HEX_DIGITS = 20


def pseudonym(identifier: str, namespace: str, key: bytes) -> str:
    """The pseudonym of an identifier within its namespace, the same that an export's rows get in SQL."""
    message = f"{namespace}{SEPARATOR}{identifier}".encode()
    return "p" + hmac.new(key, message, hashlib.sha256).hexdigest()[:KEPT_HEX_DIGITS]
