"""SQL that reads one result text: titre, number, word or no result; or the problem that keeps it from being one.

A titre is its reciprocal: `1:800` is 800 and `<1:400` says that the reciprocal is below 400. Every step is one layer of
columns, so that each is computed once.
"""

from pipeline.ingest.expressions import WIDE_SPACES, full_match, literal, meaning, plain_signs
from pipeline.ingest.values import number_pattern, plain_number
from pipeline.labs.model import TITRE_UNIT, FileShape, LabFormat

_COMPARATOR = "^(<=|>=|[<>\u2264\u2265])"
_GROUP = "[1-9][0-9]{0,2}"
_MARKS = {",": ",", ".": r"\.", "'": "['\u2019]", " ": f"[ {WIDE_SPACES}]"}
_TITRE_THOUSANDS = r"1 *[:/] *([0-9]{1,6}(?:[.,][0-9]{1,2})?) *[kK]"
_MONTH = "(?:jan|feb|m[aä]r|mrz|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-zä]*"
_TIME = "[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?[AaPp][Mm])?"
_DATE = "|".join((
    r"[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}(?:[T ].*)?",
    "[0-9]{1,2}[-/][0-9]{1,2}",
    rf"(?i:[0-9]{{1,2}}[-. ]{{0,2}}{_MONTH}[-. ]{{0,2}}[0-9]{{0,4}})",
    rf"(?i:{_MONTH}[-. ]{{0,2}}[0-9]{{1,4}})",
))  # fmt: skip
# Nothing measured lies below nothing: `<0` has lost its digits, or is another lab's way of saying something else.
_BELOW_NOTHING = "r_comparator = '<' AND coalesce(r_titre, r_count, r_number) = 0"
# A zero may be measured or stand where nothing was: the laboratory says by `words:` or `no_result:` what it means.
_ZERO = (
    "form IS DISTINCT FROM 'titre' AND (r_comparator = '' OR r_comparator = '<=') AND r_titre IS NULL AND r_number = 0"
)
_LOST = r"[?=]+ *(?:1 *[:/] *)?[0-9].*"


def _count(shape: FileShape, is_bare: bool) -> str:
    """The shape of a whole number with or without marks between its groups of three digits.

    Behind `1:` any mark is one between groups: a titre has no decimals. A bare number could be an index or a ratio, and
    a message writes every number with its decimal mark, so there that mark never stands between groups.
    """
    is_certain = not is_bare and not shape.is_message
    marks = [pattern for mark, pattern in _MARKS.items() if is_certain or mark != shape.decimal]
    return "|".join(["[0-9]{1,15}", *(f"{_GROUP}(?:{mark}[0-9]{{3}}){{1,4}}" for mark in marks)])


def signed_layer(lab_format: LabFormat) -> str:
    """The column r_signed: the text with its comparison sign in the usual spelling, also where words stand for it."""
    words = sorted(lab_format.comparator_words, key=len, reverse=True)
    cases = " ".join(
        f"WHEN starts_with(t_result, {literal(word)}) "
        f"THEN {literal(lab_format.comparator_words[word])} || ltrim(substr(t_result, {len(word) + 1}))"
        for word in words
    )
    signed = f"CASE {cases} ELSE {plain_signs('t_result')} END" if cases else plain_signs("t_result")
    return f"CASE WHEN ascii(t_result) BETWEEN 48 AND 57 THEN t_result ELSE {signed} END AS r_signed"


def split_layer() -> str:
    """Columns of the comparator ('' when there is none) and of what follows it, from the column r_signed."""
    signs = {"<": "<", ">": ">", "\u2264": "<=", "\u2265": ">="}
    cases = " ".join(f"WHEN {literal(sign)} THEN {literal(comparator)}" for sign, comparator in signs.items())
    return f"""
        CASE WHEN substr(r_signed, 1, 2) = '<=' OR substr(r_signed, 1, 2) = '>=' THEN substr(r_signed, 1, 2)
             ELSE CASE substr(r_signed, 1, 1) {cases} ELSE '' END END AS r_comparator,
        CASE WHEN ascii(r_signed) BETWEEN 48 AND 57 THEN {_without_unit("r_signed")}
             ELSE ltrim(regexp_replace({_without_unit("r_signed")}, {literal(_COMPARATOR)}, '')) END AS r_body"""


def _without_unit(text: str) -> str:
    """The text without a percent sign that only repeats the unit."""
    return f"CASE WHEN unit = '%' THEN regexp_replace({text}, ' ?[%\uff05]$', '') ELSE {text} END"


