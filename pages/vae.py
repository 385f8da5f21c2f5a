"""G1: the variational autoencoder on digits, its two terms apart, and walks through its numbers."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.vae import train, walk

MATHS = r"""
**A story of how pictures come about.** First a few numbers are drawn from the *prior*, $z \sim N(0, I)$. A net, the
*decoder*, turns them into a probability of ink $\model{\pi_j(z)}$ for each pixel, and each pixel is inked with it or not:

$$\ln \model{p(x \mid z)} = \sum_{j=1}^{196} \data{x_j} \ln \model{\pi_j(z)} + (1 - \data{x_j}) \ln\left(1 - \model{\pi_j(z)}\right)$$

One would like to maximise $\ln p(x) = \ln \int p(z)\,p(x \mid z)\,dz$. The integral is hopeless: for nearly all $z$ the digit $x$ is next to impossible.

**A guess where to look.** A second net, the *encoder*, says for each digit which $z$ may have made it:
$\gradient{q(z \mid x)} = N(\mu(x), \operatorname{diag} \sigma^2(x))$. For *any* such $q$

$$\ln p(x) = \underbrace{\mathbb E_{q}\left[\ln \model{p(x \mid z)}\right]}_{\text{reconstruction}} - \underbrace{\operatorname{KL}\left(\gradient{q(z \mid x)} \,\Vert\, p(z)\right)}_{\text{what } z \text{ may tell}} + \operatorname{KL}\left(q(z \mid x) \,\Vert\, p(z \mid x)\right)$$

The last term is no less than 0, so the first two are a *bound from below*, the ELBO. Raising it makes the picture more probable, or the guess better.
The green curve is $\ln p(x)$ itself, estimated from 20 samples: $\ln \frac1S \sum_s p(x \mid z_s)\,p(z_s) / q(z_s \mid x)$.

**The two terms.** The KL is known exactly, number by number; it is the price, in nats, of each digit's having $z$ of its own:

$$\gradient{\operatorname{KL}} = \frac12 \sum_{i} \left(\mu_i^2 + \sigma_i^2 - 1 - \ln \sigma_i^2\right)$$

The reconstruction is estimated from $K$ samples, written so that a gradient reaches $\mu$ and $\sigma$: chance enters from outside (the *reparameterisation*),

$$z_k = \mu(x) + \sigma(x) \odot \epsilon_k,\quad \epsilon_k \sim N(0, I),\qquad L = -\frac1K \sum_{k=1}^{K} \ln \model{p(x \mid z_k)} + \beta\,\gradient{\operatorname{KL}}$$

With $\beta = 1$ this is the bound. A larger β makes numbers dear: those that tell less than they cost fall silent, $q(z_i \mid x) = N(0, 1)$ for
every $x$, and at last all do, which is called *posterior collapse*. A smaller β makes them cheap: digits come back sharper, but what is drawn from the prior falls between them.

**What to remember.** An autoencoder that must pay for what its code tells uses few numbers, lays like digits side by side, and so can draw new ones.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**Numbers too dear.** With β = 20 every nat that z tells costs twenty. After "
        "2,000 updates, how many of the eight numbers tell anything?",
        answers=("all eight", "one or two", "none"),
        right="none",
        reveal="None: KL is 0.0, and every digit comes back as the same grey blot, the average "
        "of all digits (reconstruction −43.5 nats). What a number could save in "
        "reconstruction is less than its price. Set β to 1 while it runs, and the "
        "numbers wake up.",
        query={"scene": "train", "beta": "20.0"},
    ),
    Exercise(
        predict="**Numbers for nothing.** With β = 0 the KL costs nothing. Digits come back "
        "better, by 5 nats after 2,000 updates. And what is *drawn from nothing*?",
        answers=("Better digits too", "Hardly any digits", "Always the same digit"),
        right="Hardly any digits",
        reveal="Each digit now tells 114 nats, and lies in a place of its own, far from where "
        "the prior draws. The decoder was never taught what is between those places. The "
        "bound is −137 nats, where β = 1 has −35: a good copier, a bad story of how "
        "digits come about.",
        query={"scene": "train", "beta": "0.0"},
    ),
    Exercise(
        predict="**More room.** Give it sixteen numbers instead of eight. After 2,000 updates, "
        "how many are used?",
        answers=("all sixteen", "about eleven", "about four"),
        right="about eleven",
        reveal="Eleven tell more than 0.1 nats; five are silent. The bound is as with eight "
        "(−35.3 and −35.4). Nobody told the net how many numbers a digit needs: a number "
        "that does not pay is switched off by the KL.",
        query={"scene": "train", "latents": "16"},
    ),
    Exercise(
        predict="**Two numbers.** With two numbers for z a map shows all there is. What does "
        "that cost, in nats of the bound, after 2,000 updates?",
        answers=("nothing", "about 4", "about 40"),
        right="about 4",
        reveal="−39.3 instead of −35.4. Each number now tells more than any of the eight did. "
        "Let it run to its end, then *walk through these numbers*: every digit that this "
        "net can draw is on the map.",
        query={"scene": "train", "latents": "2"},
    ),
    Exercise(
        predict="**Halfway.** In *Walk*, z goes straight from one digit to another. What is to "
        "be seen halfway between a 0 and a 1?",
        answers=("Both, one over the other", "A digit that is neither, or another one", "Noise"),
        right="A digit that is neither, or another one",
        reveal="Strokes bend and close; now and then another digit is met on the way. Two "
        "pictures laid over one another would show both. Here the *numbers* are "
        "averaged, and the decoder makes some digit of any numbers. Watch the undecided "
        "pixels.",
        query={"scene": "walk"},
    ),
)

SOURCES = """
- Kingma, D. and Welling, M. (2014). [Auto-encoding variational Bayes](https://arxiv.org/abs/1312.6114): the bound, its gradient, the KL of appendix B.
- Rezende, D., Mohamed, S. and Wierstra, D. (2014). [Stochastic backpropagation and approximate inference in deep generative models](https://arxiv.org/abs/1401.4082).
- Higgins, I. et al. (2017). [β-VAE: learning basic visual concepts with a constrained variational framework](https://openreview.net/forum?id=Sy2fzU9gl).
- Burda, Y., Grosse, R. and Salakhutdinov, R. (2016). [Importance weighted autoencoders](https://arxiv.org/abs/1509.00519): ln p(x) from samples.
- Bowman, S. et al. (2016). [Generating sentences from a continuous space](https://arxiv.org/abs/1511.06349): posterior collapse.
- LeCun, Y. et al. (1998). [Gradient-based learning applied to document recognition](http://yann.lecun.com/exdb/mnist/): MNIST.
"""  # noqa: E501

show(
    Lesson(
        entry=entry("vae"),
        scenes=(train.SCENE, walk.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
