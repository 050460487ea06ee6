"""Where the program's own data files are: beside the package in a checkout, inside it in an installed wheel."""

from pathlib import Path

PACKAGE_DIR = Path(__file__).resolve().parent
LABS_DIR = PACKAGE_DIR / "labs"
RULES_DIR = PACKAGE_DIR / "rules"


def _beside_or_inside(name: str) -> Path:
    inside = PACKAGE_DIR / "_data" / name
    return inside if inside.is_dir() else PACKAGE_DIR.parent / name


EXPECTATIONS_DIR = _beside_or_inside("expectations")
SQL_DIR = _beside_or_inside("sql")
