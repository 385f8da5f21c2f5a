"""F5: batch norm, derived node by node and in deep networks; dropout with and without rescaling."""

from core.data.typed import read_table
from core.experiments import find
from core.experiments.foundations.dropout import drop
from core.nets import derivation
from core.nets.derivation import EDGES
from core.nets.layers.batch_norm import BatchNorm
from core.nets.layers.dropout import Dropout
from core.nets.towers import Towers
from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, OwnData, Preset, Scene, show
from dashboard.stage import (
    Bars,
    Color,
    Curves,
    Edge,
    Graph,
    Heatmap,
    Line,
    Node,
    Plot,
    Rule,
    Stage,
    Tokens,
    Trace,
)

PLACES = {
    "z": ("z", (0.0, 1.0)),
    "mu": (r"\mu", (1.0, 0.0)),
    "var": (r"\sigma^2", (1.0, 2.0)),
    "running_mean": (r"\bar{\mu}", (2.0, 0.0)),
    "running_var": (r"\bar{\sigma}^2", (2.0, 2.0)),
    "u": ("u", (3.0, 1.0)),
    "gamma": (r"\gamma", (5.0, 0.0)),
    "beta": (r"\beta", (5.0, 2.0)),
    "y": ("y", (4.0, 1.0)),
    "loss": ("L", (5.0, 1.0)),
}
CONSTANT = ("running_mean", "running_var")  # no gradient goes there
LABEL_AT = {("mu", "var"): 0.25, ("mu", "u"): 0.45, ("var", "u"): 0.45, ("z", "u"): 0.6}


def partial(edge: tuple[str, str]) -> str:
    """∂end/∂start in LaTeX; nothing for running means, through which no gradient goes."""
    start, end = (PLACES[name][0] for name in edge)
    plain = any(name in CONSTANT for name in edge)
    return "" if plain else rf"\frac{{\partial {end}}}{{\partial {start}}}"


DERIVATION = Stage(
    columns=(
        (
            Graph(
                title="Batch norm as a graph",
                note="blue: values; purple: gradients of L; point at a node or an edge for more",
                alt="The quantities of batch norm, from z over μ, σ² and u to y and the loss.",
                nodes=tuple(
                    Node(
                        key=name,
                        label=label,
                        at=at,
                        value=f"value.{name}",
                        gradient=None if name in CONSTANT else f"gradient.{name}",
                    )
                    for name, (label, at) in PLACES.items()
                ),
                edges=tuple(
                    Edge(
                        start=edge[0],
                        end=edge[1],
                        label=partial(edge),
                        local=".".join(("local", *edge)),
                        label_at=LABEL_AT.get(edge, 0.5),
                    )
                    for edge in EDGES
                ),
                progress="progress",
                active="active",
                flow="flow",
            ),
        ),
        (
            Tokens(
                title="Along the edges",
                note="marked: in use",
                alt="The local derivatives that are known, with their numbers.",
                tokens="factors",
                chosen="factor",
            ),
            Bars(
                title="∂L/∂z so far",
                note="marked: in the end",
                alt="The gradient of each example of the batch as the paths to it add up.",
                values="dz",
                names="rows",
                colors="gradient",
                target="aim",
            ),
        ),
    ),
    widths=(2.9, 1),
)

WITHOUT: Color = "c5"  # batch norm, on all panels of the training
WITH: Color = "c2"

TRAINING = Stage(
    columns=(
        (
            Plot(
                title="Loss against initial scale",
                note="validation",
                alt="Validation loss of networks from eleven initial scales, with and without.",
                lines=(
                    Trace("scales", "plain", "without", WITHOUT),
                    Trace("scales", "normalised", "with", WITH),
                ),
                rules=(
                    Rule("chance", "guessing", "soft"),
                    Rule("scale", "", "soft", axis="x"),
                ),
                log_x=True,
                y_range=(0.0, 2.8),
                x_title="initial scale",
            ),
            Bars(
                title="Right at this scale",
                note="validation",
                alt="Share of held-out digits that the networks looked at get right.",
                values="accuracies",
                names="ways",
                colors="right",
                unit="%",
            ),
        ),
        (
            Heatmap(
                title="Spread without",
                note="log₁₀ σ; grey: diverged",
                alt="Spread of the activations by layer and initial scale, without batch norm.",
                values="plain_spreads",
                extent="extent",
                scale="signed",
                value_range=(-4.0, 4.0),
                x_title="log₁₀ scale",
                y_title="layer",
            ),
            Heatmap(
                title="Spread with",
                note="log₁₀ σ",
                alt="Spread of the activations by layer and initial scale, with batch norm.",
                values="normalised_spreads",
                extent="extent",
                scale="signed",
                value_range=(-4.0, 4.0),
                x_title="log₁₀ scale",
                y_title="layer",
            ),
        ),
        (
            Plot(
                title="Activations by layer",
                note="mean ± spread",
                alt="Mean activation of each layer and its spread, with and without.",
                lines=(
                    Trace(
                        "layers", "plain_mean", "without", WITHOUT, band=("plain_low", "plain_high")
                    ),
                    Trace(
                        "layers",
                        "normalised_mean",
                        "with",
                        WITH,
                        band=("normalised_low", "normalised_high"),
                    ),
                ),
                y_range=(-1.0, 2.5),
                x_title="layer",
            ),
            Curves(
                title="Loss of 20 layers",
                note="median over the scales",
                alt="Validation loss over the steps, the median over all scales.",
                lines=(
                    Line("plain.20", "without", WITHOUT),
                    Line("normalised.20", "with", WITH),
                ),
                y_range=(0.0, 2.8),
            ),
        ),
    ),
    widths=(1.5, 1, 1),
)

