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

**The task.** The demonstrators themselves stopped at 86 to 97 %, half of them below 90 %.

$$\text{covered} = \frac{|\,T \cap \right{G}\,|}{|\right{G}|},\qquad \text{done at } 95\,\%$$
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**Will they agree?** The pusher is on the upper left, the T below it. Eight plans "
        "are made from one look, each from its own noise. How will they lie?",
        answers=("All alike", "Some left of the T, some right", "Fanned out evenly"),
        right="Some left of the T, some right",
        reveal="Press Home, then → one step at a time: of the first plans three end left of the T, "
        "five right of it, none where the T is. The demonstrators went both ways; which way a plan "
        "goes, its noise decides. A net that predicts the *mean* action would run into the T.",
        query={"start": "96"},
    ),
    Exercise(
        predict="**Look more often.** After every single action it looks and plans anew, instead "
        "of after eight (in five steps of denoising, which do as well). Will it push better?",
        answers=("Better: it sees more", "Just as well", "Worse: it cannot decide"),
        right="Worse: it cannot decide",
        reveal="Here it never comes to push: each plan has new noise, now for one way, now for the "
        "other, and the pusher dithers for 30 s. With eight actions it covers 91 %. Over 20 starts "
        "the target leaps twice as far from action to action (19 px, not 10) and two runs stand "
        "still at under 20 %.",
        query={"start": "17", "chunk": "1", "planning_steps": "5"},
    ),
    Exercise(
        predict="**Fewer denoising steps.** It was trained with 100 steps of noise. What do 5 do?",
        answers=("Push as well", "Half as well", "Not at all"),
        right="Push as well",
        reveal="Over the same 20 starts 5 steps cover 93 % at best, 10 cover 90 %, 100 cover 89 %: "
        "the differences are chance. Three still reach 82 %; with two, of which the first sees "
        "nothing but noise, the T is never moved.",
        query={"planning_steps": "5"},
    ),
    Exercise(
        predict="**Break it.** x̂₀ is no longer pulled back onto the board while it is denoised. "
        "What will the plans do?",
        answers=("Become a little rougher", "Fly off the board", "Stand still"),
        right="Fly off the board",
        reveal="At the last step of the noise √ᾱ is 0.0005, and x̂₀ is divided by it: an error of "
        "0.01 in ε̂ becomes 20, ten boards. One clip, and the same net pushes.",
        query={"kept": "False"},
    ),
    Exercise(
        predict="**Seven demonstrations.** Learn from 5 % of them. The training loss falls as ever."
        " And the loss on held-out moments?",
        answers=("Falls as well", "Stays higher", "Is the same"),
        right="Stays higher",
        reveal="After 2,000 batches the training loss is lower than with all of them, about 0.034 "
        "for 0.046: seven are soon known by heart. On held-out moments it is higher, 0.051 for "
        "0.043.",
        query={"scene": "train", "share": "0.05"},
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
