"""G2: the generative adversarial net on street numbers, two losses of G, and a judge."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.gan import game, judge

MATHS = r"""
**A game.** The *generator* $\model{G}$ turns random numbers $z \sim N(0, I)$ into a picture. The *discriminator* says how likely it is that a
picture is real, $D(x) = \operatorname{sigmoid}(\ell(x))$. It wants to be right:

$$L_D = -\,\mathbb E_{\data{x}}\left[\ln D(\data{x})\right] - \mathbb E_z\left[\ln\left(1 - D(\model{G(z)})\right)\right]$$

**Where it ends.** Against a fixed generator with density $\model{p_G}$ the best discriminator is

$$D^*(x) = \frac{\data{p(x)}}{\data{p(x)} + \model{p_G(x)}},\qquad \min_D L_D = 2 \ln 2 - 2\,\operatorname{JSD}\left(\data{p} \,\Vert\, \model{p_G}\right)$$

The Jensen-Shannon divergence is 0 only where $\model{p_G} = \data{p}$; then $D = \frac12$ everywhere and $L_D = 2 \ln 2 \approx 1.386$, the dashed line.
A loss of $D$ far below it says that $D$ still tells them apart; *at* the line it may also be that $D$ is just too weak.

**Two losses for $G$.** *Minimax* takes the same sum with the other sign; *non-saturating* asks for the same in another way:

$$L_\text{minimax} = \mathbb E_z\left[\ln\left(1 - D(\model{G(z)})\right)\right],\qquad L_\text{non-saturating} = -\,\mathbb E_z\left[\ln D(\model{G(z)})\right]$$

Both want $D(G(z))$ to rise. But the gradients that reach a picture differ, for $\partial \ln \operatorname{sigmoid}(\ell) / \partial \ell = 1 - \operatorname{sigmoid}(\ell)$:

$$-\frac{\partial L_\text{minimax}}{\partial \model{G(z)}} = D \cdot \gradient{\frac{\partial \ell}{\partial \model{G(z)}}},\qquad -\frac{\partial L_\text{non-saturating}}{\partial \model{G(z)}} = (1 - D) \cdot \gradient{\frac{\partial \ell}{\partial \model{G(z)}}}$$

Where $D$ is sure that a picture is drawn, $D \to 0$: minimax goes silent just when $G$ has most to learn; the other pushes hardest.
At the equilibrium, $D = \frac12$, both push alike, and $L_\text{non-saturating} = \ln 2$, $L_\text{minimax} = -\ln 2$.

**Collapse.** Nothing in the loss of a single picture asks for variety: a generator that draws one good 7 again and again does well until $D$ has learnt that sevens are suspicious.
So a *judge*, a classifier that never saw a drawn picture, reads 500 of them: those of which it is 80 % sure count as read, and a digit counts as drawn where it is 2 % of them, a fifth of its due.

**What to remember.** No loss here says how good the pictures are. It is a game: watch whether both players still learn, and count what is drawn.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**Silence.** The discriminator gets five updates for each one of the generator, "
        "and five times its rate; the loss is minimax. After 100 updates, what reaches G?",
        answers=("a stronger gradient", "about half", "next to nothing"),
        right="next to nothing",
        reveal="7·10⁻⁶ per picture; the other loss would have brought 6.1, nearly a million "
        "times as much. D is sure of every picture, and minimax pushes by D(G(z)). The "
        "pictures hardly change any more.",
        query={"scene": "game", "loss": "minimax", "d_steps": "5", "ratio": "5.0"},
    ),
    Exercise(
        predict="**The same unfair game,** but with the non-saturating loss. D wins again. Does "
        "G learn?",
        answers=("Yes", "No"),
        right="Yes",
        reveal="D is right about nearly all pictures, and for that very reason the push is strong: "
        "6.9 per picture after 100 updates, where minimax had 0.000007. Pictures differ from "
        "one another three times as much, and a few read as fives. The loss can be changed "
        "while it runs: rescue the generator above.",
        query={"scene": "game", "d_steps": "5", "ratio": "5.0"},
    ),
    Exercise(
        predict="**A slow critic.** The discriminator learns at a tenth of the rate. Its loss "
        "stays near 2 ln 2, as at the equilibrium. Are the pictures good?",
        answers=("Yes, it cannot tell them apart", "No"),
        right="No",
        reveal="After 300 updates D's loss is 1.43, yet 79 % of what can be read are threes; 150 "
        "updates before, all were ones, and then zeros. D is so slow that G runs from digit "
        "to digit before it is found out, and what D tells it is faint: a gradient of 0.03, "
        "where equal rates bring about 3. A loss at 2 ln 2 may mean a perfect G, or a poor D.",
        query={"scene": "game", "ratio": "0.1"},
    ),
    Exercise(
        predict="**One number.** The generator gets a single random number instead of 32. How "
        "many of the ten digits does it draw after 400 updates?",
        answers=("all ten", "about five", "one"),
        right="one",
        reveal="One: 99 % of what can be read are ones; 100 updates before, all were eights. A "
        "single number is a line through the space of pictures, and to pass ten digits "
        "in all colours it would have to bend a lot. Wait, and watch it learn to.",
        query={"scene": "game", "latents": "1"},
    ),
    Exercise(
        predict="**Who judges the judge?** Coverage is only as good as the classifier that "
        "reads. How often is it right on held-out street numbers, after 250 batches?",
        answers=("80 %", "95 %", "more than 99 %"),
        right="more than 99 %",
        reveal="99.7 %. So what it cannot read among drawn pictures, nearly half of them at "
        "the end of the fast game, is mostly the generator's fault. And yet it must be "
        "*sure*: any classifier gives each smudge some digit.",
        query={"scene": "judge"},
    ),
)

SOURCES = """
- Goodfellow, I. et al. (2014). [Generative adversarial nets](https://arxiv.org/abs/1406.2661): the game, its equilibrium, both losses of G.
- Radford, A., Metz, L. and Chintala, S. (2016). [Unsupervised representation learning with deep convolutional generative adversarial networks](https://arxiv.org/abs/1511.06434): the nets and their start.
- Heusel, M. et al. (2017). [GANs trained by a two time-scale update rule](https://arxiv.org/abs/1706.08500): rates that differ.
- Arjovsky, M. and Bottou, L. (2017). [Towards principled methods for training generative adversarial networks](https://arxiv.org/abs/1701.04862): why the gradient fades.
- Netzer, Y. et al. (2011). [Reading digits in natural images with unsupervised feature learning](http://ufldl.stanford.edu/housenumbers/): SVHN. The street numbers that ship are composed here, from four fonts and two photos.
"""  # noqa: E501

show(
    Lesson(
        entry=entry("gan"),
        scenes=(game.SCENE, judge.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
