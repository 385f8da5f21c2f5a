"""V1: convolution: the walk of a kernel, the flip, max-pooling."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.convolution import flip, pool, walk

MATHS = r"""
**The walk.** $\data{x}$ is the picture between $p$ rings of zeros, $\model{W}$ a kernel of $k \times k$ numbers, $s$ the stride and $d$ the
dilation. The same few weights are used at every place:

$$f_{ij} = \sum_{u=0}^{k-1}\sum_{v=0}^{k-1} \model{W_{uv}}\;\data{x_{\,si+du,\;sj+dv}}$$

**How many places?** The window covers $d(k-1)+1$ cells of $n+2p$, so its first cell has $n + 2p - d(k-1)$ places; every $s$-th is used:

$$\left\lfloor\frac{n + 2p - d(k-1) - 1}{s}\right\rfloor + 1$$

With $s = d = 1$ and odd $k$, $p = (k-1)/2$ keeps the size. **Weights:** $k^2$, whatever $n$; a dense layer from $n^2$ cells to as many has $n^4$.

**The flip.** What networks compute is *cross-correlation*, in one dimension without padding
$f_i = \sum_j \model{W_j}\,\data{x_{i+j}}$. *Convolution* runs through the kernel backwards:

$$(\model{W} * \data{x})_i = \sum_{j=0}^{k-1} \model{W_{j}}\;\data{x_{i+k-1-j}} = \sum_{j=0}^{k-1} \model{W_{k-1-j}}\;\data{x_{i+j}}$$

It is the same with the kernel flipped. A net learns its kernel, flipped or not, so nothing is lost. But only convolution
commutes, $W * x = x * W$, and gives back the kernel as it is for an impulse.

**Gradients.** Both are linear in $x$ and in $W$. For correlation at stride $s$, with $i$ counting outputs and padding left out:

$$\gradient{\frac{\partial f_i}{\partial x_m}} = \sum_j \model{W_j}\,[m = si + dj],\qquad \gradient{\frac{\partial f_i}{\partial W_j}} = \data{x_{si+dj}}$$

The first matrix has one kernel per row, moved on by $s$: at $s = 1$ it is constant along its diagonals, a *Toeplitz* matrix. The second
has one window per row (flipped for convolution). The chain rule sums over the outputs:

$$\gradient{\frac{\partial \ell}{\partial W_j}} = \sum_i \gradient{\frac{\partial \ell}{\partial f_i}}\,\data{x_{si+dj}},\qquad \gradient{\frac{\partial \ell}{\partial x_m}} = \sum_i \gradient{\frac{\partial \ell}{\partial f_i}} \sum_j \model{W_j}\,[m = si + dj]$$

At $s = d = 1$ the first is a cross-correlation of the signal with the gradient, and the second a full *convolution* of the kernel with it: the flip comes back
on the way back.

**Max-pooling** has no weights. Its gradient goes to the largest cell of each window and nowhere else; where windows overlap, a cell that wins several gets the sum:

$$f_{ij} = \max_{u,v}\ \data{x_{si+du,\,sj+dv}},\qquad \gradient{\frac{\partial \ell}{\partial x_{m}}} = \sum_{ij} \gradient{\frac{\partial \ell}{\partial f_{ij}}}\,[m\text{ is the largest of window } ij]$$
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**Every other place.** 14 × 14 cells, a kernel of 3 × 3, no padding, stride 2. "
        "How many outputs along a side?",
        answers=("5", "6", "7"),
        right="6",
        reveal="⌊(14 − 2 − 1) / 2⌋ + 1 = ⌊5.5⌋ + 1 = 6. The last column of the picture is never "
        "under the window: what the floor throws away is not seen by anybody.",
        query={"scene": "walk", "stride": "2"},
    ),
    Exercise(
        predict="**Only differences.** The edge kernel walks over the square, without padding. "
        "What does it answer in the middle of the bright square?",
        answers=("a large number", "zero", "a number below zero"),
        right="zero",
        reveal="Zero, as on the dark ground outside: its weights sum to 0, so wherever all nine "
        "cells are alike the products cancel. Only the border answers: below zero on its "
        "bright side, above on its dark side.",
        query={"scene": "walk", "picture": "square", "pixels": "12"},
    ),
    Exercise(
        predict="**An impulse.** The signal is a single 1, the kernel 1 2 3. What does "
        "cross-correlation, the “convolution” of every network, give?",
        answers=("1 2 3", "3 2 1", "2 4 6"),
        right="3 2 1",
        reveal="3 2 1, the kernel mirrored: the window that begins two cells before the 1 meets "
        "it with its last weight, and it comes first. Convolution flips the kernel, and "
        "so gives 1 2 3.",
        query={"scene": "flip"},
    ),
    Exercise(
        predict="**Which weights matter?** x is 1 2 3 4 5, W is 1 0 −1, and 1 comes back from "
        "each of the three outputs. Which weight has the largest gradient?",
        answers=("the first", "the last", "the middle one, now 0"),
        right="the last",
        reveal="∂ℓ/∂W = 6, 9, 12: the sums of the columns of ∂f/∂W, whose rows are the windows 1"
        " 2 3, 2 3 4 and 3 4 5. The kernel's own numbers play no part: f is linear in W.",
        query={"scene": "flip", "signal": "1 2 3 4 5", "kernel": "1 0 -1"},
    ),
    Exercise(
        predict="**Overlap.** Max-pooling with windows of 3 × 3 at stride 1. How often can one "
        "cell win?",
        answers=("once", "up to 3 times", "up to 9 times"),
        right="up to 9 times",
        reveal="A cell lies in up to nine windows and can win them all; then it gets nine times "
        "the gradient. On the flower at 14 × 14, 3 cells do. With stride 2 and windows of"
        " 2 × 2 no two windows share a cell.",
        query={"scene": "pool", "size": "3", "stride": "1", "picture": "flower"},
    ),
)

SOURCES = """
- Dumoulin, V. and Visin, F. (2016). [A guide to convolution arithmetic for deep learning](https://arxiv.org/abs/1603.07285). The sizes.
- LeCun, Y. et al. (1989). [Backpropagation applied to handwritten zip code recognition](https://doi.org/10.1162/neco.1989.1.4.541). Shared weights.
- Goodfellow, I., Bengio, Y. and Courville, A. (2016). [Deep Learning, chapter 9](https://www.deeplearningbook.org/contents/convnets.html). Convolution against cross-correlation, pooling.
- Digit: MNIST by Y. LeCun, C. Cortes and C. Burges (CC BY-SA 3.0). Photos: china.jpg and flower.jpg of scikit-learn (CC BY 2.0).
"""  # noqa: E501

show(
    Lesson(
        entry=entry("convolution"),
        scenes=(walk.SCENE, flip.SCENE, pool.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
