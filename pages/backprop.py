"""F3: backprop from scratch: the graph, the gradient check, a net beside its twin, Jacobians."""

from core.backprop.twins import Twins
from core.backprop.two_layers import EDGES
from core.data.rainfall import keep_places
from core.experiments import find
from core.experiments.foundations.backprop_graph import BackpropGraph
from core.nets import layers
from core.probes import gradient_check, jacobians
from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, OwnData, Preset, Scene, show
from dashboard.stage import (
    Bars,
    Curves,
    Edge,
    Graph,
    Heatmap,
    Line,
    Node,
    Plot,
    Points,
    Rule,
    Scatter,
    Stage,
    Trace,
)

PLACES = {
    "x": ("x", (0.0, 1.0)),
    "W1": ("W_1", (1.0, 0.0)),
    "b1": ("b_1", (1.0, 2.0)),
    "z": ("z", (1.0, 1.0)),
    "h": ("h", (2.0, 1.0)),
    "W2": ("W_2", (3.0, 0.0)),
    "b2": ("b_2", (3.0, 2.0)),
    "s": ("s", (3.0, 1.0)),
    "t": ("t", (4.0, 2.0)),
    "L": ("L", (4.0, 1.0)),
}

GRAPH = Stage(
    columns=(
        (
            Graph(
                title="The net as a graph",
                note="blue: values; purple: gradients of L; point at a node for its shape",
                alt="Inputs, parameters, hidden units, scores and loss of a 2-layer net.",
                nodes=tuple(
                    Node(
                        key=name,
                        label=label,
                        at=at,
                        value=name,
                        gradient=None if name == "t" else f"d{name}",
                    )
                    for name, (label, at) in PLACES.items()
                ),
                edges=tuple(Edge(start=start, end=end) for start, end in EDGES),
                progress="progress",
                active="active",
            ),
        ),
        (
            Points(
                title="What the net says",
                note="XOR",
                alt="The four corners, and the class the net gives to every place around them.",
                points="corners",
                labels="classes",
                classes=("same", "differ"),
                background="regions",
                extent=(-2, 2, -2, 2),
                size=14,
            ),
            Curves(
                title="Loss L",
                note="log scale",
                alt="The loss over the four corners, step by step.",
                lines=(Line("loss", "loss", "model"),),
                log_y=True,
            ),
        ),
    ),
    widths=(2.6, 1),
)

CHECK = Stage(
    columns=(
        (
            Plot(
                title="Slopes, in two ways",
                note="right ones are on the line",
                alt="Every checked slope, by backward against by finite differences.",
                lines=(Trace("line", "line", "equal", "soft", dashed=True),),
                scatters=(
                    Scatter("layer1", "layer 1", "c0"),
                    Scatter("layer2", "layer 2", "c1"),
                    Scatter("layer3", "layer 3", "c2"),
                ),
                x_title="backward",
                y_title="differences",
            ),
        ),
        (
            Bars(
                title="Digits that agree",
                note="at least",
                alt="To how many digits backward and differences agree, for each parameter.",
                values="digits",
                names="names",
                colors="right",
                target=5.0,
                value_range=(0.0, 12.0),
            ),
            Heatmap(
                title="Relative error",
                note="log₁₀; biases below",
                alt="The relative error of every slope, layer beside layer.",
                values="errors",
                value_range=(-10.0, 0.0),
                x_title="outputs of layer 1, 2, 3",
                y_title="inputs",
            ),
        ),
        (
            Plot(
                title="Which h?",
                note="not too small, not too large",
                alt="Median and largest relative error of the checked slopes against h.",
                lines=(
                    Trace("sizes", "typical", "median", "data"),
                    Trace("sizes", "worst", "worst", "wrong"),
                ),
                rules=(Rule("h", "your h", axis="x"),),
                log_x=True,
                log_y=True,
                y_range=(1e-12, 10.0),
                x_title="h",
                y_title="relative error",
            ),
        ),
    ),
    widths=(1.5, 1, 1),
)

