"""The same invented results, written as each form of export writes them. SYNTHETIC: no laboratory, no patient is real."""

import csv
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from workbook_files import DATE, DATE_TIME, styled, xlsx

BERLIN = ZoneInfo("Europe/Berlin")
_COLLECTED = datetime(2024, 3, 2, 0, 30, tzinfo=BERLIN)
_REPORTED = datetime(2024, 3, 29, 23, 15, tzinfo=BERLIN)
# Two days later the clocks have gone forward: another offset for the same zone.
_CORRECTED = datetime(2024, 4, 2, 0, 45, tzinfo=BERLIN)


@dataclass(frozen=True, slots=True)
class Result:
    """One result as people say it; `value` is titre, number with a decimal point, word or reason, with its comparator."""

    patient: str
    accession: str
    test: str
    value: str
    status: str = "F"
    interpretation: str = ""
    specimen: str = "SER"
    performer: str = "QUA"
    unit: str | None = None
    reported: datetime = _REPORTED

    @property
    def unit_written(self) -> str:
        """The unit beside the value: that of the test, unless another one is said."""
        return UNITS[self.test] if self.unit is None else self.unit


UNITS = {"GM1M": "titer", "GM1G": "titer", "GA1M": "titer", "GM1X": "IV", "GM1W": ""}
RESULTS = (
    Result("Q1001", "A01", "GM1M", "1:800", interpretation="POS"),
    Result("Q1002", "A02", "GM1M", "<1:400", interpretation="NEG"),
    Result("Q1003", "A03", "GM1M", "<=1:400", interpretation="NEG"),
    Result("Q1004", "A04", "GM1M", ">1:51200", interpretation="POS"),
    Result("Q1005", "A05", "GM1M", ">=1:1600", interpretation="POS"),
    Result("Q1006", "A06", "GM1M", "400", interpretation="NEG"),
    Result("Q1007", "A07", "GM1M", "<800"),
    Result("Q1008", "A08", "GM1M", ">400"),
    Result("Q1009", "A09", "GM1M", "1:1600", interpretation="NEG"),
    Result("Q1010", "A10", "GM1G", "1:3200"),
    Result("Q1011", "A11", "GM1M", "1:200", specimen="CSF"),
    Result("Q1001", "A12", "GM1X", "48.5", interpretation="EQV"),
    Result("Q1002", "A13", "GM1X", "29.5"),
    Result("Q1003", "A14", "GM1X", "<5.0", interpretation="NEG"),
    Result("Q1004", "A15", "GM1X", ">100", interpretation="POS"),
    Result("Q1005", "A16", "GM1X", "50"),
    Result("Q1006", "A17", "GM1X", "30.0"),
    Result("Q1007", "A18", "GM1X", "<=29"),
    Result("Q1008", "A19", "GM1X", "0.75"),
    Result("Q1009", "A20", "GM1X", ">=51"),
    Result("Q1001", "A21", "GM1W", "Negative", interpretation="NEG"),
    Result("Q1002", "A22", "GM1W", "Positive", interpretation="POS"),
    Result("Q1003", "A23", "GM1W", "weak", interpretation="EQV"),
    Result("Q1004", "A24", "GM1M", "QNS"),
    Result("Q1005", "A25", "GM1X", "HEM"),
    Result("Q1006", "A26", "GM1M", "", status="X"),
    Result("Q1012", "A27", "GM1M", "1:400"),
    Result("Q1012", "A27", "GM1M", "1:3200", status="C", reported=_CORRECTED),
    Result("Q1013", "A28", "GM1X", "60.5"),
    Result("Q1013", "A28", "GM1X", "12.5", status="C", reported=_CORRECTED),
    Result("Q1014", "A29", "GM1M", "1:6400"),
    Result("Q1014", "A29", "GM1M", "", status="W", reported=_CORRECTED),
    Result("Q1015", "A30", "GM1M", "1:800", status="P"),
    Result("Q1016", "A31", "GM1M", "1:1600", status="P"),
    Result("Q1016", "A31", "GM1M", "1:1600", reported=_CORRECTED),
    Result("Q1017", "A32", "GA1M", "1:6400"),
    Result("Q1018", "A33", "GM1M", "1:800", performer="ELSEWHERE"),
    Result("Q1019", "A34", "GM1X", "80.5", unit="%"),
    Result("Q1020", "A35", "GM1M", "perhaps"),
    Result("Q1020", "A36", "GM1X", ""),
    Result("Q1021", "A37", "GM1M", "?1:800"),
    Result("Q1001", "A01", "GM1M", "1:800", interpretation="POS"),
    Result("QC-LOW", "C01", "GM1M", "1:100"),
    Result("QC-HIGH", "C02", "GM1X", "101.5"),
)  # fmt: skip

