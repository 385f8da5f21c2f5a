"""S6: a transformer translates: padding masks, cross-attention, three architectures, decoding."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.translate import beams, train, write

MATHS = r"""
**The task.** A net reads letters and writes letters; nobody tells it what a word is. In Pig Latin
the consonants before the first vowel (a, e, i, o, u; "qu" goes as one) move to the word's end, then comes "ay": *queen* → *eenquay*,
*sky* → *skyay*. A tenth of the words is never seen in training; all validation sentences are made of those.

**One letter after another.** The probability of a text $\model{y}$ given what is read, $\data{x}$, is a product; the loss is
its negative logarithm per letter, the end ■ included:

$$p(\model{y} \mid \data{x}) = \prod_{t=1}^{T} p(\model{y_t} \mid \model{y_{<t}}, \data{x}),\qquad L = -\frac1T \sum_{t=1}^{T} \ln p(\model{y_t} \mid \model{y_{<t}}, \data{x})$$

**A token** is a row of a table $E$, $\sqrt D$ times as large, plus the waves of its position $p$:

$$z_p = \sqrt D\,E_{x_p} + \left(\sin \omega_0 p,\ \cos \omega_0 p,\ \sin \omega_1 p,\ \cos \omega_1 p,\ \dots\right),\qquad \omega_i = 10000^{-2i/D}$$

**Attention with a mask.** Letter $i$ may listen to letter $j$ where $m_{ij} = 1$; elsewhere the score is $-\infty$ and the weight exactly 0:

$$\model{A_{ij}} = \frac{m_{ij}\,e^{q_i \cdot k_j / \sqrt d}}{\sum_{j'} m_{ij'}\,e^{q_i \cdot k_{j'} / \sqrt d}},\qquad h_i = \sum_j \model{A_{ij}}\,v_j$$

*Padding*: sentences of a batch are filled up to the longest, and $m_{ij} = 0$ where $j$ is filling. So a sentence has the
same translation alone and in any batch. *Causal*: while writing, $m_{ij} = 0$ for $j > i$; so all letters of an answer are learnt
at once, and none sees the future.

**Cross-attention** takes queries from what is written and keys and values from what was read:
$q = \model{z}W_q,\ [k, v] = \data{u}\,[W_k, W_v]$, with $\data{u}$ the encoder's output.

**A block** is $z \leftarrow z + \operatorname{Attention}(\operatorname{LN} z)$, in a decoder that reads also
$z \leftarrow z + \operatorname{Cross}(\operatorname{LN} z, \data{u})$, then $z \leftarrow z + \operatorname{MLP}(\operatorname{LN} z)$.
Here there are 2 + 2 of them, with $D = 100$ and 2 heads.

**KV cache.** Keys and values of letters already written never change, for nothing later is heard. Kept, letter $t$ costs one vector through the decoder;
computed anew it costs $t$, and a text of $T$ letters $T(T+1)/2$ instead of $T$.

**Choosing.** *Greedy* takes the likeliest letter. *Drawn* at temperature $\tau$: $p_i \propto e^{s_i/\tau}$ of the logits $s$. *Beam search* keeps the $B$
texts with the largest $\ln p(\model{y_{\le t}} \mid \data{x})$ so far; $B = 1$ is greedy. It finds texts that are likelier, which are not always better.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**Masks off.** The sentence is filled up by 60 signs, as in a batch with longer "
        "ones, "
        "and the padding masks are taken away. What becomes of its nine words?",
        answers=("All stay right", "Some go wrong", "None is right"),
        right="Some go wrong",
        reveal="Six are right; *the lazy* becomes *elay aay*, and *jumps* loses its *s*. With "
        "masks the filling gets a weight of exactly 0 and the answer is the same, whatever the "
        "batch. Without them a translation depends on who stands beside it.",
        query={"scene": "write", "masks": "False", "filling": "60"},
    ),
    Exercise(
        predict="**What a cache spares.** 62 letters are written, one vector through the decoder "
        "for each. "
        "How many are it without the cache?",
        answers=("124", "620", "1,953"),
        right="1,953",
        reveal="1 + 2 + … + 62 = 1,953: each letter computes all before it anew, and gets the same "
        "keys and values. Take the switch while it writes and see the line leap.",
        query={"scene": "write", "cache": "False"},
    ),
    Exercise(
        predict="**Among its like.** The shipped net writes long sentences of words it never saw. "
        "What of *an*, eight times?",
        answers=("All right", "It loses count", "It goes on for ever"),
        right="It loses count",
        reveal="It writes seven. To know where it is, it looks for the letters it has just "
        "written, and those stand everywhere. It never learnt from such a sentence; of 1,200 "
        "held-out ones only 3 go wrong, by two letters each, all of ten words or more.",
        query={"scene": "write", "sentence": "an an an an an an an an"},
    ),
    Exercise(
        predict="**A wider search.** Greedy writes seven of the eight. Does a beam of eight texts "
        "find the right one?",
        answers=("Yes", "No"),
        right="No",
        reveal="No. It holds the wrong text for 98 % likely. A beam finds what the net believes, "
        "not what is true: it mends haste, not error.",
        query={"scene": "beams", "sentence": "an an an an an an an an", "width": "8"},
    ),
    Exercise(
        predict="**Dice.** Letters are drawn from the probabilities as they are (τ = 1), then at "
        "τ = 1.5. How many of the 62 are wrong?",
        answers=("none, either time", "5, then 20", "30, then 60"),
        right="none, either time",
        reveal="None. The net is so sure that 1.5 hardly flattens it. At 2.5 *overay* comes out as "
        "*ovperay*, and *the* and *lazy* run into one another.",
        query={"scene": "write", "choose": "sample", "temperature": "1.5"},
    ),
)

SOURCES = """
- A. Vaswani et al. (2017), [Attention is all you need](https://arxiv.org/abs/1706.03762):
  the transformer; sections 3.2 (attention), 3.5 (positions), figure 1 (encoder and decoder).
- R. Xiong et al. (2020), [On layer normalization in the transformer architecture](https://arxiv.org/abs/2002.04745): the norm before each part.
- O. Press and L. Wolf (2017), [Using the output embedding to improve language models](https://arxiv.org/abs/1608.05859): one table for what goes in and out.
- I. Sutskever, O. Vinyals, Q. Le (2014), [Sequence to sequence learning with neural networks](https://arxiv.org/abs/1409.3215): beam search for nets, section 3.2.
- N. Shazeer (2019), [Fast transformer decoding](https://arxiv.org/abs/1911.02150): what the cache of keys and values costs.

**Data**: words of a to z from GloVe's list of English words (PDDL), put together at random; a tenth of the words is held out.
**Your own text**: up to 12 words of 14 letters. Capitals, digits and signs stay where they are; accents and apostrophes are dropped;
letters of other scripts pass through unread.

**To remember**: attention finds what to copy, masks say what may be heard, and a text is made one letter at a time,
each from a list of probabilities.
"""  # noqa: E501

show(
    Lesson(
        entry=entry("translate"),
        scenes=(write.SCENE, train.SCENE, beams.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
