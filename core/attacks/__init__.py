"""Attacks: the smallest change of a picture that makes a classifier err, by its own gradient.

Each works on any classifier, a module from pixels (n, channels, rows, columns) in [0, 1] to logits
(n, classes), in the mode it is in, on the device it is on; `evaluate` wants it in `eval()`.
"""

from core.attacks.balls import Norm
from core.attacks.fgsm import fgsm
from core.attacks.gradient import input_gradient
from core.attacks.iterative_fgsm import iterative_fgsm
from core.attacks.pgd import pgd

__all__ = ["Norm", "fgsm", "input_gradient", "iterative_fgsm", "pgd"]