def candidate_layer(lab_format: LabFormat, status: str) -> str:
    """Columns of what the text could be: a titre's reciprocal, a bare count, a number, a word, no result.

    A status word (SQL `status`) may say by itself that there is no result; a value beside it is then none.
    """
    no_result = meaning("t_result", lab_format.no_result)
    if lab_format.no_result_statuses:
        no_result = f"coalesce({meaning(status, lab_format.no_result_statuses)}, {no_result})"
    shape = lab_format.shape
    titre = f"1 *[:/] *({_count(shape, is_bare=False)})"
    return f"""
        CASE WHEN {full_match("r_body", "1[:/][0-9]{1,15}")} THEN TRY_CAST(substr(r_body, 3) AS DOUBLE)
             WHEN {full_match("r_body", titre)} THEN {_digits(_group(titre))}
             WHEN {full_match("r_body", _TITRE_THOUSANDS)}
             THEN round(1000 * TRY_CAST(replace({_group(_TITRE_THOUSANDS)}, ',', '.') AS DOUBLE))
        END AS r_titre,
        CASE WHEN form IS DISTINCT FROM 'number' AND {full_match("r_body", _count(shape, is_bare=True))}
             THEN {_digits("r_body")} END AS r_count,
        CASE WHEN {full_match("r_body", number_pattern(shape))}
             THEN TRY_CAST({plain_number("r_body", shape)} AS DOUBLE) END AS r_number,
        {meaning("t_result", lab_format.result_words)} AS r_word,
        {no_result} AS r_no_result"""


def _group(pattern: str) -> str:
    """The first group of a whole match: unanchored, the first alternative that fits would win (`1` of `1:1,000`)."""
    return f"regexp_extract(r_body, {literal(f'^(?:{pattern})$')}, 1)"


def _digits(text: str) -> str:
    return f"TRY_CAST(regexp_replace({text}, '[^0-9]', '', 'g') AS DOUBLE)"


def form_expression() -> str:
    """What the text should be (titre, number or word; NULL: not said), from the columns k_reads and unit."""
    return f"coalesce(k_reads, CASE WHEN unit = {literal(TITRE_UNIT)} THEN 'titre' WHEN unit <> '' THEN 'number' END)"


def kind_layer(lab_format: LabFormat) -> str:
    """The column result_kind; NULL when the text cannot be read as what it should be."""
    return f"""
        CASE WHEN r_no_result IS NOT NULL THEN 'no_result'
             WHEN r_word IS NOT NULL THEN 'word'
             WHEN {_BELOW_NOTHING} OR {_ZERO} THEN NULL
             WHEN form IS NULL
             THEN CASE WHEN r_titre IS NOT NULL THEN 'titre' WHEN r_number IS NOT NULL THEN 'number' END
             WHEN form = 'titre' AND coalesce(r_titre, r_count) IS NOT NULL THEN 'titre'
             WHEN form = 'number' AND r_number IS NOT NULL THEN 'number' END AS result_kind"""


def outcome_layer() -> str:
    """The columns that are landed: problem, comparator, value, word and reason."""
    fraction = "form = 'titre' AND r_comparator = '' AND r_number > 0 AND r_number < 1"
    return f"""
        CASE WHEN result_kind IS NOT NULL THEN NULL
             WHEN t_result IS NULL THEN 'blank'
             WHEN {full_match("r_signed", _LOST)} THEN 'lost_comparator'
             WHEN {_BELOW_NOTHING} THEN 'unreadable'
             WHEN {_ZERO} THEN 'zero'
             -- a time of day that a spreadsheet turned back into a number
             WHEN {fraction} THEN 'excel_time'
             WHEN r_titre IS NOT NULL OR r_count IS NOT NULL OR r_number IS NOT NULL THEN 'wrong_form_for_unit'
             WHEN {full_match("r_body", _TIME)} THEN 'excel_time'
             WHEN {full_match("r_body", _DATE)} THEN 'excel_date'
             WHEN NOT regexp_matches(t_result, '[0-9]') THEN 'undeclared_word'
             ELSE 'unreadable' END AS result_problem,
        CASE result_kind WHEN 'titre' THEN r_comparator WHEN 'number' THEN r_comparator END AS comparator,
        CASE result_kind WHEN 'titre' THEN coalesce(r_titre, r_count) WHEN 'number' THEN r_number END AS value,
        CASE result_kind WHEN 'word' THEN r_word END AS word_meaning, r_no_result AS no_result_reason"""
