"""How likely data is under samples, when the samples are smoothed into a density.

A Gaussian at each sample, with the samples' covariance times n^(−2/(d+4)): Scott (1992), as in
`scipy.stats.gaussian_kde`.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

PAIRS = 2**16  # of data and samples in the cache at a time
JITTER = 1e-9  # of the variance: samples on a line have a density too


def kde_nll(data: Float[Tensor, "data dim"], samples: Float[Tensor, "samples dim"]) -> float:
    """Mean negative log-likelihood of `data`, in nats per point."""
    count, dim = samples.shape
    centre = samples.double().mean(0)
    spread = (samples.double() - centre).T
    covariance = spread @ spread.T / (count - 1) * count ** (-2 / (dim + 4))
    floor = JITTER * (1e-3 + covariance.trace())
    root = torch.linalg.cholesky(covariance + floor * torch.eye(dim, dtype=torch.float64))
    kernels = torch.linalg.solve_triangular(root, spread, upper=False).T
    points = torch.linalg.solve_triangular(root, (data.double() - centre).T, upper=False).T

    # log Σ exp(−½|p − k|²), with the square written out so that one matrix product does the work
    half_kernels = -0.5 * kernels.square().sum(1)
    rows = torch.split(points, max(1, PAIRS // count))
    sums = torch.cat([torch.addmm(half_kernels, some, kernels.T).logsumexp(1) for some in rows])
    log_likelihood = (sums - 0.5 * points.square().sum(1)).mean()
    log_norm = math.log(count) + dim / 2 * math.log(2 * math.pi) + root.diagonal().log().sum()
    return float(log_norm - log_likelihood)
