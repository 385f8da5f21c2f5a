"""F3: backprop from scratch: the graph, the gradient check, a net beside its twin, Jacobians."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.backprop import check, graph, jacobian, rainfall

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
| convolution | $y_{nfij} = b_f + \sum_{cuv} W_{fcuv}\,x_{nc,\,i+u,\,j+v}$ | $\gradient{dx_{nckl}} = \sum_{fuv} W_{fcuv}\,\gradient{dy_{nf,\,k-u,\,l-v}},\quad \gradient{dW_{fcuv}} = \sum_{nij}\gradient{dy_{nfij}}\,x_{nc,\,i+u,\,j+v},\quad \gradient{db_f} = \sum_{nij}\gradient{dy_{nfij}}$ |
| max-pool | $y$ is the largest $x$ of a window | $\gradient{dx} = \gradient{dy}$ there, 0 elsewhere |
| softmax loss | $L = -\frac1N\sum_n\log p_{n,t_n}$ | $\gradient{dx_{nj}} = \frac1N\left(p_{nj} - [j = t_n]\right)$ |
| SVM loss | $L = \frac1N\sum_n\sum_{j\ne t_n}\max(0, x_{nj} - x_{nt_n} + 1)$ | $\gradient{dx_{nj}} = \frac1N[x_{nj} - x_{nt_n} + 1 > 0]$ for $j \ne t_n$, and minus their sum at $t_n$ |
| MSE, BCE | $L = \frac1N\sum_n(x_n - t_n)^2$; $L = \frac1N\sum_n\left(\log(1 + e^{x_n}) - t_n x_n\right)$ | $\gradient{dx} = \frac2N(x - t)$; $\gradient{dx} = \frac1N(\sigma(x) - t)$ |

**Why it is cheap.** A Jacobian is a table of slopes: row $i$, column $j$ says how fast output $i$ grows with input $j$ when all other inputs stay. The chain rule multiplies Jacobians,

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
        scenes=(graph.SCENE, check.SCENE, rainfall.SCENE, jacobian.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
