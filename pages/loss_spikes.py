"""S2: spikes of the loss on the temporal-order task, and what cures them."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.loss_spikes import train

MATHS = r"""
**The task.** A sequence begins with $E$, ends with $B$, and is noise from $a, b, c, d$ in between, but for two marks, each $X$ or $Y$. After $B$ the net has to say which marks there were, and in which order:

$$\data{X \dots X} \to Q,\qquad \data{X \dots Y} \to R,\qquad \data{Y \dots X} \to S,\qquad \data{Y \dots Y} \to U$$

As published, sequences have 100 to 110 symbols, with the first mark 10 to 20 after $E$ and the second 50 to 60. Nobody tells the net which symbols matter. Whoever guesses has 25 % right and a loss of $\ln 4 = 1.386$.

**The net** is an LSTM of 12 units with torch's own start, and a linear layer on its last $h$. It stays as it is, and so does the seed; all that may change is how it is trained.

**RMSprop** divides each gradient by the root of a running mean of its squares:

$$s_t = \rho\,s_{t-1} + (1-\rho)\,\gradient{g_t}^2,\qquad \model{\theta_t} = \model{\theta_{t-1}} - \eta\,\frac{\gradient{g_t}}{\sqrt{s_t} + \epsilon}$$

**Why it spikes.** $s_t \ge (1-\rho)\,\gradient{g_t}^2$, so that no weight moves by more than

$$\lvert\model{\theta_t} - \model{\theta_{t-1}}\rvert \le \frac{\eta}{\sqrt{1-\rho}} = 10\,\eta \quad\text{for } \rho = 0.99$$

When all is well, gradients are tiny for a hundred steps and $s$ forgets that they were ever large. Then comes a batch with a sequence that is misread: $\gradient{g_t}$ is a thousand times $\sqrt{s}$, and
many weights make their longest step at once, $10\,\eta$. In steady training they move by about $\eta$. The loss jumps, and is learnt down again.

**What helps.** *A smaller $\eta$ at the end*: the longest step shrinks with it. *Clipping*, $\gradient{g} \leftarrow \gradient{g}\cdot\min(1, c/\lVert\gradient{g}\rVert)$, bounds what one
batch can do. RMSprop does not care for the scale of gradients, only for what is large by comparison with the last hundred, so that the threshold has to be well below what a strange batch brings. *A shorter memory* does not: $\rho = 0.9$ lowers the bound to $3.2\,\eta$, but forgets sooner, and spikes 14 times in 1,200 steps instead of 6.

**Why the published length does not begin to learn.** A fresh LSTM's forget gates are about $\tfrac12$; what is left of a mark after $n$ steps, and of the gradient to it, is about $2^{-n}$. Over 90 steps that is $10^{-27}$: no
learning rate and no clipping makes a signal of that. If sequences *grow*, from 7 symbols on, the gates learn to stay open where the way is short, and keep it as it gets long.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**The first step.** RMSprop with ρ = .99. How far do weights move at "
        "the very first step?",
        answers=("by about η", "by about 10 η", "by the gradient times η"),
        right="by about 10 η",
        reveal="All by exactly 10 η: the running mean of squares begins at 0, so that after one "
        "gradient it is (1 − ρ)g², and g/√((1 − ρ)g²) = ±10. Later moves are of about η, until "
        "a gradient comes that is large by comparison: that is what a spike is made of.",
        query={"level": "normal"},
    ),
    Exercise(
        predict="**Knocked over.** With η = .01 the net has all sequences right before step 300. "
        "How bad is it at the worst in the 900 steps after that?",
        answers=("98 %", "80 %", "about 50 %"),
        right="about 50 %",
        reveal="53 %, near step 850, from one step to the next. For hundreds of steps there was "
        "next to no gradient; then one of size 10 came, and many weights moved by 10 η at once. "
        "See how the three curves on the left spike together.",
        query={"level": "normal"},
    ),
    Exercise(
        predict="**Where to clip.** Most gradients were far below 1 when the spikes came. Clip "
        "them to .1, and leave all else as it is. What happens?",
        answers=("No spikes once it has learnt", "As many spikes", "It does not learn"),
        right="No spikes once it has learnt",
        reveal="One spike, at step 149, while it still learns; then 100 % of held-out sequences "
        "to the end. A batch may be as strange as it likes: its gradient counts for .1 at most.",
        query={"level": "normal", "clip": "0.1"},
    ),
    Exercise(
        predict="**Ten times as fast?** At the published length nothing is learnt with η = .001. "
        "Will η = .01, with the gradient clipped to .1, get off the ground in 3,000 steps?",
        answers=("Yes", "No"),
        right="No",
        reveal="25 % throughout, and with η = .02 too. Read the words under the stage: of the "
        "first mark no gradient worth the name comes back, and no learning rate makes up for that.",
        query={"level": "published", "learning_rate": "0.01", "clip": "0.1", "batches": "3000"},
    ),
    Exercise(
        predict="**Short ones first.** The same net, the same seed. Sequences now grow from 7 "
        "symbols to the published 100 to 110. Is that enough?",
        answers=("Yes", "No"),
        right="Yes",
        reveal="99.8 % of held-out sequences after 870 steps. On short sequences a gradient "
        "reaches the first mark. Gates learn to stay open, and stay so while the way gets longer.",
        query={"level": "published", "learning_rate": "0.005", "schedule": "cosine"}
        | {"grow": "True", "batches": "1000"},
    ),
)

SOURCES = """
- Hochreiter, S. and Schmidhuber, J. (1997). [Long short-term memory](https://doi.org/10.1162/neco.1997.9.8.1735): the task is its experiment 6a.
- Tieleman, T. and Hinton, G. (2012). [Lecture 6e: RMSprop](https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf).
- Pascanu, R., Mikolov, T. and Bengio, Y. (2013). [On the difficulty of training recurrent neural networks](https://arxiv.org/abs/1211.5063): clipping by the norm; the same task at growing lengths.
- Bengio, Y. et al. (2009). [Curriculum learning](https://doi.org/10.1145/1553374.1553380): the easy first.
- Jozefowicz, R., Zaremba, W. and Sutskever, I. (2015). [An empirical exploration of recurrent network architectures](https://proceedings.mlr.press/v37/jozefowicz15.html): what the forget gate's start does.
"""  # noqa: E501

show(
    Lesson(
        entry=entry("loss_spikes"),
        scenes=(train.SCENE,),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
