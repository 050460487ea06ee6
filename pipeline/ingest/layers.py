"""A SELECT built as layers of named columns, each computed once from the layer below."""

from collections.abc import Mapping


class Layers:
    """Nested SELECTs over `{source}`; every layer keeps the columns of the one below and adds its own."""

    def __init__(self, columns: str) -> None:
        self._query = f"SELECT {columns} FROM {{source}}"

    def add(self, *columns: str) -> None:
        """Put one layer with the given columns (`expression AS name`) on top; nothing when there are none."""
        given = ",\n        ".join(column for column in columns if column)
        if given:
            self._query = f"SELECT *,\n        {given}\n    FROM (\n{self._query}\n)"

    def final(self, columns: Mapping[str, str]) -> str:
        """The whole SELECT, giving exactly these columns (name -> expression) in this order."""
        listed = ",\n        ".join(f"{expression} AS {name}" for name, expression in columns.items())
        return f"SELECT\n        {listed}\n    FROM (\n{self._query}\n)"
