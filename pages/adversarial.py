"""V4: adversarial examples: one picture step by step, many ε, training against it, gradients."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.adversarial import gradients, picture, sweep, training

MATHS = r"""
**The attacker's question.** A picture $\data{x}$ with pixels from 0 to 1 shows $y$; the net says
$\model{p} = \operatorname{softmax}(\model{z}(x))$ and its loss is $\ell(x, y) = -\log \model{p_y}$. Which change $\delta$ that nobody sees raises it most?

$$\max_{\lVert\gradient{\delta}\rVert \le \varepsilon}\ \ell(\data{x} + \gradient{\delta}, y)\qquad\text{with } \data{x} + \gradient{\delta} \in [0, 1]^d$$

**One step.** Near $x$ the loss is almost linear, $\ell(x + \delta) \approx \ell(x) + g^\top\delta$ with $g = \partial\ell/\partial x$, and a linear function is largest on the rim of the ball:

$$\lVert\delta\rVert_\infty \le \varepsilon:\quad \gradient{\delta} = \varepsilon\operatorname{sign}(g),\ \ g^\top\delta = \varepsilon\lVert g\rVert_1\qquad\qquad \lVert\delta\rVert_2 \le \varepsilon:\quad \gradient{\delta} = \varepsilon\,\frac{g}{\lVert g\rVert_2},\ \ g^\top\delta = \varepsilon\lVert g\rVert_2$$

The left one is the *fast gradient sign method* (FGSM). A change of 8/255 is one of 3 % for a pixel, but there are $d = 3 \cdot 32^2 = 3072$ of them, and all push the same way:
if $m$ is the mean of $|w_i|$, a linear unit $w^\top x$ moves by $\varepsilon\lVert w\rVert_1 = \varepsilon\,m\,d$. The more pixels, the less each needs to change.

**Many steps.** The loss is not quite linear, so go a little way, look again, and come back into the ball: $\Pi$ cuts
each pixel to $[x_i - \varepsilon, x_i + \varepsilon]$ (for the norm 2 it shortens $\delta$ to $\varepsilon$), and then to $[0, 1]$.

$$x^{(t+1)} = \Pi\Big(x^{(t)} + \alpha\,\gradient{\operatorname{sign}\frac{\partial\ell(x^{(t)}, y)}{\partial x}}\Big),\qquad x^{(0)} = x\ \text{(iterative FGSM)}\quad\text{or a random point of the ball (PGD)}$$

To make it take $x$ for a target $t$, go *down* the loss of the target: $-\alpha$ in the place of $\alpha$, $\ell(x, t)$ in the place of $\ell(x, y)$.

**Right and wrong pictures.** The chain rule begins at the logits, and there the gradient is what the net says less what is true:

$$\gradient{\frac{\partial\ell}{\partial z_c}} = \model{p_c} - [c = y],\qquad \gradient{\frac{\partial\ell}{\partial x}} = \sum_c \left(\model{p_c} - [c = y]\right)\frac{\partial z_c}{\partial x}$$

Of a picture that is surely right every term is almost 0, and so is the gradient. Its *sign* is there all the same, and FGSM asks for no more.

**Training against it.** The net minimises the largest loss in the ball, not the loss at its centre:

$$\min_\theta\ \mathbb E_{(x, y)}\ \max_{\lVert\delta\rVert_\infty \le \varepsilon}\ \ell_\theta(x + \delta, y)$$