KINDS: tuple[tuple[str, Color], ...] = (("without", "c9"), ("inverted", "c2"), ("plain", "c5"))


def logits(kind: str, title: str, color: Color) -> Plot:
    """The logits of one network in both modes."""
    return Plot(
        title=title,
        note="shares of the logits",
        alt="How often each logit occurs, in training and in evaluation.",
        lines=(
            Trace("logits", f"{kind}_training", "training", "soft", dashed=True),
            Trace("logits", f"{kind}_evaluation", "evaluation", color),
        ),
        y_range=(0.0, 0.2),
        x_title="logit",
    )


def shift(kind: str, title: str) -> Bars:
    """By what factor one network changes from training to evaluation."""
    return Bars(
        title=title,
        note="evaluation ÷ training",
        alt="Mean activations in evaluation divided by those in training.",
        values=f"{kind}_shift",
        names="parts",
        colors="model",
        target=1.0,
        value_range=(0.0, 5.0),
    )


DROPOUT = Stage(
    columns=(
        (
            logits("inverted", "Inverted: logits", "c2"),
            logits("plain", "Plain: logits", "c5"),
        ),
        (shift("inverted", "Inverted: shift"), shift("plain", "Plain: shift")),
        (
            Curves(
                title="Validation loss",
                note="in evaluation",
                alt="Loss on held-out digits in evaluation, over the steps.",
                lines=tuple(Line(f"{kind}.loss", kind, color) for kind, color in KINDS),
            ),
            Curves(
                title="Right",
                note="of held-out digits",
                alt="Share of held-out digits that are got right, over the steps.",
                lines=tuple(Line(f"{kind}.accuracy", kind, color) for kind, color in KINDS),
                y_range=(0.0, 1.0),
            ),
        ),
    ),
    widths=(1.5, 0.9, 1.1),
)