RAINFALL = Stage(
    columns=(
        (
            Heatmap(
                title="Measured",
                note="means of the training stations",
                alt="The target at the training points, on a map.",
                values="measured",
                extent="extent",
                value_range="range",
                x_title="longitude",
                y_title="latitude",
            ),
            Heatmap(
                title="Learnt",
                note="by the NumPy net, near stations",
                alt="What the net predicts, on the same map.",
                values="learnt",
                extent="extent",
                value_range="range",
                x_title="longitude",
                y_title="latitude",
            ),
        ),
        (
            Plot(
                title="Held-out points",
                note="predicted against measured",
                alt="Prediction against measurement at points the net was not trained on.",
                lines=(Trace("line", "line", "equal", "soft", dashed=True),),
                scatters=(Scatter("held_out", "", "model"),),
                x_title="measured",
                y_title="predicted",
            ),
            Curves(
                title="Mean squared error",
                note="standardised, log scale",
                alt="Training loss, and held-out errors of the net and of its twin, by epoch.",
                lines=(
                    Line("loss", "training", "data"),
                    Line("validation", "NumPy", "model"),
                    Line("twin", "PyTorch", "ink", dashed=True),
                ),
                log_y=True,
                x_title="epoch",
            ),
        ),
        (
            Curves(
                title="Gradients |∂L/∂W|",
                note="log scale",
                alt="Norm of the gradient by each layer's weight, the mean over the epoch.",
                lines=(
                    Line("gradient1", "layer 1", "c0"),
                    Line("gradient2", "layer 2", "c1"),
                    Line("gradient3", "layer 3", "c2"),
                ),
                log_y=True,
                x_title="epoch",
            ),
            Curves(
                title="Twins apart by",
                note="log scale",
                alt="Largest difference between the predictions of the net and of its twin.",
                lines=(Line("apart", "apart", "wrong"),),
                log_y=True,
                x_title="epoch",
            ),
        ),
    ),
    widths=(2, 1, 1),
)


def jacobian(
    values: str, title: str, note: str, x_title: str, y_title: str, reach: float = 1.0
) -> Heatmap:
    """A panel of one Jacobian: outputs down, inputs across."""
    return Heatmap(
        title=title,
        note=note,
        alt=f"The Jacobian {title}, a number for each pair of output and input.",
        values=values,
        scale="signed",
        value_range=(-reach, reach),
        x_title=x_title,
        y_title=y_title,
    )


JACOBIANS = Stage(
    columns=(
        (
            jacobian("net", "∂s/∂x by backward", "a row per pass", "x", "s", 0.5),
            jacobian("differences", "∂s/∂x by differences", "a column per input", "x", "s", 0.5),
        ),
        (
            jacobian("linear1", "∂z/∂x", "W₁ᵀ", "x", "z"),
            jacobian("linear2", "∂s/∂h", "W₂ᵀ", "h", "s"),
        ),
        (
            jacobian("activation", "∂h/∂z", "f′ on the diagonal", "z", "h"),
            jacobian("weight", "∂z/∂W₁", "mostly zeros", "W₁", "z", 2.0),
        ),
    ),
    widths=(1.5, 1, 1),
)

