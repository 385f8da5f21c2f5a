"""Softmax: scores become shares. The temperature T divides the scores first.

T → 0 gives everything to the largest score, T → ∞ gives equal shares.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

Scores = Float[np.ndarray, "*batch classes"]


def softmax(logits: Scores, temperature: float = 1.0) -> Scores:
    """p_k = e^(z_k/T) / Σ_j e^(z_j/T)

    Taking the maximum from all scores changes no share, and no exponential overflows.
    """
    shifted = (logits - logits.max(axis=-1, keepdims=True)) / temperature
    powers = np.exp(shifted)
    return powers / powers.sum(axis=-1, keepdims=True)


def log_softmax(logits: Scores, temperature: float = 1.0) -> Scores:
    """log p_k = z_k/T − log Σ_j e^(z_j/T), exact where p_k itself is too small for a float."""
    shifted = (logits - logits.max(axis=-1, keepdims=True)) / temperature
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def jacobian(
    logits: Float[np.ndarray, " classes"], temperature: float = 1.0
) -> Float[np.ndarray, "classes classes"]:
    """∂p_i/∂z_j = p_i (δ_ij − p_j) / T: zero wherever a share is 0 or 1."""
    p = softmax(logits, temperature)
    return (np.diag(p) - np.outer(p, p)) / temperature


def entropy(logits: Scores, temperature: float = 1.0) -> Float[np.ndarray, "*batch"]:
    """H = −Σ p_k log p_k in nats: 0 when one class has all, log K when all have the same."""
    log_p = log_softmax(logits, temperature)
    return np.asarray(-(np.exp(log_p) * log_p).sum(axis=-1))


def naive_softmax(logits: Scores, temperature: float = 1.0) -> Scores:
    """The formula as it is written: NaN where an exponential overflows, for comparison."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        powers = np.exp(logits / temperature)
        return powers / powers.sum(axis=-1, keepdims=True)
