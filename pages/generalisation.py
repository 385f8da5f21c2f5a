"""F6: generalisation: a hundred nets inside and outside their data, and nets that memorise."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.generalisation import learn, memorise

MATHS = r"""
**The task.** Each net $\model{\hat f_{n}}$ sees $\data{n}$ points of a curve whose waves get
shorter and shorter,

$$f(x) = \sin(10\pi x^4),\qquad \data{x_i}\sim U(0,1),\qquad \data{y_i} = f(x_i) + \sigma\,\epsilon_i,\quad \epsilon_i\sim N(0,1)$$

and lowers the mean square error on them, and on nothing else:

$$L_n = \frac1n\sum_{i=1}^{n}\bigl(\model{\hat f_n}(\data{x_i}) - \data{y_i}\bigr)^2$$

**How it is judged.** By its distance from the curve itself, without noise, where its data lie and
half as far again:

$$\right{\delta_{\text{in}}} = \Bigl(\int_0^1 (\model{\hat f_n} - f)^2\,dx\Bigr)^{1/2},\qquad \wrong{\delta_{\text{out}}} = \Bigl(\tfrac{1}{1.5}\int_0^{1.5} (\model{\hat f_n} - f)^2\,dx\Bigr)^{1/2}$$

or, with *largest error*, by $\max|\model{\hat f_n} - f|$ over the same intervals; both are taken at
steps of 0.005. A net that always says 0 has $\delta_{\text{in}} = 0.59$ and $\delta_{\text{out}} = 0.63$.

**Why more data help inside only.** A ReLU net is piecewise linear. Each point pins it down nearby, and
points drawn from all of $[0,1]$ leave no gap wider than about $\frac{\ln n}{n}$. Beyond the last
point nothing pins it down: the net goes on along its last slopes. As $f'(1) = 40\pi \approx 126$, a net that
has learnt the last wave well leaves the data steeply: while the nets learn, $\wrong{\delta_{\text{out}}}$ *rises*.

Against $n$, $\right{\delta_{\text{in}}}$ falls until $n \approx 100$ and then stays at 0.2 to 0.3, which is as
well as nets of 32 units learn it in this time. $\wrong{\delta_{\text{out}}}$ has no such course. Ranked over
the hundred nets of *Fast*, $\right{\delta_{\text{in}}}$ and $n$ correlate by −0.74 and −0.76 (Spearman's ρ,
seeds 0 and 1), $\wrong{\delta_{\text{out}}}$ and $n$ by −0.20 and −0.24. What fall there is comes with
large $n$, where nets fit their points less closely (train error 0.25 in place of 0.1), and it leads nowhere near
the curve: at every stretch of sizes some four of five nets are worse than one that always says 0.

**A hundred runs as one.** The weights of all nets are stacked, and one product serves them all:

$$h^{(l+1)}_k = \phi\bigl(h^{(l)}_k W^{(l)}_k + b^{(l)}_k\bigr),\qquad W^{(l)}\in\mathbb R^{\text{nets}\times\text{in}\times\text{out}}$$

$$\gradient{\nabla_{W_k}}\sum_j L_j = \gradient{\nabla_{W_k}} L_k$$

No net sees another's loss, and SGD with momentum treats every number by itself, so each net is the
one it would be alone: own data, own start, own shuffled batches of 32 (all of them where there are
fewer). On a CPU as many nets at a time as its cache holds, on a GPU all. They take equally many
gradient steps at the same rate, $\eta_t = \frac{\eta}{2}\bigl(1+\cos\frac{\pi t}{T}\bigr)$.

**Fast and Course.** *Course* is three hidden layers of 256 units and 200 epochs of the largest set,
6,400 gradient steps for every net: some five minutes on one CPU core. *Fast* has 32 units and 800
epochs, a minute. Both see $\sqrt{12}\,(x-\tfrac12)$, which has mean 0 and variance 1; on $x$ as it is
(*Inputs*) the same nets take several times as long. Without this page:

```
python -c "from core.experiments import find; kind = find('generalisation')
run = kind(kind.Config()); print([*iter(run.step, None)][-1], run.words())"
```

**Memorising.** Dealing the labels out anew, $\data{y_i}\to \data{y_{\pi(i)}}$ with a random order
$\pi$, keeps every number and destroys what connects it with $x$. That $L_n$ still goes to 0 shows
that the nets are *able* to fit anything; whether a fit means something, $L_n$ cannot tell.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**The best pupil.** When all have learnt: which nets have the smallest train "
        "error?",
        answers=("those with 10 points", "those with 100", "those with 1,000"),
        right="those with 10 points",
        reveal="With ten points it is 0, and they are the worst of all inside: a typical error of "
        "0.93, more than the 0.59 of always saying 0. With 1,000 points, train error and δ inside "
        "are 0.26 and 0.27, nearly the same. A train error can be trusted where data are many.",
        query={"shown": "10"},
    ),
    Exercise(
        predict="**One step outside.** From 10 points to 1,000, δ inside falls to less than a "
        "third. And δ outside?",
        answers=("it falls as surely", "nothing that could be relied on"),
        right="nothing that could be relied on",
        reveal="Its medians jump about between 0.6 and 4.8 from one size to the next, nearly "
        "always above the dashed line: 83 of the 100 nets do worse out there than one that always "
        "says 0. A thousand points in [0, 1] say nothing of 1.1.",
        query={"shown": "1000"},
    ),
    Exercise(
        predict="**Longer training.** Over the epochs δ inside falls all the time (lower right). "
        "And δ outside, for the typical net?",
        answers=("it falls too", "it stays", "it rises"),
        right="it rises",
        reveal="From 0.62 after the first epoch to 1.8 after the last. Untrained nets are nearly "
        "flat, a harmless guess; the better they know the last wave, the more steeply they leave.",
        query={"epochs": "800"},
    ),
    Exercise(
        predict="**Noise.** Now every label is wrong by 0.5 or so. How far from the true curve is "
        "a typical net with 1,000 such points?",
        answers=("more than 0.5", "about 0.5", "clearly less"),
        right="clearly less",
        reveal="About 0.3, hardly more than without noise, while its train error, 0.56, cannot go "
        "below the noise. A thousand errors average out. With ten points the net learns the "
        "errors by heart: train 0.07, δ inside 1.2.",
        query={"noise": "0.5"},
    ),
    Exercise(
        predict="**Nonsense.** Thirty labels, shuffled: each point gets another point's. How "
        "low can the train error of the same nets get?",
        answers=("to the variance of the labels", "about half way", "to almost nothing"),
        right="to almost nothing",
        reveal="Below 0.003, from 0.37. Nothing in the train error tells sense from nonsense. "
        "Between the points it shows: δ inside is 0.20 for the real labels, 0.79 for the shuffled.",
        query={"scene": "memorise"},
    ),
)

SOURCES = """
- Zhang, C., Bengio, S., Hardt, M., Recht, B. and Vinyals, O. (2017). [Understanding deep learning requires rethinking generalization](https://arxiv.org/abs/1611.03530).
- Xu, K. et al. (2021). [How neural networks extrapolate: from feedforward to graph neural networks](https://arxiv.org/abs/2009.11848): ReLU nets go on linearly.
- Rahaman, N. et al. (2019). [On the spectral bias of neural networks](https://arxiv.org/abs/1806.08734): why the shortest waves come last.
- Loshchilov, I. and Hutter, F. (2017). [SGDR](https://arxiv.org/abs/1608.03983): the cosine schedule.
"""  # noqa: E501

show(
    Lesson(
        entry=entry("generalisation"),
        scenes=(learn.SCENE, memorise.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
