"""Other resources of the file that results refer to, kept as far as the format's places need them."""

from collections.abc import Iterable, Mapping

from pipeline.readers.fhir.file import Row
from pipeline.readers.fhir.json import Json
from pipeline.readers.fhir.path import Resolve


class References:
    """Finds what a reference means: a resource of the file or one contained where the reference stands.

    A reference that two different resources answer to finds nothing: a result without a patient is better than a
    result of the wrong one.
    """

    def __init__(self, rows: Iterable[Row], names: set[str]) -> None:
        self._found: dict[str, dict[str, Json] | None] = {}
        for row in rows if names else ():
            if row.resource is not None and row.resource["resourceType"] != "Observation":
                self._keep(row, {name: value for name, value in row.resource.items() if name in names})

    def _keep(self, row: Row, kept: dict[str, Json]) -> None:
        resource = row.resource or {}
        keys = {row.full_url} if row.full_url else set()
        if isinstance(resource.get("id"), str):
            keys.add(f"{resource['resourceType']}/{resource['id']}")
        for key in keys:
            self._found[key] = kept if self._found.get(key, kept) == kept else None

    def within(self, container: Mapping[str, Json]) -> Resolve:
        """A function from a Reference to its resource, for references that stand in `container`."""

        def resolve(reference: Json) -> Json:
            target = reference.get("reference") if isinstance(reference, dict) else None
            if not isinstance(target, str):
                return None
            if target.startswith("#"):
                return _contained(container, target[1:])
            return self._found.get(target.split("/_history/")[0])

        return resolve


def _contained(container: Mapping[str, Json], name: str) -> Json:
    several = container.get("contained")
    found = (
        [one for one in several if isinstance(one, dict) and one.get("id") == name] if isinstance(several, list) else []
    )
    return found[0] if len(found) == 1 else None
