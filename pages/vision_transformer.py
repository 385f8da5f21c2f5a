"""V7: the vision transformer beside a CNN of equal size, what it attends to, how it needs data."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.vision_transformer import attention, shares, train

MATHS = r"""
**Patches become tokens.** A picture of $32 \times 32$ pixels is cut into $N = (32/P)^2$ patches of
$P \times P$ pixels. Each, as a row of $3P^2$ numbers, goes through the same matrix $E$; a learnt
token $x_\text{cls}$ stands before them, and every place has a learnt vector of its own:

$$z_0 = \left[\,x_\text{cls};\ \data{x_1}E;\ \data{x_2}E;\ \dots;\ \data{x_N}E\,\right] + \model{E_\text{pos}},\qquad E \in \mathbb R^{3P^2 \times D},\quad \model{E_\text{pos}} \in \mathbb R^{(N+1) \times D}$$

$\model{E_\text{pos}}$ is all that the net has to tell one place from another. What comes after treats the
tokens as a set: if the patches are laid in another order and the rows of $\model{E_\text{pos}}$ with them, the logits are the same.

**Attention.** Each token asks ($q$), and is asked ($k$), and has something to tell ($v$). In each
of $h$ heads, with $d = D/h = 16$ numbers each,

$$[q, k, v] = z\,U_{qkv},\qquad \model{A} = \operatorname{softmax}\left(\frac{q k^\top}{\sqrt d}\right),\qquad \operatorname{head}(z) = \model{A}\,v$$

Row $i$ of $\model{A}$ says how much token $i$ listens to each of the others; it sums to 1. The heads lie side by side
and go through one more matrix: $\operatorname{MSA}(z) = [\operatorname{head}_1; \dots; \operatorname{head}_h]\,U$.

**Blocks** add to what they read. The norm comes first, so that the sum itself runs unhindered from the first layer to the last:

$$z'_\ell = \operatorname{MSA}(\operatorname{LN}(z_{\ell-1})) + z_{\ell-1},\qquad z_\ell = \operatorname{MLP}(\operatorname{LN}(z'_\ell)) + z'_\ell,\qquad \operatorname{MLP}(u) = \operatorname{GELU}(uW_1 + b_1)\,W_2 + b_2$$

The MLP is four times as wide inside. The answer is read from $[CLS]$ alone: logits $= \operatorname{LN}(z_L)_\text{cls}\,W + b$.

**What a convolution has from birth.** A filter sees neighbours only, and the same filter is at
every place. A transformer has to learn both. The CNN here has three layers of 3 × 3 filters with batch norm, $w$,
$2w$ and about $4w$ of them, so many that both nets have as many parameters, within 2 %.

**The rate** of AdamW rises for the first 5 % of the $T$ steps and then falls along half a cosine:

$$\eta_s = \frac{\eta}{2}\left(1 + \cos\frac{\pi\,(s - s_0)}{T - s_0}\right),\qquad s_0 = 0.05\,T$$