MATHS = r"""
**Forward.** A batch has $m$ examples $z_1 \dots z_m$ of each feature. Training measures them,
takes the mean off, divides by the deviation, and gives the network a new mean β and deviation γ:

$$\data{\mu} = \frac1m \sum_i \data{z_i},\qquad \data{\sigma^2} = \frac1m \sum_i (\data{z_i} - \data{\mu})^2,\qquad \data{u_i} = \frac{\data{z_i} - \data{\mu}}{\sqrt{\data{\sigma^2} + \epsilon}},\qquad \data{y_i} = \gamma\,\data{u_i} + \beta$$

**Back.** Each edge of the graph has a derivative of its own, all else held still:

$$\frac{\partial u_i}{\partial z_i} = \frac{1}{\sqrt{\sigma^2+\epsilon}},\qquad \frac{\partial u_i}{\partial \mu} = -\frac{1}{\sqrt{\sigma^2+\epsilon}},\qquad \frac{\partial u_i}{\partial \sigma^2} = -\frac{z_i-\mu}{2\,(\sigma^2+\epsilon)^{3/2}}$$

$$\frac{\partial \mu}{\partial z_i} = \frac1m,\qquad \frac{\partial \sigma^2}{\partial z_i} = \frac{2\,(z_i-\mu)}{m},\qquad \frac{\partial \sigma^2}{\partial \mu} = -\frac2m \sum_i (z_i - \mu) = 0$$

The chain rule multiplies along a path and adds over the paths, and over the batch where one number
serves all examples:

$$\gradient{\frac{\partial L}{\partial \gamma}} = \sum_i \gradient{\frac{\partial L}{\partial y_i}}\,u_i,\qquad \gradient{\frac{\partial L}{\partial \beta}} = \sum_i \gradient{\frac{\partial L}{\partial y_i}},\qquad \gradient{\frac{\partial L}{\partial u_i}} = \gamma\,\gradient{\frac{\partial L}{\partial y_i}}$$

$$\gradient{\frac{\partial L}{\partial \sigma^2}} = \sum_i \gradient{\frac{\partial L}{\partial u_i}}\,\frac{\partial u_i}{\partial \sigma^2},\qquad \gradient{\frac{\partial L}{\partial \mu}} = \sum_i \gradient{\frac{\partial L}{\partial u_i}}\,\frac{\partial u_i}{\partial \mu} + \gradient{\frac{\partial L}{\partial \sigma^2}}\,\frac{\partial \sigma^2}{\partial \mu}$$

$$\gradient{\frac{\partial L}{\partial z_i}} = \gradient{\frac{\partial L}{\partial u_i}}\,\frac{\partial u_i}{\partial z_i} + \gradient{\frac{\partial L}{\partial \sigma^2}}\,\frac{\partial \sigma^2}{\partial z_i} + \gradient{\frac{\partial L}{\partial \mu}}\,\frac{\partial \mu}{\partial z_i}$$

Put together, the two paths over the batch take the mean, and the part along $u$, out of the gradient:

$$\gradient{\frac{\partial L}{\partial z_i}} = \frac{\gamma}{\sqrt{\sigma^2+\epsilon}} \left( \gradient{g_i} - \frac1m \sum_j \gradient{g_j} - u_i\,\frac1m \sum_j \gradient{g_j}\,u_j \right),\qquad \gradient{g_i} = \gradient{\frac{\partial L}{\partial y_i}}$$

**Evaluation.** One example has no batch. Running means stand in, the variance's without bias, and as
they are constants, only the path from $u$ straight to $z$ is left:

$$\bar\mu \leftarrow (1-\alpha)\,\bar\mu + \alpha\,\mu,\qquad \bar\sigma^2 \leftarrow (1-\alpha)\,\bar\sigma^2 + \alpha\,\frac{m}{m-1}\,\sigma^2,\qquad u = \frac{z - \bar\mu}{\sqrt{\bar\sigma^2 + \epsilon}}$$

**Why it helps.** With weights $a\,W$ in place of $W$, a layer's $z$, μ and σ all grow by the factor
$a$, and $u$ is the same but for ε. So no layer passes on the scale at which it started. Without it, a
ReLU layer multiplies the spread by about $a/\sqrt2$, and 20 layers by $(a/\sqrt2)^{20}$.

**Dropout** leaves out each unit with probability $p$. What stays is divided by $1-p$ (*inverted*), so
that the next layer's sum keeps its mean, and evaluation does nothing at all:

$$h_i' = \frac{k_i}{1-p}\,h_i,\qquad P(k_i = 1) = 1-p,\qquad \mathbb{E}[h_i'] = h_i$$

Without the division $\mathbb{E}[k_i h_i] = (1-p)\,h_i$: in evaluation the next layer meets
$1/(1-p)$ times what it was trained on, and the layer after that nearly the square of it.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**A derivative that many books get wrong.** σ² contains μ in every term. "
        "How large is ∂σ²/∂μ for the batch 1, 2, 4, 9?",
        answers=("−2 Σ zᵢ / m = −8", "−2 σ = −6.2", "0"),
        right="0",
        reveal="0, for every batch: ∂σ²/∂μ = −2/m · Σ (zᵢ − μ), and deviations from the mean add "
        "up to nothing. Step on to where ∂L/∂μ gains its second part: it stays as it is.",
        query={"scene": "derivation"},
    ),
    Exercise(
        predict="**Ask for larger outputs.** Let the loss be L = Σ yᵢ. Which way do the examples z "
        "move to lower it?",
        answers=("All of them down", "The largest down most", "None of them"),
        right="None of them",
        reveal="∂L/∂z is 0 for all: straight through u it is .487 each, but the path over μ takes "
        "that mean away again. And ∂L/∂γ = Σ uᵢ is 0 too. Only β feels such a loss.",
        query={"scene": "derivation", "loss": "sum"},
    ),
    Exercise(
        predict="**Two variances.** The batch 1, 2, 4, 9 has σ² = 9.5. The running variance starts "
        "at 1 and α = 0.1. Where is it after this batch?",
        answers=("0.9 + 0.95 = 1.85", "0.9 + 1.27 = 2.17"),
        right="0.9 + 1.27 = 2.17",
        reveal="2.17. Normalising divides by m = 4; the running variance takes the estimate "
        "without bias, 9.5 · 4/3 = 12.67. Mix up the two, and your batch norm agrees with "
        "PyTorch's in training but not in evaluation.",
        query={"scene": "derivation"},
    ),
    Exercise(
        predict="**A batch of two.** Let the batch be 1 and 2. About how large is ∂L/∂z?",
        answers=("About 1", "Nearly 0", "Very large"),
        right="Nearly 0",
        reveal="About 10⁻⁴, and without ε it were 0: of two numbers one always becomes −1 and the "
        "other 1, whatever they are. See what this does to training: choose *Training* and "
        "*Break it*, with batches of two. Of 11 networks of 20 layers none learns.",
        query={"scene": "derivation", "batch": "1; 2"},
    ),
    Exercise(
        predict="**Eleven scales, twenty layers.** From how many of the eleven initial scales do "
        "networks of 20 layers learn within 1,000 steps?",
        answers=("5 without, 11 with", "1 at most without, 11 with", "1 at most without, 3 with"),
        right="1 at most without, 11 with",
        reveal="With batch norm from all eleven. Without it only √2, He's scale for ReLU, has a "
        "chance, and there it hangs on the seed: seed 0 fails within 1,000 steps, seed 3 learns. "
        "At 10 layers it is 3 with seed 0, at 4 layers 8: the window closes with depth.",
        query={"scene": "training"},
    ),
    Exercise(
        predict="**Forget to rescale.** With p = 0.5 in both hidden layers and no rescaling, how "
        "much larger are the logits in evaluation than in training?",
        answers=("The same", "2 times", "Nearly 4 times"),
        right="Nearly 4 times",
        reveal="3.8 times after 1,500 steps: each layer doubles, and doubles what the one before "
        "has doubled. Its answers are as often right as those of the inverted net (85 %), but it "
        "is far too sure of them: its validation loss is 1.6, the other's 0.6.",
        query={"scene": "dropout"},
    ),
)

SOURCES = """
- Ioffe, S. and Szegedy, C. (2015). [Batch normalization: accelerating deep network training by reducing internal covariate shift](https://arxiv.org/abs/1502.03167).
- Santurkar, S., Tsipras, D., Ilyas, A. and Madry, A. (2018). [How does batch normalization help optimization?](https://arxiv.org/abs/1805.11604)
- He, K., Zhang, X., Ren, S. and Sun, J. (2015). [Delving deep into rectifiers](https://arxiv.org/abs/1502.01852) (the scale √2).
- Srivastava, N., Hinton, G., Krizhevsky, A., Sutskever, I. and Salakhutdinov, R. (2014). [Dropout: a simple way to prevent neural networks from overfitting](https://jmlr.org/papers/v15/srivastava14a.html).
- LeCun, Y., Bottou, L., Bengio, Y. and Haffner, P. (1998). Gradient-based learning applied to document recognition (MNIST).
"""  # noqa: E501

show(
    Lesson(
        entry=entry("batch_norm"),
        scenes=(
            Scene(
                key="derivation",
                name="Derivation",
                experiment="batch_norm",
                stage=DERIVATION,
                presets=(
                    Preset(name="Course"),
                    Preset(name="Evaluation", settings={"mode": "eval"}),
                    Preset(name="Break it", settings={"batch": "3; 3; 3; 3.01"}),
                ),
                code=(derivation.chain, derivation.Derivation.__call__, BatchNorm),
                speed=1,
                own_data=(
                    OwnData(
                        setting="batch",
                        types=("csv",),
                        help="A CSV of 2 to 8 rows, the examples, and 1 to 4 columns,"
                        " the features.",
                        read=read_table,
                    ),
                ),
            ),
            Scene(
                key="training",
                name="Training",
                experiment="batch_norm_training",
                stage=TRAINING,
                presets=(
                    Preset(name="Course"),
                    Preset(name="Large steps", settings={"learning_rate": 2.0}),
                    Preset(name="Break it", settings={"batch_size": 2}),
                ),
                code=(Towers.normalised, Towers.forward, find("batch_norm_training").step),
                speed=None,
            ),
            Scene(
                key="dropout",
                name="Dropout",
                experiment="dropout",
                stage=DROPOUT,
                presets=(
                    Preset(name="Course"),
                    Preset(name="Gentle", settings={"p": 0.2}),
                    Preset(name="Break it", settings={"p": 0.9}),
                ),
                code=(drop, find("dropout").step, Dropout),
                speed=100,
            ),
        ),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