Where $\delta^*$ is the worst change, the gradient of the maximum by $\theta$ is $\partial\ell_\theta(x + \delta^*, y)/\partial\theta$ (Danskin's theorem): so attack each batch, then descend on the attacked pictures.
PGD finds a good $\delta$, seldom the worst. With one step from a random point the cost is twice that of plain training; with seven it is eight times.

**Accuracy against ε.** A small ball lies in a larger one, so a picture fooled at $\varepsilon$ is fooled at all larger ones and need not be attacked again; FGSM's $g$ is at $x$ itself and serves all $\varepsilon$ at once.
What survives is an *upper bound* on robustness: a better attack may find more.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**The smallest step.** ε = 1: no pixel changes by more than one of 255 steps, and "
        "few screens would show it. Does the net still see the cat?",
        answers=("Yes, as before", "Yes, but less surely", "No"),
        right="No",
        reveal="No: it says dog. 3,072 numbers each give a little, and all push the same way: what "
        "counts is their sum.",
        query={"epsilon": "1.0"},
    ),
    Exercise(
        predict="**Noise.** Now the change is eight times as large, but random. What does the net "
        "make of it?",
        answers=("It still says cat", "It says something else", "It has no idea any more"),
        right="It still says cat",
        reveal="Still a cat, hardly less surely. Random pushes cancel: the sum of d of them grows "
        "as √d, that of pushes that agree as d. Chance never finds the one direction that "
        "matters; the gradient finds it at once.",
        query={"attack_steps": "1", "alpha": "0.01", "random_start": "True"},
    ),
    Exercise(
        predict="**As you like it.** Twenty steps down the loss of *frog*. Can the cat be made a "
        "frog, with no pixel off by more than 8?",
        answers=("No, it looks nothing like one", "Nearly", "Yes, and surely"),
        right="Yes, and surely",
        reveal="The net is as good as certain of a frog. Change the target while it runs, and the "
        "picture is led elsewhere.",
        query={"attack_steps": "20", "target": "frog"},
    ),
    Exercise(
        predict="**Surely right.** Picture 11 is a truck, and the net is as good as certain of it: "
        "the gradient is almost nothing. What does a single step of FGSM do?",
        answers=("Almost nothing", "It shakes the net a little", "It makes it err"),
        right="It makes it err",
        reveal="It makes it err. The gradient is short, since p − 1 is nearly 0, but FGSM asks for "
        "its sign alone. A smaller ε would not do here: sure pictures lie farther from the border "
        "than others, yet not 8/255 away.",
        query={"picture": "11", "attack_steps": "1", "alpha": "1.0"},
    ),
    Exercise(
        predict="**The price.** The plain net has 78 % of untouched pictures right, and none under "
        "PGD with ε = 8/255. The robust net keeps 38 % there. How many untouched ones?",
        answers=("About 78 %", "About 67 %", "About 38 %"),
        right="About 67 %",
        reveal="About 67 %, with two layers more. To stay put under every change of 8/255 it must "
        "do without the fine marks that the plain net lives on, and a net this small has not much "
        "else. The curves cross below ε = 1/255.",
        query={"scene": "sweep"},
    ),
)

SOURCES = """
- Szegedy, C. et al. (2014). [Intriguing properties of neural networks](https://arxiv.org/abs/1312.6199): there are such pictures.
- Goodfellow, I., Shlens, J. and Szegedy, C. (2015). [Explaining and harnessing adversarial examples](https://arxiv.org/abs/1412.6572): FGSM, and why linearity is enough.
- Kurakin, A., Goodfellow, I. and Bengio, S. (2017). [Adversarial examples in the physical world](https://arxiv.org/abs/1607.02533): the iterative method, targets.
- Madry, A. et al. (2018). [Towards deep learning models resistant to adversarial attacks](https://arxiv.org/abs/1706.06083): PGD and the min-max problem.
- Wong, E., Rice, L. and Kolter, J. Z. (2020). [Fast is better than free](https://arxiv.org/abs/2001.03994): one step from a random point, and when that fails.
- Tsipras, D. et al. (2019). [Robustness may be at odds with accuracy](https://arxiv.org/abs/1805.12152): what the gradients of robust nets look like.
- Pictures: CIFAR-10, A. Krizhevsky (2009).
"""  # noqa: E501

show(
    Lesson(
        entry=entry("adversarial"),
        scenes=(picture.SCENE, sweep.SCENE, training.SCENE, gradients.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
