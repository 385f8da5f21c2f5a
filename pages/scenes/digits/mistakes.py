"""What is taken for what: counts, and the very digits that are misread."""

from dashboard.stage import Images, Matrix

DIGITS = tuple("0123456789")


def mistakes(whose: str) -> tuple[Matrix, Images]:
    """The panels of one column; `whose` stands in the note of the first."""
    return (
        Matrix(
            title="Confusions",
            note=whose,
            alt="Which held-out digits are taken for which.",
            values="confusion",
            names=DIGITS,
        ),
        Images(
            title="Misread",
            note="the first ten",
            alt="Digits that are taken for another, with what for what.",
            images="misread",
            columns=5,
            captions="mistakes",
        ),
    )
