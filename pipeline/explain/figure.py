"""A rate and the results it counts: how many patients stand where, and the query that lists the rows."""

from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from pipeline.errors import UsageError
from pipeline.explain.published import Row, published, rows
from pipeline.home import Home
from pipeline.settings import Settings

HEADLINE = ("primary", "MMN", "all", "all")
FORM = "ANALYSIS/POPULATION[/STRATUM/VALUE], such as primary/MMN/performing_lab/NRL"
_RATE = """
SELECT * FROM mart_positive_rate
WHERE analysis = $analysis AND population = $population AND stratum = $stratum AND stratum_value = $stratum_value"""
_FLOW = """
SELECT flow_class, count(*) AS n_patients FROM mart_patient WHERE population = $population GROUP BY ALL ORDER BY ALL"""
_STRATA = {
    "all": "",
    "performing_lab": "coalesce(p.performing_lab, 'not stated')",
    "assay": "concat(p.performing_lab, ': ', coalesce(p.assay_of_test, 'not stated'))",
    "period": "CASE WHEN p.dates_are_shifted THEN 'dates shifted' "
    "ELSE coalesce(CAST(extract(year FROM p.collected_on) AS VARCHAR), 'not stated') END",
    "criteria_set": "coalesce(p.criteria_set, 'not stated')",
    "label_rests_on_anti_gm1": "coalesce(p.label_rests_on_anti_gm1, 'unknown')",
}
_COUNTED = """SELECT d.sending_lab, d.file_name, d.place, d.arrival_id, d.row_number, d.slot, r.interpretation, r.rule_id
FROM mart_patient p
JOIN mart_result r ON r.row_id = p.chosen_row_id
JOIN mart_row_disposition d
  ON d.arrival_id = r.arrival_id AND d.row_number = r.row_number AND d.slot = r.slot AND d.record = 'titre'
WHERE {conditions}
ORDER BY r.row_id"""


@dataclass(frozen=True, slots=True)
class FigureExplained:
    """A row of mart_positive_rate and what it counts.

    `flow` has the patients of the population by the step at which they left, `interpretations` those counted by what
    their result means, `counted` the row of each, and `query` lists them in any DuckDB client.
    """

    figure: Row
    equivocal_counts_as: str
    flow: tuple[Row, ...]
    interpretations: tuple[Row, ...]
    counted: tuple[Row, ...]
    query: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values, fit for JSON."""
        return asdict(self)


def explain_figure(settings: Settings, what: str) -> FigureExplained:
    """What a rate counts; UsageError for one that the published warehouse does not hold."""
    parts = HEADLINE if what == "headline" else tuple(what.split("/", 3))
    if len(parts) == 2:
        parts = (*parts, "all", "all")
    if len(parts) != 4 or parts[2] not in _STRATA:
        raise UsageError(
            f"{what}: expected an export with the number of a row, headline, or {FORM}; strata are {', '.join(_STRATA)}"
        )
    named = dict(zip(("analysis", "population", "stratum", "stratum_value"), parts, strict=True))
    with published(Home.open(settings)) as connection:
        found = rows(connection, _RATE, named)
        if not found:
            raise UsageError(
                f"{what}: no such row in mart_positive_rate; give headline, {FORM}, or an export and a row"
            )
        return _explained(connection, found[0])


def _explained(connection: duckdb.DuckDBPyConnection, figure: Row) -> FigureExplained:
    (rule,) = rows(
        connection, "SELECT * FROM rule_analysis WHERE analysis = $analysis", {"analysis": figure["analysis"]}
    )
    query = _COUNTED.format(conditions="\n  AND ".join(_conditions(figure, rule)))
    counted = rows(connection, query)
    if len(counted) != figure["n_tested"]:
        raise AssertionError(f"the query lists {len(counted)} rows for {figure['n_tested']} patients tested")
    classes = [row["interpretation"] for row in counted]
    return FigureExplained(
        figure=figure, equivocal_counts_as=rule["equivocal_counts_as"],
        flow=tuple(rows(connection, _FLOW, {"population": figure["population"]})),
        interpretations=tuple({"interpretation": name, "n_patients": classes.count(name)} for name in sorted(set(classes))),
        counted=tuple(counted), query=query,
    )  # fmt: skip


def _conditions(figure: Row, rule: Row) -> list[str]:
    """What a patient must be to be counted, as core_rate_count says it."""
    conditions = [f"p.population = {_quoted(figure['population'])}", "p.interpretation IS NOT NULL"]
    if rule["equivocal_counts_as"] == "excluded":
        conditions.append("p.interpretation <> 'equivocal'")
    if rule["before_first_ivig_only"]:
        conditions.append("p.is_before_first_ivig")
    if figure["stratum"] != "all":
        conditions.append(f"{_STRATA[figure['stratum']]} = {_quoted(figure['stratum_value'])}")
    return conditions


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
