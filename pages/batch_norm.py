"""F5: batch norm, derived node by node and in deep networks; dropout with and without rescaling."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.batch_norm import derivation, dropout, training

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
$a > 0$, and $u$ is the same but for ε. So no layer passes on the scale at which it started. Without
it, and with weights $a\,N(0, 1)/\sqrt{\text{inputs}}$, a ReLU layer multiplies the root mean square of
what it is given by about $a/\sqrt2$, and 20 layers by $(a/\sqrt2)^{20}$.

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
        reveal="Nearly 4 times: each layer doubles, and doubles what the one before has doubled. "
        "The answers hardly suffer, as the largest logit stays the largest: 91 % are right. But "
        "the net is far too sure of them: after 1,000 steps its validation loss is 0.77, that of "
        "the rescaled net 0.33.",
        query={"scene": "dropout"},
    ),
    Exercise(
        predict="**Is it worth it?** 1,000 digits to learn from, and a net of 119,000 weights. "
        "Leaving out every second unit, does it read held-out digits better?",
        answers=("Worse: half of it is missing", "About as well", "Better"),
        right="Better",
        reveal="Better: 92.2 % right in place of 90.6 %, and a validation loss of 0.33 in place of "
        "0.42. With each of five seeds it was better in both. Without dropout the loss was "
        "0.36 after 500 steps and has risen since: the net learns its digits by heart.",
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
        scenes=(derivation.SCENE, training.SCENE, dropout.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
