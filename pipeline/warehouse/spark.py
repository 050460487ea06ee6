"""The same models on Apache Spark: for a build that outgrows one machine, and the proof that it gives the same rows.

PySpark is imported here and nowhere else, and only when a session is asked for; neither it nor Java is part of an
ordinary installation. A model's text is turned from DuckDB's dialect into Spark's and is otherwise the one text.
"""

import os
import shutil
import subprocess
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp

from pipeline.errors import SettingsError
from pipeline.warehouse import figures, models

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PACKAGES = "pip install --no-deps --require-hashes --requirement requirements-spark.lock"
# How another Spark of the user's would get into this one: its place, its configuration, its server, its arguments.
_FOREIGN = ("SPARK_", "PYSPARK_")
_SPARK_TYPES = {"BIGINT": "bigint", "DOUBLE": "double", "VARCHAR": "string"}
_SECONDS_TO_END = 30
_LOGGING = """\
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %p %c{1}: %m%n
"""


def missing() -> str | None:
    """What this machine lacks to run Spark and how to get it, as a sentence; None when nothing is missing."""
    if find_spec("pyspark") is None:
        return f"Spark needs the package pyspark, which is no part of an ordinary installation: {PACKAGES}"
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=f"{home}/bin" if home else None) is None:
        return "Spark needs Java 17 on the PATH or in JAVA_HOME; on Debian: apt-get install openjdk-17-jre-headless"
    return None


@contextmanager
def session(
    folder: Path, master: str = "local[2]", settings: Mapping[str, str] | None = None
) -> Iterator["SparkSession"]:
    """A session that keeps its own files in `folder`; it and its Java process end with the block.

    `settings` replace those of `configuration` or add to them. Raises SettingsError when PySpark or Java is missing.
    """
    if lacks := missing():
        raise SettingsError(lacks)
    with warnings.catch_warnings():
        # no session of ours is given anything of pandas
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        from pyspark import SparkContext
        from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("gm1").master(master)
    for name, value in {**configuration(folder), **(settings or {})}.items():
        builder = builder.config(name, value)
    with _environment_of_its_own():
        spark = builder.getOrCreate()
    gateway = SparkContext._gateway
    try:
        yield spark
    finally:
        spark.stop()
        # stopping a session leaves its Java process for the next one
        SparkContext._gateway = SparkContext._jvm = None
        _end(gateway)


def configuration(folder: Path) -> dict[str, str]:
    """What makes a session answer as DuckDB does, reachable from this machine only, and fetch nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    logging = folder / "log4j2.properties"
    logging.write_text(_LOGGING, encoding="utf-8")
    return {
        # a wrong cast is an error and a decimal is written out in full, as in DuckDB
        "spark.sql.ansi.enabled": "true",
        # a time is what was written, in no zone
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        # what a filter says of a renamed column is worked out over and over, without end for models of many steps
        "spark.sql.constraintPropagation.enabled": "false",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.local.dir": str(folder / "local"),
        "spark.driver.memory": "1g",
        "spark.driver.extraJavaOptions":
            f"-Dlog4j2.configurationFile={logging.as_uri()} -Djava.net.preferIPv4Stack=true -Duser.timezone=UTC",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }  # fmt: skip


@contextmanager
def _environment_of_its_own() -> Iterator[None]:
    before = dict(os.environ)
    for name in before:
        if name.startswith(_FOREIGN):
            del os.environ[name]
    # else Java asks the network for this machine's name
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _end(gateway: Any) -> None:
    """Ends the Java process behind `gateway`, which lives until its standard input is closed."""
    gateway.shutdown()
    process: subprocess.Popen[bytes] = gateway.proc
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@dataclass(frozen=True, slots=True)
class Step:
    """One named part of a model, or with the model's own name its result, in Spark's dialect."""

    name: str
    sql: str
    is_shared: bool


def steps(model: models.Model) -> list[Step]:
    """The parts of a model in order, its result last; sqlglot's UnsupportedError where Spark cannot say a part."""
    query: Any = sqlglot.parse_one(model.sql, read="duckdb")
    uses = Counter(table.name for table in query.find_all(exp.Table))
    parts = [Step(part.alias, _said(part.this), uses[part.alias] > 1) for part in query.ctes]
    if parts:
        query.find(exp.With).pop()
    return [*parts, Step(model.name, _said(query), is_shared=False)]


def _said(query: Any) -> str:
    return str(query.sql("spark", unsupported_level=sqlglot.ErrorLevel.RAISE, comments=False))


def build(spark: "SparkSession", sql_dir: Path, given: Mapping[str, "DataFrame"], folder: Path) -> dict[str, Path]:
    """Runs every model of `sql_dir` on the input and rule tables `given`; says where in `folder` each is, as Parquet.

    What is computed between models is computed here as well, from the counts that Spark hands over. An error of Spark's
    carries the name of its model.
    """
    for name, frame in given.items():
        frame.createOrReplaceTempView(name)
    found = {model.name: model for model in models.load_models(sql_dir)}
    places: dict[str, Path] = {}
    for name in models.in_order(found.values(), {**dict.fromkeys(given, ()), **figures.AFTER}):
        if name in given:
            continue
        try:
            frame = _selected(spark, found[name]) if name in found else _computed(spark, name)
            places[name] = folder / name
            frame.write.mode("overwrite").parquet(str(places[name]))
        except Exception as error:
            error.add_note(f"while making {name} on Spark")
            raise
        # read back, so that a model starts from rows and not from the text of all models before it
        spark.read.parquet(str(places[name])).createOrReplaceTempView(name)
    return places


def _selected(spark: "SparkSession", model: models.Model) -> "DataFrame":
    """The rows of a model. Spark would work a part out again wherever it is read, so one that is read twice is kept."""
    *parts, result = steps(model)
    for part in parts:
        frame = spark.sql(part.sql)
        (frame.localCheckpoint() if part.is_shared else frame).createOrReplaceTempView(part.name)
    return spark.sql(result.sql)


def _computed(spark: "SparkSession", name: str) -> "DataFrame":
    def ask(sql: str) -> Sequence[Sequence[Any]]:
        return [tuple(row) for row in spark.sql(sql).collect()]

    types = figures.TYPES[name]
    rows = [tuple(row[column] for column in types) for row in figures.computed(name, ask)]
    return spark.createDataFrame(rows, ", ".join(f"{column} {_SPARK_TYPES[kind]}" for column, kind in types.items()))
