"""F4: activations and losses: slopes, one unit, dying units, softmax, margins."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.activations import dying, losses, shapes, softmax, unit

MATHS = r"""
**Forward, then back.** A unit sums its inputs and bends the sum, $z = w\cdot x + b$, $h = f(z)$.
The error $E$ reaches the weights through the slope of the bend:

$$\gradient{\frac{\partial E}{\partial w}} = \frac{\partial E}{\partial h}\;f'(z)\;x$$

Where $f'(z) = 0$ this is zero, however large $\partial E/\partial h$ is. Through $L$ layers the
gradient is multiplied by $L$ slopes: of the sigmoid's, ¼ at most, ten leave a millionth.

| | $f(z)$ | $f'(z)$ | under 1 % |
| --- | --- | --- | --- |
| ReLU | $\max(0, z)$ | $1$ where $z > 0$, else $0$ | $z \le 0$ |
| leaky ReLU | $z$ where $z > 0$, else $sz$ | $1$ where $z > 0$, else $s$ | nowhere, if $s \ge 0.01$ |
| ELU | $z$ where $z > 0$, else $\alpha(e^z - 1)$ | $1$ where $z > 0$, else $\alpha e^z$ | $z < -4.6$, if $\alpha = 1$ |
| GELU | $z\,\Phi(z)$ | $\Phi(z) + z\,\varphi(z)$ | $z < -3.1$, and near $-0.75$ |
| softplus | $\log(1 + e^z)$ | $\sigma(z)$ | $z < -4.6$ |
| tanh | $(e^z - e^{-z})\,/\,(e^z + e^{-z})$ | $1 - \tanh^2 z \le 1$ | $\vert z\vert > 3.0$ |
| sigmoid | $\sigma(z) = 1\,/\,(1 + e^{-z})$ | $\sigma(z)\,(1 - \sigma(z)) \le \tfrac14$ | $\vert z\vert > 4.6$ |

$\Phi$ is the normal distribution's share below $z$, and $\varphi = \Phi'$ its density.

