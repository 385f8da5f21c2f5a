"""F2: gradient descent: optimisers raced on a surface, and the map of where starts end."""

from core import optim
from core.descent.walkers import Walkers
from core.experiments import find
from core.optim import LABELS
from core.surfaces import spiral
from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, Preset, Scene, show
from dashboard.stage import Color, Contours, Curves, Heatmap, Line, Path, Stage, Surface

COLORS: dict[optim.OptimiserName, Color] = {
    "sgd": "c0",
    "momentum": "c1",
    "nesterov": "c2",
    "rmsprop": "c3",
    "adam": "c4",
    "adamw": "c5",
}
PATHS = tuple(Path(f"{n}.x", f"{n}.y", LABELS[n], color) for n, color in COLORS.items())
HEIGHTS = tuple(Line(f"{n}.f", LABELS[n], color) for n, color in COLORS.items())
SLOPES = tuple(Line(f"{n}.gradient", LABELS[n], color) for n, color in COLORS.items())

RACE = Stage(
    columns=(
        (
            Contours(
                title="Paths",
                note="click to choose the start",
                alt="Paths of the optimisers over the contours of the surface.",
                grid="surface",
                extent="extent",
                paths=PATHS,
                marks="minima",
                arrows="arrows",
                pick=True,
            ),
        ),
        (
            Surface(
                title="Surface",
                note="drag to turn",
                alt="The same paths on the surface in space.",
                grid="surface",
                extent="extent",
                paths=PATHS,
            ),
        ),
        (
            Curves(
                title="Height y",
                note="log scale",
                alt="Value of the surface at each optimiser's place, step by step.",
                lines=HEIGHTS,
                log_y=True,
            ),
            Curves(
                title="Slope |∇y|",
                note="log scale",
                alt="Norm of the gradient at each optimiser's place, step by step.",
                lines=SLOPES,
                log_y=True,
            ),
        ),
    ),
    widths=(1.1, 1, 0.9),
)

BASINS = Stage(
    columns=(
        (
            Heatmap(
                title="Where each start ends",
                note="grey: on its way",
                alt="For every start, which minimum it reached.",
                values="basin",
                extent="extent",
                scale="classes",
                classes=("minimum 1", "minimum 2", "minimum 3", "minimum 4"),
                x_title="x",
                y_title="y",
            ),
        ),
        (
            Heatmap(
                title="Steps it took",
                note="none yet where empty",
                alt="For every start, the number of steps until it reached a minimum.",
                values="steps",
                extent="extent",
                x_title="x",
                y_title="y",
            ),
        ),
        (
            Curves(
                title="Share of starts",
                alt="Shares of the starts that have converged and diverged, step by step.",
                lines=(
                    Line("converged", "converged", "right"),
                    Line("diverged", "diverged", "wrong"),
                ),
                y_range=(0.0, 1.0),
            ),
            Curves(
                title="Median height",
                note="log scale",
                alt="Median value of the surface over all starts, step by step.",
                lines=(Line("median", "median y", "data"),),
                log_y=True,
            ),
        ),
    ),
    widths=(1, 1, 0.9),
)

