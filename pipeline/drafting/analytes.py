"""What the name of a test says about antigen and isotype. GM1 is never found inside another name."""

import re
import unicodedata

_NOISE = re.compile(
    r"\b(anti|ak|ab|abs|antik(o|oe)rper|antibod(y|ies)|anticorps|antistoffen?|antistof|anticorpi|auto|monosialo|"
    r"ganglioside?s?|gangliosid|elisa|eia|ia|serum|ser|titer|titre|ttr|index|idx|screen(ing)?|scr|qual|quant|result)\b"
)
_ISOTYPES = (
    ("IgG+IgM", r"ig ?g ?(/|\+|und|and|et|og|en|e|,| ) ?(ig)? ?m|ig ?m ?(/|\+|und|and|et|og|en|e|,| ) ?(ig)? ?g"),
    ("IgM", r"ig ?m"), ("IgG", r"ig ?g"), ("IgA", r"ig ?a"),
)  # fmt: skip
# Names that hold "GM1" and are something else come first; `tail` letters give the isotype of codes such as GM1M.
_ANTIGENS = (
    # "aGM1" is left alone: it may be short for asialo-GM1 or for anti-GM1
    ("asialo-GM1", r"asialo ?-? ?gm ?1|ga ?1|asgm ?1"),
    ("GM1:GalC", r"gm ?1 ?[:/+] ?gal ?-?c|galc ?[:/+] ?gm ?1"),
    ("Co-GM1", r"co ?-? ?gm ?1"),
    ("NP-9", r"np ?-? ?9"),
    ("GM1", r"gm ?1"), ("GM2", r"gm ?2"), ("GD1a", r"gd ?1 ?a"), ("GD1b", r"gd ?1 ?b"), ("GQ1b", r"gq ?1 ?b"),
    ("GT1b", r"gt ?1 ?b"), ("GalC", r"gal ?-?c|galactocerebroside?"), ("other", r"gm ?3|gt ?1 ?a|gd ?3|sulfatide?|mag|ns6s"),
)  # fmt: skip
_TAILS = {"m": "IgM", "g": "IgG", "a": "IgA"}


def antigen_of(name: str) -> str | None:
    """The canonical antigen that a name stands for; None when it names none, or more than one."""
    return _read(name)[0]


def isotype_of(name: str) -> str | None:
    """The canonical isotype that a name stands for; None when it names none."""
    return _read(name)[1]


def _read(name: str) -> tuple[str | None, str | None]:
    text = unicodedata.normalize("NFKC", name).casefold().replace("_", " ").replace("ö", "o")
    text = re.sub(r"\([^)]*(%|ml|iv|titer|titre)[^)]*\)", " ", text)
    text = " ".join(_NOISE.sub(" ", text.replace("-", " - ")).replace(" - ", "-").split()).strip(" -")
    isotype = None
    for meaning, pattern in _ISOTYPES:
        if found := re.search(rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])", text):
            isotype = meaning
            text = f"{text[: found.start()]} {text[found.end() :]}"
            break
    found_antigens = []
    for meaning, pattern in _ANTIGENS:
        if found := re.search(rf"(?<![a-z0-9])(?:{pattern})(?:[ -]?([mga])(?:k|ab)?)?(?![a-z0-9:])", text):
            found_antigens.append(meaning)
            isotype = isotype or _TAILS.get(found[found.re.groups] or "")
            text = f"{text[: found.start()]} {text[found.end() :]}"
    return (found_antigens[0] if len(found_antigens) == 1 else None), isotype