**Rollout.** What token $i$ knows after layer $\ell$ comes from the patches in the shares
$\model{R_\ell} = \frac12\,(I + \model{\bar A_\ell})\,\model{R_{\ell-1}}$, with $\bar A$ the mean over heads and $R_0 = I$: half by the sum, half by attention.
**How far a head looks** is $\sum_j \model{A_{ij}}\,\lVert p_i - p_j\rVert$, in pixels between the patches' places, mean over $i$ and pictures.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**A shredder.** Every picture is cut into its 64 patches, and they are laid in a "
        "new order, the same for all pictures. Who learns worse than before?",
        answers=("The CNN", "The transformer", "Both"),
        right="The CNN",
        reveal="The CNN falls from 57 % to 43 %; the transformer has 48 % as before, and wins. "
        "Which patches were neighbours it must find out in any case, and it does: the places of "
        "what were neighbours become alike, by .60 as without the shredder. See how the maps "
        "in the middle are torn.",
        query={"scene": "train", "shuffle": "True"},
    ),
    Exercise(
        predict="**A bag of patches.** Take the position embeddings away. The transformer then "
        "cannot tell a picture from its patches shaken in a bag. Of 48 %, what is left?",
        answers=("about 10 %", "about 25 %", "about 44 %"),
        right="about 44 %",
        reveal="44 %. Blue with a bit of grey is an airplane or a ship, wherever the grey is. "
        "Most of what the net learns in five epochs is what the patches show, little is where "
        "they are.",
        query={"scene": "train", "positions": "False"},
    ),
    Exercise(
        predict="**Layer by layer.** The shipped net has four layers, and at last 65 % of the "
        "validation pictures right. Where would it stand if [CLS] were read after the second?",
        answers=("at 25 %", "at 40 %", "at 55 %"),
        right="at 55 %",
        reveal="25 %, 55 %, 63 % and 65 % are right after the four layers, although only the "
        "last was ever asked for. Each adds to what was there, so that the head can read what "
        "is not ready yet. Watch the bars turn.",
        query={"scene": "attention"},
    ),
    Exercise(
        predict="**Near or far.** A filter of the CNN's first layer sees three pixels across. "
        "How far do the heads of the transformer's first layer look?",
        answers=("about 4 pixels", "about 8 pixels", "about 16 pixels"),
        right="about 16 pixels",
        reveal="15.1 to 16.4 pixels on average; a head that listens to all patches alike has "
        "16.5. Nothing tells a head to look nearby, and five epochs did not teach it. Nets that "
        "learn from many millions of pictures do grow heads of both kinds in the first layers.",
        query={"scene": "attention"},
    ),
    Exercise(
        predict="**What is a picture worth?** The transformer learns from 9,000 pictures, in 200 "
        "batches. How many pictures does the CNN need to be as good, in 200 batches too?",
        answers=("about 200", "about 2,000", "9,000"),
        right="about 200",
        reveal="About 200: it has 27 % right from 111 pictures and 38 % from 333; the "
        "transformer 32 % from 9,000. The CNN is born knowing that neighbours belong together "
        "and that a thing may stand anywhere. The transformer has to see that. "
        "Beyond 1,000 pictures neither gains: in 200 batches there is no time to use them.",
        query={"scene": "shares"},
    ),
    Exercise(
        predict="**A temple.** The net knows ten classes, and no temple is among them. What "
        "will it say?",
        answers=("10 % for each", "More than 50 % for one", "Nothing"),
        right="More than 50 % for one",
        reveal="A truck, with 57 %. Softmax shares out 100 % among the classes there are; there "
        "is no way to say *none of these*. [CLS] listens to 6 tokens only, so it looks as if it "
        "knew where the truck is.",
        query={"scene": "attention", "photo": "china"},
    ),
)

SOURCES = """
- Dosovitskiy, A. et al. (2021). [An image is worth 16x16 words: transformers for image recognition at scale](https://arxiv.org/abs/2010.11929): the net, similarity of positions and distance of attention in its figure 7, rollout in its figure 6.
- Vaswani, A. et al. (2017). [Attention is all you need](https://arxiv.org/abs/1706.03762).
- Abnar, S. and Zuidema, W. (2020). [Quantifying attention flow in transformers](https://arxiv.org/abs/2005.00928): rollout.
- Xiong, R. et al. (2020). [On layer normalization in the transformer architecture](https://arxiv.org/abs/2002.04745): why the norm comes first.
- Loshchilov, I. and Hutter, F. (2017). [SGDR: stochastic gradient descent with warm restarts](https://arxiv.org/abs/1608.03983): the cosine. (2019). [Decoupled weight decay regularization](https://arxiv.org/abs/1711.05101): AdamW.
- Krizhevsky, A. (2009). [Learning multiple layers of features from tiny images](https://www.cs.toronto.edu/~kriz/cifar.html): CIFAR-10.
"""  # noqa: E501

show(
    Lesson(
        entry=entry("vision_transformer"),
        scenes=(train.SCENE, attention.SCENE, shares.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