COMMON: dict[str, Any] = {
    "schema_version": 1,
    "state": "active",
    "lab": "quarry",
    "record": "titre",
    "patients": {"namespace": "quarry"},
    "performing_labs": {"QUA": {}},
    "tests": {
        "GM1M": {"antigen": "GM1", "isotype": "IgM", "assay": "ELISA", "unit": "{titer}"},
        "GM1G": {"antigen": "GM1", "isotype": "IgG", "assay": "ELISA", "unit": "{titer}"},
        "GA1M": {"antigen": "asialo-GM1", "isotype": "IgM", "assay": "ELISA", "unit": "{titer}"},
        "GM1X": {"antigen": "GM1", "isotype": "IgM", "assay": "INDEX", "unit": "{index_val}"},
        "GM1W": {"antigen": "GM1", "isotype": "IgM", "assay": "SCREEN", "unit": "", "reads": "word"},
    },
    "result": {
        "words": {"Negative": "negative", "Positive": "positive", "weak": "equivocal"},
        "no_result": {"QNS": "insufficient", "HEM": "haemolysed"},
        "no_result_status": {"X": "cancelled"},
    },
}
INTERPRETATIONS = {"POS": "positive", "NEG": "negative", "EQV": "equivocal"}
STATUSES = {"F": "final", "C": "corrected", "P": "preliminary", "W": "withdrawn", "X": "final"}
HEADER = ("Patient", "Accession", "Test", "Material", "Collected", "Reported", "Performed by", "Result", "Unit", "Status",
          "Comment of the laboratory")  # fmt: skip


def _format(form: str, file: dict[str, Any], places: dict[str, str], **changes: Any) -> dict[str, Any]:
    """A declaration of one form; `places` says where each field stands, in the order of HEADER."""
    words = {
        "specimen": {"SER": "serum", "CSF": "CSF"},
        "unit": {"titer": "{titer}", "IV": "{index_val}", "%": "%"},
        "status": STATUSES,
        "lab_interpretation": INTERPRETATIONS,
    }
    columns = {
        name: {"from": place} | ({"words": words[name]} if name in words else {}) for name, place in places.items()
    }
    columns["patient_id"]["matches"] = "Q[0-9]{4}"
    return COMMON | {
        "id": "quarry",
        "title": f"Quarry laboratory, {form} (invented)",
        "recognise": {"file": "*"},
        "file": {"form": form} | file,
        "columns": columns,
        "exclude": [{"column": places["patient_id"], "matches": "^QC", "reason": "control"}],
    } | changes  # fmt: skip


FIELDS = ("patient_id", "accession", "test_code", "specimen", "collected_on", "reported_at", "performing_lab", "result",
          "unit", "status", "lab_interpretation")  # fmt: skip
SHEET_PLACES = dict(zip(FIELDS, HEADER, strict=True))
HL7_PLACES = dict(zip(FIELDS, ("PID-3.1", "SPM-2", "OBX-3.1", "SPM-4.1", "OBR-7", "OBR-22", "OBX-23.1", "OBX-5", "OBX-6.1",
                               "OBX-11", "OBX-8"), strict=True))  # fmt: skip
