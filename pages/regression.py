"""F1: regression: a line found by walking downhill, and a curve learnt by five small networks."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.regression import curve, line

MATHS = r"""
**A line.** Points are made as $\data{y} = \alpha x + \beta + e$ with noise $e \sim N(0, \sigma^2)$. The
model has two numbers of its own, and its loss is the mean squared error over a batch $B$:

$$\model{\hat y} = \hat\alpha x + \hat\beta,\qquad L(\hat\alpha, \hat\beta) = \frac1{|B|}\sum_{i\in B}\left(\model{\hat y_i} - \data{y_i}\right)^2$$

The loss says how wrong; its gradient says which way to turn each number:

$$\gradient{\frac{\partial L}{\partial\hat\alpha}} = \frac2{|B|}\sum_{i\in B}\left(\model{\hat y_i} - \data{y_i}\right)x_i,\qquad \gradient{\frac{\partial L}{\partial\hat\beta}} = \frac2{|B|}\sum_{i\in B}\left(\model{\hat y_i} - \data{y_i}\right)$$

**The same by linear algebra.** $L$ is a bowl with one lowest point. Put a row $(x_i, 1)$ for each
point into $X$: there, $X^\top X\,(\hat\alpha, \hat\beta)^\top = X^\top \data{y}$. This is *least squares*.
It needs no walk, but works only for models that are linear in their numbers. The walk works for all.

**AdamW** steps by about the learning rate η in each number, whatever the gradient's size, and lets
weights decay a little: $w \leftarrow (1 - 0.01\eta)\,w - \eta\,\hat m/(\sqrt{\hat s} + \epsilon)$, where
$\hat m$ and $\hat s$ are running means of $\gradient{\nabla L}$ and of its square, freed of their start from zero.

**A curve.** $\data{y} = f(x) + \sigma(x)\,e$, and the model is a network of two hidden layers,
$\model{\hat y} = W_3\,\phi\left(W_2\,\phi(W_1 x + b_1) + b_2\right) + b_3$ with $\phi(u) = \max(0, u)$ or another activation.

**No model gets below the noise.** On points it has not seen, whatever $\model{\hat y(x)}$ is,

$$\mathbb E\left(\model{\hat y} - \data{y}\right)^2 = \mathbb E\left(\model{\hat y} - f\right)^2 + \mathbb E\,\sigma(x)^2 \;\ge\; \mathbb E\,\sigma(x)^2$$

$f$ is not known in earnest, yet neighbours tell the noise: points with almost the same x have almost
the same $f(x)$. What is left between a target and the mean of its $k$ nearest training neighbours
has the variance $\sigma^2(1 + 1/k)$, so its mean square times $k/(k+1)$ estimates the noise.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**Zero loss?** The noise has σ = 1. Where does the loss of the line come to rest?",
        answers=("at 0", "at about ½", "at about 1"),
        right="at about 1",
        reveal="At .93, and the very best line has no less. What is left is the mean square of the "
        "noise, here .93 where σ² = 1 would be usual. No line can know what was drawn by chance.",
        query={"noise": "1.0"},
    ),
    Exercise(
        predict="**A few points at a time.** With batches of 16, an epoch has 100 updates instead "
        "of one. Does the walk come to rest at the lowest point?",
        answers=("Yes, and sooner", "It comes near and trembles", "It goes astray"),
        right="It comes near and trembles",
        reveal="It is near within a few epochs and then wanders, up to 4 % away: every "
        "batch has a bowl of its own, a little beside the true one. Now lower the learning rate to "
        "0.0001 while it runs: the trembling dies down, and it stays within half a per cent.",
        query={"batch_size": "16"},
    ),
    Exercise(
        predict="**Where the data end.** The networks have seen x from −3 to 3 only. What do they "
        "say at x = 3.8, where the truth is 1.3?",
        answers=("about 1.3", "the same wrong value, all five", "five different wrong values"),
        right="five different wrong values",
        reveal="From .2 to .5: a ReLU network goes on in straight lines, each in its own. Their "
        "spread, wide there and narrow where data are, warns of it. But choose *Smooth*: five tanh "
        "networks agree on .4 there, to within .03, and are as wrong. Agreement is not truth.",
        query={"scene": "curve", "activation": "relu"},
    ),
    Exercise(
        predict="**Noise and spread.** At x = 2.5 the noise is four times that at x = −2.5. And "
        "the spread of the networks?",
        answers=("four times as well", "about the same", "a quarter"),
        right="about the same",
        reveal="About .02 at both. Noise is in the data, and nothing removes it. Spread is where "
        "the networks had to guess: it is small among the data and grows beyond their end.",
        query={"scene": "curve", "noise": "0.4"},
    ),
    Exercise(
        predict="**Two units a layer.** The same curve by networks of width 2. How many of the "
        "five come within 5 % of the noise?",
        answers=("all five", "one", "none"),
        right="one",
        reveal="One, so two units a layer can do it. The others get stuck: 5 of the 20 units end "
        "dead, 0 at every point, and a unit that is always 0 has no gradient. With ten units a "
        "layer a quarter of them die too, but enough are left for every seed. Width buys luck.",
        query={"scene": "curve", "width": "2"},
    ),
)

SOURCES = """
- Legendre, A.-M. (1805). *Nouvelles méthodes pour la détermination des orbites des comètes*: least squares.
- Glorot, X. and Bengio, Y. (2010). [Understanding the difficulty of training deep feedforward neural networks](https://proceedings.mlr.press/v9/glorot10a.html): the line's first weights.
- Loshchilov, I. and Hutter, F. (2019). [Decoupled weight decay regularization](https://arxiv.org/abs/1711.05101): AdamW.
- Lakshminarayanan, B. et al. (2017). [Simple and scalable predictive uncertainty estimation using deep ensembles](https://arxiv.org/abs/1612.01474): networks that differ by their seed.
- Devroye, L. et al. (2018). A nearest neighbor estimate of the residual variance. *Electronic Journal of Statistics* 12.
"""  # noqa: E501

show(
    Lesson(
        entry=entry("regression"),
        scenes=(line.SCENE, curve.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