MATHS = r"""
**Forward.** A net is a chain of simple functions; here two linear layers with a nonlinearity $f$ between them:

$$\data{z} = \data{x}W_1 + b_1,\qquad \data{h} = f(\data{z}),\qquad \data{s} = \data{h}W_2 + b_2,\qquad L = \ell(\data{s}, t)$$

**Backward.** Each layer is told how the loss moves with its output, $\gradient{dy} = \partial L/\partial y$, and answers with the same for its input and its parameters:

| layer | forward | backward |
| --- | --- | --- |
| linear | $y = xW + b$ | $\gradient{dx} = \gradient{dy}\,W^\top,\quad \gradient{dW} = x^\top\gradient{dy},\quad \gradient{db} = \sum_n \gradient{dy_n}$ |
| ReLU, leaky ReLU | $y = \max(x, 0)$; below zero $y = ax$ | $\gradient{dx} = \gradient{dy}\odot[x > 0]$; below zero $\gradient{dx} = a\,\gradient{dy}$ |
| sigmoid, tanh | $y = \sigma(x)$; $y = \tanh x$ | $\gradient{dx} = \gradient{dy}\odot y(1-y)$; $\gradient{dx} = \gradient{dy}\odot(1-y^2)$ |
| softplus, GELU | $y = \log(1 + e^x)$; $y = x\,\Phi(x)$ | $\gradient{dx} = \gradient{dy}\odot\sigma(x)$; $\gradient{dx} = \gradient{dy}\odot(\Phi(x) + x\,\varphi(x))$ |
| dropout | $y = x\odot m$ with $m = 0$ or $\frac{1}{1-p}$ | $\gradient{dx} = \gradient{dy}\odot m$ |
| batch norm | $y = \gamma\hat x + \beta$ with $\hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}}$ | $\gradient{dx} = \frac{\gamma}{\sqrt{\sigma^2 + \epsilon}}\left(\gradient{dy} - \overline{\gradient{dy}} - \hat x\,\overline{\gradient{dy}\,\hat x}\right),\quad \gradient{d\gamma} = \sum_n\gradient{dy_n}\hat x_n,\quad \gradient{d\beta} = \sum_n\gradient{dy_n}$ |
| convolution | $y_{fij} = b_f + \sum_{cuv} W_{fcuv}\,x_{c,\,i+u,\,j+v}$ | $\gradient{dx_{ckl}} = \sum_{fuv} W_{fcuv}\,\gradient{dy_{f,\,k-u,\,l-v}},\quad \gradient{dW_{fcuv}} = \sum_{nij}\gradient{dy_{fij}}\,x_{c,\,i+u,\,j+v}$ |
| max-pool | $y$ is the largest $x$ of a window | $\gradient{dx} = \gradient{dy}$ there, 0 elsewhere |
| softmax loss | $L = -\frac1N\sum_n\log p_{n,t_n}$ | $\gradient{dx_{nj}} = \frac1N\left(p_{nj} - [j = t_n]\right)$ |
| SVM loss | $L = \frac1N\sum_n\sum_{j\ne t_n}\max(0, x_{nj} - x_{nt_n} + 1)$ | $\gradient{dx_{nj}} = \frac1N[x_{nj} - x_{nt_n} + 1 > 0]$ for $j \ne t_n$, and minus their sum at $t_n$ |
| MSE, BCE | $L = \frac1N\sum_n(x_n - t_n)^2$; $L = \frac1N\sum_n\left(\log(1 + e^{x_n}) - t_n x_n\right)$ | $\gradient{dx} = \frac2N(x - t)$; $\gradient{dx} = \frac1N(\sigma(x) - t)$ |

**Why it is cheap.** The chain rule multiplies Jacobians,

$$\frac{\partial L}{\partial x} = \frac{\partial L}{\partial s}\,\frac{\partial s}{\partial h}\,\frac{\partial h}{\partial z}\,\frac{\partial z}{\partial x},$$

and backprop multiplies from the left, where a single row stands: every product is a row times a matrix, and no Jacobian is ever built.

**Update.** Stochastic gradient descent with momentum μ and weight decay λ, for every parameter θ:

$$v \leftarrow \mu v + \gradient{\nabla_\theta L} + \lambda\theta,\qquad \theta \leftarrow \theta - \eta v$$

**Is it right?** Move one number by $\pm h$ and compare,

$$\frac{L(\theta + h) - L(\theta - h)}{2h} = \frac{\partial L}{\partial\theta} + \frac{h^2}{6}L''' + \dots,\qquad \text{relative error} = \frac{|a - n|}{\max(|a|, |n|, 10^{-4})}$$

with $a$ from backward and $n$ from the difference. Rounding adds about $10^{-16}L/h$, so $h$ is best neither large nor small. A lone slope that disagrees beside a ReLU may be its kink: try another $h$ or seed.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**Whom to blame?** In the graph the bias $b_1$ is added to all four corners. "
        "What is its gradient made of theirs?",
        answers=("their mean", "their sum", "the largest"),
        right="their sum",
        reveal="Their sum: $b_1$ moves every row of $z$, and what moves the loss in several ways "
        "collects what comes back from each. The mean over the batch is already in the loss. "
        "Point at $z$ and at $b_1$ and add a column up.",
        query={"scene": "graph"},
    ),
    Exercise(
        predict="**XOR with one unit.** With learning rate η = 1, three tanh units give every "
        "corner its class after 20 iterations. Can a single hidden unit?",
        answers=("Yes, later", "No, never"),
        right="No, never",
        reveal="Never: one unit sees one direction of the plane and rises along it, so it cannot "
        "give both ends another class than the middle. It stops at three of four. The gradient "
        "tells each weight its share of the error, but not that a unit is missing.",
        query={"scene": "graph", "pace": "iteration", "learning_rate": "1.0", "hidden": "1"},
    ),
    Exercise(
        predict="**Bug B.** Every slope that is not zero disagrees, and backward gives always "
        "0.0625 of it. The batch has 16 rows. What went wrong?",
        answers=("A bias is not summed", "Divided by the batch size twice", "The label is missing"),
        right="Divided by the batch size twice",
        reveal="The loss is a mean over the batch already, and somebody divided once more: "
        "1/16 = 0.0625, from the loss down to the first layer. Training would only seem slow. "
        "Try a batch of 8: the factor becomes 0.125.",
        query={"scene": "check", "bug": "B"},
    ),
    Exercise(
        predict="**Bug A.** Layer 3 is right, everything before it is wrong, by no common factor. "
        "What lies between layers 2 and 3?",
        answers=("the loss", "dropout", "a ReLU"),
        right="a ReLU",
        reveal="A ReLU whose backward lets pass what is above zero in the *gradient*, instead of "
        "where the *input* was. Now find C (only biases), D (everything, by no common factor) and "
        "E (only layer 1, by 1 − p): averaged biases, a softmax without the “minus one” at the "
        "label, and a dropout that forgets to rescale.",
        query={"scene": "check", "bug": "A"},
    ),
    Exercise(
        predict="**A smaller step is more exact?** The check uses h = 10⁻⁵. "
        "What does h = 10⁻¹² do to it?",
        answers=("More digits agree", "Fewer agree", "Nothing"),
        right="Fewer agree",
        reveal="Fewer: the two losses agree in nearly all of their 16 digits, and the difference "
        "is what is left of them, rounding. At 10⁻² the ReLU's kinks are in the way instead. "
        "In float32 no h is good: check gradients in float64.",
        query={"scene": "check", "h": "1e-12"},
    ),
    Exercise(
        predict="**Would you have noticed?** The net that learns rainfall has bug C: its biases "
        "get a 32nd of their gradient. Its twin in PyTorch explains 90 % of the held-out "
        "variance. And the net?",
        answers=("about 90 %", "about 50 %", "0 %"),
        right="about 90 %",
        reveal="89.6 %: the weights make up for it, and nobody would notice without a check. "
        "With bug A all units of layer 2 die in the first epoch, and it explains nothing.",
        query={"scene": "rainfall", "bug": "C"},
    ),
    Exercise(
        predict="**Why nobody builds Jacobians.** A layer of 1,000 × 1,000 weights and a batch of "
        "128: how many numbers has ∂z/∂W?",
        answers=("a million", "128 million", "128 billion"),
        right="128 billion",
        reveal="128,000 outputs times 1,000,000 weights are 128 billion, a terabyte in float64, "
        "999 of 1,000 of them zero. Backward needs only $x^\\top\\,dy$, a million numbers.",
        query={"scene": "jacobian", "batch": "3"},
    ),
)

SOURCES = """
- Rumelhart, D., Hinton, G. and Williams, R. (1986). [Learning representations by back-propagating errors](https://www.nature.com/articles/323533a0). *Nature* 323.
- Weston, J. and Watkins, C. (1999). Support vector machines for multi-class pattern recognition.
- Srivastava, N. et al. (2014). [Dropout: a simple way to prevent neural networks from overfitting](https://jmlr.org/papers/v15/srivastava14a.html).
- Ioffe, S. and Szegedy, C. (2015). [Batch normalization](https://arxiv.org/abs/1502.03167).
- Rainfall: Global Historical Climatology Network of NOAA, as averaged in the R package *fields*.
"""  # noqa: E501

show(
    Lesson(
        entry=entry("backprop"),
        scenes=(
            Scene(
                key="graph",
                name="Graph",
                experiment="backprop_graph",
                stage=GRAPH,
                presets=(
                    Preset(name="Step by step"),
                    Preset(name="Train", settings={"pace": "iteration"}),
                    Preset(
                        name="Break it",
                        settings={"pace": "iteration", "loss": "mse", "learning_rate": 3.0},
                    ),
                ),
                code=(
                    BackpropGraph.forward_backward,
                    BackpropGraph.update,
                    layers.Linear,
                    layers.Tanh,
                    layers.SoftmaxCrossEntropy,
                    layers.SGD,
                ),
                speed=2,
            ),
            Scene(
                key="check",
                name="Check",
                experiment="gradient_check",
                stage=CHECK,
                presets=(
                    Preset(name="Right"),
                    Preset(name="Convolution", settings={"net": "conv"}),
                    Preset(name="Break it", settings={"bug": "A"}),
                ),
                code=(
                    gradient_check.centred_difference,
                    gradient_check.relative_error,
                    find("gradient_check").step,
                    layers.ReLU,
                    layers.Dropout,
                    layers.BatchNorm,
                    layers.Conv,
                    layers.MaxPool,
                ),
            ),
            Scene(
                key="rainfall",
                name="Rainfall",
                experiment="rainfall",
                stage=RAINFALL,
                presets=(
                    Preset(name="Course"),
                    Preset(name="Fast", settings={"epochs": 100}),
                    Preset(name="Break it", settings={"bug": "A", "epochs": 100}),
                ),
                code=(
                    Twins.train,
                    Twins.train_twin,
                    layers.Linear,
                    layers.ReLU,
                    layers.MSE,
                    layers.SGD,
                ),
                speed=None,
                own_data=OwnData(
                    setting="data",
                    types=("csv", "npz", "pt"),
                    help="Two inputs and a target: an `.npz` or `.pt` with `x_train` (N, 2),"
                    " `y_train`, `x_val`, `y_val` and, if you like, `x_test`; or a CSV of x1, x2, y"
                    " and train, val or test; at most 5,000 points each. *Export* then gives the"
                    " predictions.",
                    read=keep_places,
                ),
            ),
            Scene(
                key="jacobian",
                name="Jacobian",
                experiment="jacobians",
                stage=JACOBIANS,
                presets=(
                    Preset(name="One row"),
                    Preset(name="A batch", settings={"batch": 3}),
                    Preset(name="Gates", settings={"activation": "relu"}),
                ),
                code=(
                    jacobians.jacobian_row,
                    jacobians.jacobian_column,
                    find("jacobians").step,
                    layers.Linear.backward,
                ),
                speed=2,
            ),
        ),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
