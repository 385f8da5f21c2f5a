"""G7: a robot learns to push a T by imitating: its plans are denoised like pictures."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.robot_policy import push, train

MATHS = r"""
**What is learnt.** A demonstrator looks, $O$ (the pusher and the T's eight corners, before and now: 36
numbers), and acts, $\data{A} = (a_0, \dots, a_{15})$, sixteen places for the pusher to make for. A
network learns to see the noise in noisy actions, *given* what was seen. Everything lies from −1 to 1.

$$\min_\theta\ \mathbb E\,\big\lVert \gradient{\epsilon} - \model{\epsilon_\theta}\big(\sqrt{\bar\alpha_t}\,\data{A} + \sqrt{1-\bar\alpha_t}\;\gradient{\epsilon},\ t,\ O\big)\big\rVert^2$$

**How the network listens.** It is a U-Net along the sixteen actions. In each block $O$ and $t$, as a
vector $c$, scale and shift every channel (FiLM): $h \leftarrow (1 + \gamma(c))\,h + \beta(c)$.

**Planning** is denoising from $A_{T} \sim \mathcal N(0, I)$ by DDIM, from $t$ to an earlier $s$. The
guess is pulled back onto the board; the noise is what then remains.

$$\model{\hat A} = \mathrm{clip}\Big(\frac{A_t - \sqrt{1-\bar\alpha_t}\;\model{\epsilon_\theta}}{\sqrt{\bar\alpha_t}}\Big),\qquad A_s = \sqrt{\bar\alpha_s}\,\model{\hat A} + \sqrt{1-\bar\alpha_s}\;\frac{A_t - \sqrt{\bar\alpha_t}\,\model{\hat A}}{\sqrt{1-\bar\alpha_t}}$$

**Acting.** The first $k$ actions are done (here 8), the others thrown away; then it looks and plans
again. Ten times a second the pusher at $p$ is given its next target $a$:
$\ddot p = 100\,(a - p) - 20\,\dot p$, a spring with just so much brake that it never overshoots.

**Why noise at all?** Where half the demonstrators went left and half right, the *mean* action runs
into the T. Each start of noise leads to one of the ways, never to their mean.

$$\text{covered} = \frac{|\,T \cap \right{G}\,|}{|\right{G}|},\qquad \text{done at } 95\,\%$$
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**x**",
        answers=("a", "b"),
        right="a",
        reveal="r",
        query={"chunk": "1"},
    ),
)

SOURCES = """
- Chi, C. et al. (2023). [Diffusion policy: visuomotor policy learning via action diffusion](https://arxiv.org/abs/2303.04137): task, demonstrations (MIT licence), receding horizon.
- Florence, P. et al. (2021). [Implicit behavioral cloning](https://arxiv.org/abs/2109.00137): the first Push-T, and why means fail.
- Song, J., Meng, C. and Ermon, S. (2021). [Denoising diffusion implicit models](https://arxiv.org/abs/2010.02502): planning in few steps.
- Nichol, A. and Dhariwal, P. (2021). [Improved denoising diffusion probabilistic models](https://arxiv.org/abs/2102.09672): the cosine schedule.
- Perez, E. et al. (2018). [FiLM: visual reasoning with a general conditioning layer](https://arxiv.org/abs/1709.07871).
- Physics: [pymunk](https://www.pymunk.org) on Chipmunk2D (MIT licence).
"""  # noqa: E501

show(
    Lesson(
        entry=entry("robot_policy"),
        scenes=(push.SCENE, train.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
