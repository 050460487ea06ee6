"""Writes .env for docker-compose.yaml from .env.example, every empty secret random; an existing .env stays."""

import base64
import os
import re
import secrets
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def filled(example: str) -> str:
    """The example's text with a secret of 32 random bytes after every `NAME=` that ends there."""
    return re.sub(r"(?m)^(\w+)=$", lambda line: f"{line[1]}={secret(line[1])}", example)


def secret(name: str) -> str:
    """Hex digits, which no URL and no shell reads as anything else; Airflow wants its fernet key in base64."""
    if name == "AIRFLOW_FERNET_KEY":
        return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return secrets.token_hex(32)


def main() -> None:
    text = filled((ROOT / ".env.example").read_text())
    try:
        handle = os.open(ROOT / ".env", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        sys.exit("gm1: .env is there already and stays as it is; remove it yourself if you want new secrets")
    with os.fdopen(handle, "w") as file:
        file.write(text)
    print("Wrote .env. Log in as admin with its AIRFLOW_ADMIN_PASSWORD.")


if __name__ == "__main__":
    main()
