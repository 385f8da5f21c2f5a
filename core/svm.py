"""Support vector machines with a radial kernel, fitted by scikit-learn (libsvm).

Cortes and Vapnik (1995).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Integer
from sklearn.svm import SVC


def fit_svm(
    x: Float[np.ndarray, "samples features"],
    labels: Integer[np.ndarray, " samples"],
    c: float,
    gamma: float,
) -> SVC:
    """With K(x, x′) = exp(−γ ‖x − x′‖² / features), one machine for each pair of classes.

    Divided by the number of features, γ means the same whatever their number: if their mean
    variance is 1, two samples are on average at ‖x − x′‖² / features = 2.
    """
    return SVC(kernel="rbf", C=c, gamma=gamma / x.shape[1]).fit(x, labels)