**One unit** with the error $E = \tfrac12(f(z) - t)^2$ moves by $z \leftarrow z - \eta\,\gradient{(f(z) - t)\,f'(z)}$.

**A dead unit** has $f'(z) = 0$ (here: under 0.001) at *every* training input. A step too long
pushes it there, and no gradient fetches it back. It wakes only where a layer before it moves.

**Softmax** at temperature $T$ makes shares of scores; its slopes are, with $\delta_{ij} = 1$ where $i = j$, else $0$,

$$p_i = \frac{e^{z_i/T}}{\sum_k e^{z_k/T}},\qquad \gradient{\frac{\partial p_i}{\partial z_j}} = \frac{p_i\,(\delta_{ij} - p_j)}{T}$$

so that a share near 0 or 1 hardly moves any more. $T \to 0$ gives all to the largest score,
$T \to \infty$ the same to each; the entropy $H = -\sum_k p_k \log p_k$ goes from $0$ to $\log 5$.
Taking $\max_k z_k$ from all scores changes no share, and no $e^z$ overflows.

**Losses of the margin** $m = y\,f(x)$ with $y = \pm1$; descent moves it by $-\eta\,\ell'(m)$.

| | $\ell(m)$ | $\ell'(m)$ | stops pushing |
| --- | --- | --- | --- |
| 0/1 | $1$ where $m \le 0$, else $0$ | $0$ | before it starts |
| perceptron | $\max(0, -m)$ | $-1$ where $m < 0$, else $0$ | at $m = 0$ |
| hinge | $\max(0, 1 - m)$ | $-1$ where $m < 1$, else $0$ | at $m = 1$ |
| squared hinge | $\max(0, 1 - m)^2$ | $-2\max(0, 1 - m)$ | at $m = 1$ |
| logistic | $\log(1 + e^{-m})$ | $-\sigma(-m)$ | never |
| exponential | $e^{-m}$ | $-e^{-m}$ | never |
| square | $(1 - m)^2$ | $-2\,(1 - m)$ | at $m = 1$; pulls back beyond |
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**Ten sigmoid layers.** At z = 0 the sigmoid is steepest. How much of a gradient "
        "is left behind ten of them?",
        answers=("about a quarter", "about 1 %", "a millionth"),
        right="a millionth",
        reveal="The steepest slope is ¼, and ¼ to the power of ten is 0.00000095. tanh reaches 1 "
        "at z = 0, but only there: watch how its window closes as you add layers. To the right "
        "of 0 the ReLU keeps all of it through any number of layers.",
        query={"activations": "relu,tanh,sigmoid"},
    ),
    Exercise(
        predict="**Asleep.** Four units start at z = −3 and shall put out 0.8. Who is there first?",
        answers=("ReLU", "leaky ReLU", "GELU", "sigmoid"),
        right="leaky ReLU",
        reveal="Leaky ReLU, at step 173: its slope down there is only 0.1, but it never fades. "
        "The sigmoid takes 401 steps. The ReLU never moves at all. GELU's slope is a little below "
        "zero there, so it drifts the wrong way, to where the slope is smaller still.",
        query={"scene": "unit"},
    ),
    Exercise(
        predict="**A step too long.** Now all start at z = 3, where ReLU, leaky ReLU and GELU are "
        "steep, but η is 2. Which units are stuck for good after a few steps?",
        answers=("none", "ReLU and GELU", "leaky ReLU"),
        right="ReLU and GELU",
        reveal="The first step throws the ReLU from 3 to −1.4, where its slope is zero: one step "
        "was enough to kill it. GELU lands at −1.4 too, where its slope is below zero: it slides "
        "on the wrong way until it is flat. Leaky ReLU climbs back, only to be thrown over again.",
        query={"scene": "unit", "start": "3.0", "learning_rate": "2.0"},
    ),
    Exercise(
        predict="**Dying young.** At a learning rate of 0.01 four of the 48 ReLU units are dead in "
        "the end. How many are at 0.1, and when do they die?",
        answers=("4", "30, most by step 10", "30, bit by bit"),
        right="30, most by step 10",
        reveal="The first step throws the loss from 2.2 to 43, and while the next ones mend that "
        "units go under: 23 are dead by step 10, and later few follow. The net fits worse with "
        "what is left, 0.12 against 0.014. With other seeds 21 to 31 die, but about half of those "
        "nets still fit well: there were units to spare.",
        query={"scene": "dying"},
    ),
    Exercise(
        predict="**Dead at birth.** All biases start at −3. The ReLU net's error stands at 0.51. "
        "What do 600 steps of training do to it?",
        answers=("It falls, but slowly", "It falls after a while", "Nothing"),
        right="Nothing",
        reveal="Nothing: a whole layer is dead, and behind it no weight gets a gradient. GELU "
        "starts just as badly, but its slope at −3 is small and not zero: it gets away, down to "
        "about 0.02. Choose leaky ReLU at a slope of 0.01: alive, and yet it hardly moves.",
        query={"scene": "dying", "bias": "-3.0", "other": "gelu"},
    ),
    Exercise(
        predict="**Too right.** The margin starts at 3, far on the right side. Which loss pulls it "
        "back?",
        answers=("none", "hinge", "square", "logistic"),
        right="square",
        reveal="The square loss: it wants the margin to be 1, not more, and so lets easy examples "
        "spoil the border. Hinge has long been content, and logistic and exponential still push "
        "on, ever more gently.",
        query={"scene": "losses", "start": "3.0"},
    ),
)

SOURCES = """
- Rosenblatt, F. (1958). The perceptron: a probabilistic model for information storage and organization in the brain.
- Cortes, C. and Vapnik, V. (1995). Support-vector networks (the hinge).
- Nair, V. and Hinton, G. (2010). Rectified linear units improve restricted Boltzmann machines.
- Glorot, X. and Bengio, Y. (2010). Understanding the difficulty of training deep feedforward neural networks.
- Maas, A., Hannun, A. and Ng, A. (2013). Rectifier nonlinearities improve neural network acoustic models (leaky ReLU).
- He, K. et al. (2015). [Delving deep into rectifiers](https://arxiv.org/abs/1502.01852) (the initial scale).
- Hinton, G., Vinyals, O. and Dean, J. (2015). [Distilling the knowledge in a neural network](https://arxiv.org/abs/1503.02531) (the temperature).
- Clevert, D.-A., Unterthiner, T. and Hochreiter, S. (2016). [Fast and accurate deep network learning by exponential linear units](https://arxiv.org/abs/1511.07289).
- Hendrycks, D. and Gimpel, K. (2016). [Gaussian error linear units](https://arxiv.org/abs/1606.08415).
- Lu, L. et al. (2019). [Dying ReLU and initialization](https://arxiv.org/abs/1903.06733).
"""  # noqa: E501

show(
    Lesson(
        entry=entry("activations"),
        scenes=(shapes.SCENE, unit.SCENE, dying.SCENE, softmax.SCENE, losses.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
