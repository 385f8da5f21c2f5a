"""Sums of products, written out."""

from __future__ import annotations

from collections.abc import Sequence


def written(weights: Sequence[float], values: Sequence[float]) -> str:
    """Such as "1·20 + (−4)·35": a weight and a value to each product."""
    return " + ".join(
        f"{number(w)}·{number(v)}" if w >= 0 else f"({number(w)})·{number(v)}"
        for w, v in zip(weights, values, strict=True)
    )


def number(value: float) -> str:
    """Four digits, or all of those before the point."""
    text = f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    return text.replace("-", "−")