FHIR_PLACES = dict(zip(FIELDS, ("subject->identifier.value", "specimen->identifier.value", "code.coding[system=urn:quarry].code",
                                "specimen->type.coding.code", "effectiveDateTime", "issued", "performer->name", "value",
                                "unit", "status", "interpretation.coding.code"), strict=True))  # fmt: skip
GERMAN = {"date": "%d.%m.%Y", "timestamp": "%d.%m.%Y %H:%M", "time_zone": "Europe/Berlin"}
FHIR_STATUSES = {"final": "final", "amended": "corrected", "preliminary": "preliminary", "entered-in-error": "withdrawn",
                 "cancelled": "final"}  # fmt: skip
FHIR_REASONS = {"QNS": "not-performed", "HEM": "error"}


def csv_format() -> dict[str, Any]:
    """Semicolons, Windows' code page, decimal commas, German dates."""
    file = {"encoding": "cp1252", "delimiter": ";", "decimal": ",", **GERMAN}
    return _format("delimited", file, SHEET_PLACES)


def workbook_format() -> dict[str, Any]:
    """A sheet with a preamble; cells are typed."""
    return _format("workbook", {"sheet": "Results", "header_row": 3, **GERMAN}, SHEET_PLACES)


def hl7_format() -> dict[str, Any]:
    """ORU^R01 messages; every time says its own offset, which wins over the zone declared here."""
    return _format("hl7v2", {"time_zone": "Asia/Tokyo"}, HL7_PLACES)


def fhir_format() -> dict[str, Any]:
    """Observations, a resource a line."""
    made = _format("fhir", {}, FHIR_PLACES)
    made["columns"]["status"]["words"] = FHIR_STATUSES
    # the unit of a ratio to one has this name
    made["columns"]["unit"]["words"]["{titer}"] = "{titer}"
    reasons = {code: COMMON["result"]["no_result"][word] for word, code in FHIR_REASONS.items()}
    made["result"] = COMMON["result"] | {"no_result": reasons, "no_result_status": {"cancelled": "cancelled"}}
    return made


def write_csv(path: Path) -> None:
    """Text throughout."""
    with path.open("w", newline="", encoding="cp1252") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADER)
        for one in RESULTS:
            writer.writerow((
                one.patient, one.accession, one.test, one.specimen, _COLLECTED.strftime("%d.%m.%Y"),
                one.reported.strftime("%d.%m.%Y %H:%M"), one.performer, one.value.replace(".", ","), one.unit_written,
                one.status, one.interpretation,
            ))  # fmt: skip


def _serial(moment: datetime) -> float:
    """A moment as a spreadsheet keeps it: days since the end of 1899, in local time."""
    since = moment.replace(tzinfo=None) - datetime(1899, 12, 30)  # noqa: DTZ001
    return since.total_seconds() / 86400


def write_workbook(path: Path) -> None:
    """Dates are dates, numbers without a comparator numbers; text where a spreadsheet has no other way."""
    rows: list[list[Any]] = [["SYNTHETIC export of an invented laboratory"], [], list(HEADER)]
    for one in RESULTS:
        is_number = one.value.replace(".", "", 1).isdigit()
        rows.append([
            one.patient, one.accession, one.test, one.specimen, styled(int(_serial(_COLLECTED)), DATE),
            styled(_serial(one.reported), DATE_TIME), one.performer, float(one.value) if is_number else one.value or None,
            one.unit_written or None, one.status, one.interpretation or None,
        ])  # fmt: skip
    xlsx(path, rows)


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%z")


