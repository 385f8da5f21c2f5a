"""G5: energies: low where answers are right, high elsewhere; densities and latent variables."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.energies import latent, train, walk

MATHS = r"""
**An energy says how well an answer fits.** $\model{F_W(x, y)}$ is a number for each pair. Inference is a
search, and may find more than one answer: $\;\hat y = \arg\min_y \model{F_W(x, y)}$.

**Gibbs: energies as probabilities.** β is the inverse temperature. At β → 0 all answers are alike, at
β → ∞ only the best is left. $Z$ is an integral over all answers: the price.

$$p(y \mid x) = \frac{\exp(-\beta \model{F_W(x, y)})}{Z_\beta(x)}, \qquad Z_\beta(x) = \int \exp(-\beta \model{F_W(x, y')})\,dy'$$

**Negative log-likelihood**, scaled by $1/\beta$, pulls the right answer down and pushes all answers up, each as much as the model believes in it:

$$\ell_{\text{nll}} = \right{F_W(x, y)} + \tfrac1\beta \log \int e^{-\beta F_W(x, y')}dy', \qquad \nabla_W \ell_{\text{nll}} = \right{\nabla_W F_W(x, y)} - \wrong{\mathbb E_{y' \sim p}\big[\nabla_W F_W(x, y')\big]}$$

If the data lie on a thin curve, no energy is ever enough: a narrower and deeper canyon is always more likely.

**Losses of pairs** need one wrong answer $\wrong{\bar y}$ each. With $\right{F} = F_W(x, y)$, $\wrong{\bar F} = F_W(x, \bar y)$ and $[a]_+ = \max(0, a)$:

| loss | formula | pushes until |
| --- | --- | --- |
| hinge | $[\right{F} - \wrong{\bar F} + m]_+$ | the gap is $m$ |
| log | $\log(1 + e^{\right{F} - \wrong{\bar F}})$ | never quite |
| square-square | $[\right{F}]_+^2 + [m - \wrong{\bar F}]_+^2$ | $F \le 0$ and $\bar F \ge m$ |
| simple | $[\right{F}]_+ + [m - \wrong{\bar F}]_+$ | $F \le 0$ and $\bar F \ge m$ |
| energy alone | $\right{F}$ | it pushes nothing up |

**Langevin samples** go downhill and are jostled, $\xi \sim \mathcal N(0, I)$. With small $s$ they end up with the Gibbs density, without $Z$:

$$y \leftarrow y - \tfrac{s^2}{2}\,\beta\,\gradient{\nabla_y F_W(x, y)} + s\,\xi$$

**A latent variable** $z$ is what is needed to tell which answer is meant, and nobody observes it:

$$F_\infty(x, y) = \min_z E(x, y, z), \qquad F_\beta(x, y) = -\tfrac1\beta \log \frac{1}{2\pi}\int e^{-\beta E(x, y, z)}dz, \qquad \lim_{\beta\to0} F_\beta = \text{mean}_z\,E$$

**Remember:** whatever is not pushed up sinks. Energies are cheap to compare and dear to normalise.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**Break it.** The loss is the energy of the data alone: pull it down, and nothing"
        " else. What becomes of the surface?",
        answers=("A canyon at the data", "It all sinks", "It stays flat at 0"),
        right="It all sinks",
        reveal="After 100 steps the data lie at −237, and the whole strip at −244: all sinks,"
        " the data not even deepest. Nothing says that other answers are worse.",
        query={"loss": "energy"},
    ),
    Exercise(
        predict="**The likeliest mistake.** Hinge loss on the ring, and the wrong answer is the one"
        " of least energy that is not near the datum's own. What is learnt?",
        answers=("The ring, faster", "One half of it", "Nothing"),
        right="Nothing",
        reveal="The loss stays at 1, the margin. The likeliest mistake is soon the other right"
        " answer: what one datum pulls down another pushes up. The recipe fits questions with one"
        " answer. Take wrong answers from anywhere, and the ring appears.",
        query={"loss": "hinge", "negatives": "worst"},
    ),
    Exercise(
        predict="**A canyon without a floor.** The data lie exactly on the ring, and the likelihood"
        " is all that counts. When does the steepest slope stop growing?",
        answers=("After 500 steps", "After 1,500 steps", "Never"),
        right="Never",
        reveal="It is 180 after 1,000 steps, 300 after 1,500 and 970 after 3,000: on a thin curve a"
        " narrower canyon is always more likely, for y is continuous. With a leash of 0.02 on F² it"
        " is 100 after 3,000 steps, and all energies stay within about ±1.",
        query={"thickness": "0.0", "batches": "3000"},
    ),
    Exercise(
        predict="**Warmer.** Samples walk over two wells, the left one deeper. At β = 3 four"
        " in five belong there. How many at β = 0.5?",
        answers=("About half", "Four in five", "All"),
        right="About half",
        reveal="55 %: when it is warm, the depth of a well hardly matters, and a quarter of the"
        " samples are on the pass between. Now raise β to 20: the density says all, but whoever is"
        " in the right-hand well stays there. Cold samples do not find their way.",
        query={"scene": "walk", "beta": "0.5"},
    ),
    Exercise(
        predict="**No latent variable.** The data lie on an ellipse. What does a net learn that"
        " gives one answer and is told its squared distance?",
        answers=("A point on the ellipse", "The middle", "A random point"),
        right="The middle",
        reveal="The mean of all right answers, which is none of them: held-out data are about 1"
        " away. With z, a tenth. And with all z at a low β the best y is the middle again.",
        query={"scene": "latent", "form": "none"},
    ),
)

SOURCES = """
- LeCun, Y., Chopra, S., Hadsell, R., Ranzato, M. and Huang, F. (2006). [A tutorial on energy-based learning](http://yann.lecun.com/exdb/publis/pdf/lecun-06.pdf): losses in section 2, their conditions in section 5, latent variables in section 4.
- Hinton, G. (2002). [Training products of experts by minimizing contrastive divergence](https://www.cs.toronto.edu/~hinton/absps/tr00-004.pdf): wrong answers that walk off the data.
- Roberts, G. and Tweedie, R. (1996). [Exponential convergence of Langevin distributions and their discrete approximations](https://projecteuclid.org/euclid.bj/1178291835).
- Welling, M. and Teh, Y. W. (2011). [Bayesian learning via stochastic gradient Langevin dynamics](https://www.stats.ox.ac.uk/~teh/research/compstats/WelTeh2011a.pdf).
- Bishop, C. (1994). [Mixture density networks](https://publications.aston.ac.uk/id/eprint/373/1/NCRG_94_004.pdf): the wave that is asked the wrong way.
- Du, Y. and Mordatch, I. (2019). [Implicit generation and modeling with energy-based models](https://arxiv.org/abs/1903.08689): Langevin negatives, and a weight on F².
"""  # noqa: E501

show(
    Lesson(
        entry=entry("energies"),
        scenes=(train.SCENE, walk.SCENE, latent.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
