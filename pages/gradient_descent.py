"""F2: gradient descent: optimisers raced on a surface, and the map of where starts end."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.gradient_descent import basins, race

MATHS = r"""
**One rule.** At the place $p = (x, y)$ the height is $f(p)$. Take a step against the slope; the *learning rate* η says how far.

$$\data{p_{t+1}} = \data{p_t} - \eta\,\gradient{\nabla f(p_t)}$$

The spiral is $f = r^2\left(\sin^2 u + 1\right)$ with $u = 6\theta + 2r$ in polar coordinates, and its gradient, worked
out by hand and free of divisions, is

$$\gradient{\nabla f} = 2\left(\sin^2 u + 1 + r\sin 2u\right)\begin{pmatrix}x\\y\end{pmatrix} + 6\sin 2u\begin{pmatrix}-y\\x\end{pmatrix}$$

**What the others remember.** Momentum keeps a velocity, $v \leftarrow \mu v + \gradient{\nabla f}$,
and steps along it, $\data{p} \leftarrow \data{p} - \eta v$; Nesterov steps by $\gradient{\nabla f} + \mu v$, as if it looked one step ahead; RMSProp divides each coordinate by
the root of its mean square gradient; Adam does both, undoing the start from zero:

$$\data{p} \leftarrow \data{p} - \eta\,\frac{\hat m}{\sqrt{\hat s} + \epsilon},\qquad \hat m = \frac{m}{1-\beta_1^t},\quad \hat s = \frac{s}{1-\beta_2^t}$$

with the running means $m \leftarrow \beta_1 m + (1-\beta_1)\,\gradient{\nabla f}$ and $s \leftarrow \beta_2 s + (1-\beta_2)\,\gradient{\nabla f}^2$, each coordinate by itself.

**When does it stop?** When $f$ is within the tolerance, $10^{-3}$, of the minimum. Where no minimum
is known (the saddle, your own surface) it stops where the slope is that small. A point that leaves
$\pm 10^6$ or meets a number that is not finite has *diverged*. The height is drawn as
$\log(1 + f - f_{\min})$, so that the valley's floor and its walls fit in one picture.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**Ten times the step.** On the spiral, η = 0.01 arrives at step 318. "
        "What does η = 0.1 do from the same start?",
        answers=("It arrives about ten times sooner", "It overshoots and is lost", "No change"),
        right="It arrives about ten times sooner",
        reveal="It arrives at step 37. But this was luck: open *Basins* with η = 0.1, and about "
        "one start in eight is thrown out. A rate is safe only for the steepest place on the way.",
        query={"optimisers": "sgd", "learning_rate": "0.1"},
    ),
    Exercise(
        predict="**Break it.** With η = 1, from how many of 10,000 starts does plain gradient "
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
        "slopes agree step after step, and momentum adds them up. Adam's steps are about η long "
        "whatever the slope, so a small η makes it walk.",
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
        scenes=(race.SCENE, basins.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
