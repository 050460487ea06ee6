"""What the terminal says at the end of a run agrees with its numbers."""

import pytest

from pipeline.run import headline_sentence

RATE = {
    "rate": 0.2,
    "ci_low": 0.036,
    "ci_high": 0.624,
    "published_low": 0.3,
    "published_high": 0.8,
    "verdict": "too_few",
}


@pytest.mark.parametrize(
    ("n_positive", "said"),
    [(1, "1 of 5 MMN patients is IgM anti-GM1 positive"), (2, "2 of 5 MMN patients are IgM anti-GM1 positive")],
)
def test_one_patient_is_and_two_are(n_positive: int, said: str) -> None:
    sentence = headline_sentence({**RATE, "n_positive": n_positive, "n_tested": 5})
    assert sentence.startswith(said)
    assert sentence.endswith("against the published 30-80 %: too few")