MATHS = r"""
**One rule.** Take a step against the slope; the *learning rate* λ says how far.

$$\data{x_{t+1}} = \data{x_t} - \lambda\,\gradient{\nabla y(x_t)}$$

The spiral is $y = r^2\left(\sin^2 u + 1\right)$ with $u = 6\theta + 2r$, and its gradient, worked
out by hand and free of divisions, is

$$\gradient{\nabla y} = 2\left(\sin^2 u + 1 + r\sin 2u\right)\begin{pmatrix}x\\y\end{pmatrix} + 6\sin 2u\begin{pmatrix}-y\\x\end{pmatrix}$$

**What the others remember.** Momentum keeps a velocity, $v \leftarrow \mu v + \gradient{\nabla y}$,
and steps along it; Nesterov looks at the slope one step ahead; RMSProp divides each coordinate by
the root of its mean square gradient; Adam does both, undoing the start from zero:

$$\data{x} \leftarrow \data{x} - \lambda\,\frac{\hat m}{\sqrt{\hat s} + \epsilon},\qquad \hat m = \frac{m}{1-\beta_1^t},\quad \hat s = \frac{s}{1-\beta_2^t}$$

with the running means $m \leftarrow \beta_1 m + (1-\beta_1)\,\gradient{\nabla y}$ and $s \leftarrow \beta_2 s + (1-\beta_2)\,\gradient{\nabla y}^2$.

**When does it stop?** When $y$ is within the tolerance, $10^{-3}$, of the minimum. Where no minimum
is known (the saddle, your own surface) it stops where the slope is that small. A point that leaves
$\pm 10^6$ or meets a number that is not finite has *diverged*. The height is drawn as
$\log(1 + y - y_{\min})$, so that the valley's floor and its walls fit in one picture.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**Ten times the step.** On the spiral, λ = 0.01 arrives at step 318. "
        "What does λ = 0.1 do from the same start?",
        answers=("It arrives about ten times sooner", "It overshoots and is lost", "No change"),
        right="It arrives about ten times sooner",
        reveal="It arrives at step 37. But this was luck: open *Basins* with λ = 0.1, and about "
        "one start in eight is thrown out. A rate is safe only for the steepest place on the way.",
        query={"optimisers": "sgd", "learning_rate": "0.1"},
    ),
    Exercise(
        predict="**Break it.** With λ = 1, from how many of 10,000 starts does plain gradient "
        "descent find the minimum?",
        answers=("nearly all", "about half", "none"),
        right="none",
        reveal="None: within eight steps every start is gone. Each step overshoots to where "
        "the surface is steeper still.",
        query={"scene": "basins", "learning_rate": "1.0"},
    ),
    Exercise(
        predict="**A narrow valley.** On the quadratic bowl, one direction is far steeper than the "
        "other. Who reaches the bottom first?",
        answers=("SGD", "Momentum", "Adam"),
        right="Momentum",
        reveal="Momentum, at step 91; SGD takes 448 and Adam 933. Along the valley's floor the "
        "slopes agree step after step, and momentum adds them up. Adam's steps are about λ long "
        "whatever the slope, so a small λ makes it walk.",
        query={"surface": "quadratic", "optimisers": "sgd,momentum,adam"},
    ),
    Exercise(
        predict="**On the ridge.** The saddle has no minimum. Starting exactly on its ridge, "
        "at y = 0, where does plain gradient descent end?",
        answers=("At the saddle point", "It falls off to the side", "It diverges"),
        right="At the saddle point",
        reveal="At the saddle point: on the ridge the slope never points sideways. Now click a "
        "hair's breadth beside the ridge: it lingers, then falls without end. In many dimensions "
        "noise does this nudge.",
        query={"surface": "saddle", "optimisers": "sgd,momentum,adam", "start_y": "0.0"},
    ),
    Exercise(
        predict="**Four minima.** Himmelblau's surface has four equally deep minima. "
        "Is the border between two basins a straight line?",
        answers=("Yes, halfway between", "No, it bends"),
        right="No, it bends",
        reveal="It follows the ridges, where the slope points along the border and not across. "
        "Now choose momentum: it flies over ridges, and the basins break up into stripes.",
        query={"scene": "basins", "surface": "himmelblau"},
    ),
)

SOURCES = """
- Cauchy, A. (1847). *Méthode générale pour la résolution des systèmes d'équations simultanées.*
- Polyak, B. (1964). Some methods of speeding up the convergence of iteration methods (momentum).
- Nesterov, Y. (1983). A method of solving a convex programming problem with convergence rate O(1/k²).
- Tieleman, T. and Hinton, G. (2012). Lecture 6.5: RMSProp.
- Kingma, D. and Ba, J. (2015). [Adam: a method for stochastic optimization](https://arxiv.org/abs/1412.6980).
- Loshchilov, I. and Hutter, F. (2019). [Decoupled weight decay regularization](https://arxiv.org/abs/1711.05101).
"""  # noqa: E501

show(
    Lesson(
        entry=entry("gradient_descent"),
        scenes=(
            Scene(
                key="race",
                name="Race",
                experiment="gradient_descent",
                stage=RACE,
                presets=(
                    Preset(name="Course", settings={"optimisers": ("sgd",)}),
                    Preset(name="Race"),
                    Preset(
                        name="Break it", settings={"optimisers": ("sgd",), "learning_rate": 1.0}
                    ),
                ),
                code=(
                    find("gradient_descent").step,
                    spiral.gradient,
                    *(optim.OPTIMISERS[name] for name in ("sgd", "momentum", "rmsprop", "adam")),
                ),
                picks=("start_x", "start_y"),
            ),
            Scene(
                key="basins",
                name="Basins",
                experiment="basins",
                stage=BASINS,
                presets=(
                    Preset(name="Course"),
                    Preset(name="Minima", settings={"surface": "himmelblau"}),
                    Preset(name="Break it", settings={"learning_rate": 1.0}),
                ),
                code=(find("basins").step, Walkers.move),
            ),
        ),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
