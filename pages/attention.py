"""S5: attention in the plane, by hand, and without order."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.attention import build, lookup, order

MATHS = r"""
**A lookup that can be learnt.** A dictionary answers the one key that is equal to the question. Attention answers all keys, each as much as it fits.
A query $\model{q}$ is compared with keys $\data{k_1}, \dots, \data{k_n}$; the weights are positive and sum to 1, and what is heard is the mean of the values by them:

$$w_j = \frac{e^{\beta\, \model{q} \cdot \data{k_j}}}{\sum_{l} e^{\beta\, \model{q} \cdot \data{k_l}}},\qquad \model{h} = \sum_{j} w_j\,\data{v_j}$$

$\model{h}$ never leaves the polygon of the values. With $\beta = 0$ it is their mean; with $\beta \to \infty$ the value of the best key alone. A transformer takes $\beta = 1/\sqrt d$, for
$q \cdot k$ of independent numbers of variance 1 has variance $d$: so the scores do not grow with the width $d$ of a head.

**Length is loudness.** The score is $\lVert q \rVert\,\lVert k_j \rVert \cos\angle(q, k_j)$. A longer key is heard more by queries on its side, and less by those behind it; a longer query is a larger $\beta$.

**All tokens at once.** With queries, keys and values as rows, $Q = XW_Q$, $K = XW_K$, $V = XW_V$ and scores that may be masked ($m_{ij} \in \{0, -\infty\}$):

$$H = \operatorname{softmax}\left(\beta\,QK^\top + m\right) V,\qquad \operatorname{MultiHead}(X) = \left[H^{(1)}, \dots, H^{(h)}\right] W_O$$

**A set, not a sequence.** For any permutation matrix $P$, $\operatorname{softmax}(\beta\,PQ\,(PK)^\top)\,PV = P\,\operatorname{softmax}(\beta\,QK^\top)\,V$: shuffled tokens get the same, shuffled. Order comes
from *positions* alone, absolute or relative, or from a *causal mask*, $m_{ij} = -\infty$ for $j > i$.

**Three constructions.** Let token $i$ have a position $p_i$, with $p_i \cdot p_j$ largest where $i = j$. For large $\beta$, head $\Delta$ copies what its scores are largest for:

$$\text{identity: } q_i = p_i,\qquad \text{permutation: } q_i = p_{\pi(i)},\qquad \text{convolution: } q_i^{(\Delta)} = p_{i + \Delta},\quad y_i = \sum_\Delta a_\Delta\, x_{i+\Delta}$$

All have $k_j = p_j$. One-hot $p_i$ differ by 1 in score, whatever their distance. Waves (sine and cosine pairs) are nearly as alike as neighbours are near, so they need a larger $\beta$; and
$p_{i+\Delta} = R_\Delta\,p_i$ with one rotation for all $i$. A *relative* bias $-\lvert (j - i) - \Delta \rvert$ knows distances only: it can make any convolution, and no permutation but shifts.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**No sharpness.** With β = 0, where is what is heard, and where does it go while "
        "the query turns?",
        answers=("At the mean, and stays", "At the nearest value", "Round the values"),
        right="At the mean, and stays",
        reveal="All scores are 0, so all weights are 20 %, whatever is asked: h stays at "
        "(0.02, 0.00), the mean of the values. Drag a value, and h follows a fifth of the way.",
        query={"scene": "lookup", "beta": "0.0"},
    ),
    Exercise(
        predict="**A loud key.** Key 1 is made three times as long. Over a whole turn of the query "
        "it was heard 18 % on average. And now?",
        answers=("18 %, as before", "39 %", "100 %"),
        right="39 %",
        reveal="39 %. Where the query is on its side it drowns the others, up to 100 %; where it "
        "is behind, its score is three times as negative, and it is heard less than before. "
        "A key of length 0 has score 0: it gets 5 % on average, never more than 10 %.",
        query={"scene": "lookup", "length": "3.0"},
    ),
    Exercise(
        predict="**Turn it round.** A relative bias knows how far one token is from another, not "
        "where either stands. It copies and convolves to within .0004. Can it turn "
        "16 tokens round?",
        answers=("Yes, with a larger β", "No"),
        right="No",
        reveal="No: it is off by up to 1.56 of a signal between −1 and 1. The first token has to "
        "look 15 places on, the last one 15 back: no distance is right for all. One-hot positions "
        "do it to .005.",
        query={"scene": "build", "construction": "permutation", "positions": "relative"},
    ),
    Exercise(
        predict="**Waves.** With one-hot positions and β = 8 a head copies to .005. How good "
        "is the copy with waves and β = 8?",
        answers=("As good", "Off by .02", "Off by .56"),
        right="Off by .56",
        reveal="Off by up to .56: long waves make neighbours nearly alike, so the head listens to "
        "several. It takes β = 100 to be right to .02. In exchange, one rotation moves the gaze "
        "by one place for all tokens.",
        query={"scene": "build", "positions": "sinusoids"},
    ),
    Exercise(
        predict="**Only a mask.** No positions, but a causal mask. Is a shuffled sentence still "
        "the same to its words?",
        answers=("Yes", "No"),
        right="No",
        reveal="No: what words are told differs by more than 3. The first word hears itself alone, "
        "the second two, and so on: the mask tells where one is. Decoders can do without "
        "positions; encoders cannot: without both, the difference is 0.000001, which is rounding.",
        query={"scene": "order", "causal": "True"},
    ),
)

SOURCES = """
- D. Bahdanau, K. Cho, Y. Bengio (2015), [Neural machine translation by jointly learning to align and translate](https://arxiv.org/abs/1409.0473): attention for translation.
- A. Vaswani et al. (2017), [Attention is all you need](https://arxiv.org/abs/1706.03762): scaled products, heads, waves of positions.
- P. Shaw, J. Uszkoreit, A. Vaswani (2018), [Self-attention with relative position representations](https://arxiv.org/abs/1803.02155); O. Press, N. Smith, M. Lewis (2022), [Train short, test long](https://arxiv.org/abs/2108.12409): a bias by distance.
- J.-B. Cordonnier, A. Loukas, M. Jaggi (2020), [On the relationship between self-attention and convolutional layers](https://arxiv.org/abs/1911.03584): the construction of the convolution.
- M. Zaheer et al. (2017), [Deep sets](https://arxiv.org/abs/1703.06114): functions that know no order.

**Data**: points placed by hand, a random walk, and word vectors of GloVe (PDDL). Nothing on this page is learnt.

**To remember**: attention is a weighted mean, the weights are a softmax of products, and nothing in it knows what comes first unless it is told.
"""  # noqa: E501

show(
    Lesson(
        entry=entry("attention"),
        scenes=(lookup.SCENE, build.SCENE, order.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