def _observed(value: str) -> tuple[str, str]:
    """The type and the text of OBX-5: structured where there is a comparator or a ratio, else as laboratories do it."""
    comparator = value[: len(value) - len(value.lstrip("<>="))]
    rest = value[len(comparator) :]
    if rest.startswith("1:"):
        return "SN", f"{comparator}^1^:^{rest[2:]}"
    if comparator:
        return "SN", f"{comparator}^{rest}"
    if rest.replace(".", "", 1).isdigit():
        return "NM", rest
    return ("CWE", f"{rest[:1]}^{rest}^L") if rest in COMMON["result"]["words"] else ("ST", rest)


def write_hl7(path: Path) -> None:
    """A message a result, segments ended by carriage returns."""
    segments = []
    for number, one in enumerate(RESULTS, 1):
        kind, observed = _observed(one.value)
        obr = [
            "OBR",
            "1",
            "",
            one.accession,
            "PANEL^anti-GM1",
            "",
            "",
            _moment(_COLLECTED),
            *[""] * 14,
            _moment(one.reported),
        ]
        obx = ["OBX", "1", kind, f"{one.test}^anti-GM1", "", observed, one.unit_written, "", one.interpretation, "", "",
               one.status, *[""] * 11, one.performer]  # fmt: skip
        segments += [
            f"MSH|^~\\&|SYNTHETIC|QUA|GM1|REG|20240402||ORU^R01^ORU_R01|{number}|P|2.5.1",
            f"PID|1||{one.patient}^^^QUA", "|".join(obr), "|".join(obx), f"SPM|1|{one.accession}||{one.specimen}",
        ]  # fmt: skip
    path.write_text("".join(f"{segment}\r" for segment in segments), newline="")


def _fhir_value(one: Result) -> dict[str, Any]:
    comparator = one.value[: len(one.value) - len(one.value.lstrip("<>="))]
    rest = one.value[len(comparator) :]
    compared = {"comparator": comparator} if comparator else {}
    if one.value in FHIR_REASONS:
        return {"dataAbsentReason": {"coding": [{"code": FHIR_REASONS[one.value]}]}}
    if rest.startswith("1:"):
        return {"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": int(rest[2:])} | compared}}
    if rest.replace(".", "", 1).isdigit():
        # the digits as they are: 30.0 is not 30
        return {"valueQuantity": {"value": f"@{rest}@", "unit": one.unit_written} | compared}
    if one.value in COMMON["result"]["words"]:
        return {"valueCodeableConcept": {"text": one.value}}
    return {"valueString": one.value} if one.value else {}


def write_fhir(path: Path) -> None:
    """NDJSON: the laboratory, then for each result patient, specimen and observation."""
    statuses = {"F": "final", "C": "amended", "P": "preliminary", "W": "entered-in-error", "X": "cancelled"}
    performers = dict.fromkeys(one.performer for one in RESULTS)
    resources: list[dict[str, Any]] = [
        {"resourceType": "Organization", "id": name, "name": name} for name in performers
    ]
    for number, one in enumerate(RESULTS):
        coded = {"interpretation": [{"coding": [{"code": one.interpretation}]}]} if one.interpretation else {}
        issued = one.reported.astimezone(UTC).isoformat().replace("+00:00", "Z")
        resources += [
            {"resourceType": "Patient", "id": f"p{number}", "identifier": [{"value": one.patient}]},
            {"resourceType": "Specimen", "id": f"s{number}", "identifier": [{"value": one.accession}],
             "type": {"coding": [{"code": one.specimen}]}},
            {"resourceType": "Observation", "id": f"o{number}", "status": statuses[one.status],
             "code": {"coding": [{"system": "urn:quarry", "code": one.test}]},
             "subject": {"reference": f"Patient/p{number}"}, "specimen": {"reference": f"Specimen/s{number}"},
             "performer": [{"reference": f"Organization/{one.performer}"}],
             "effectiveDateTime": _COLLECTED.isoformat(), "issued": issued, **_fhir_value(one), **coded},
        ]  # fmt: skip
    lines = [json.dumps(resource).replace('"@', "").replace('@"', "") for resource in resources]
    path.write_text("".join(f"{line}\n" for line in lines))
