"""Rating reviews: word vectors, and a state that is carried from word to word."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.reviews import read, train

MATHS = r"""
**A word is a vector** $\data{e_t} \in \mathbb{R}^{50}$, a row of a table. GloVe has learnt the table from which words stand near one another in six billion words of text. How often $j$ stands near $i$ is $X_{ij}$, and the vectors are such that

$$e_i^\top \tilde e_j + b_i + \tilde b_j \approx \log X_{ij}$$

So words that are used alike lie close together, before anything is known of stars.

**A state is carried along.** Two layers of LSTM read the review. In each, with $x_t$ the word, or what the layer below says of it:

$$i_t,\, f_t,\, o_t = \sigma(W_{\!i,f,o}\, x_t + U_{\!i,f,o}\, h_{t-1} + b_{i,f,o}),\qquad g_t = \tanh(W_g x_t + U_g h_{t-1} + b_g)$$

$$c_t = f_t \odot c_{t-1} + i_t \odot g_t,\qquad \model{h_t} = o_t \odot \tanh c_t$$

**The rating** is read from the last state of the upper layer:

$$\model{p(s \mid e_1 \dots e_T)} = \operatorname{softmax}(V\, \model{h_T} + a)_s,\qquad L = -\log \model{p}(s^\ast)$$

The net gets no rating of a single word. After word $t$ the stage shows what the net would say if the review ended there, and the mean $\sum_s s\, \model{p(s \mid e_1 \dots e_t)}$.

**Packed sequences.** Reviews of a batch differ in length. Filled up with zeros, the short ones would be read on for nothing, and their last state would not be that of their last word. Packed, step $t$ takes only those reviews that have a word $t$.

**Dropout** leaves out a share $p$ of the numbers that enter each layer and the read-out, others in each batch, and divides the rest by $1-p$. Which numbers are missing is drawn anew at every word; or, with *one mask per review*, once for all its words, so that the net cannot gather from many words what it misses in one. The state that is carried along is left whole.

**Tuned or frozen.** The gradient $\gradient{\partial L / \partial e_t}$ can move the vectors of the words that occur in training. The others stay where GloVe left them, so that near words drift apart.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**Words that nobody rated.** A third of the adjectives, such as *lovely* and "
        "*miserable*, are in no review that the net learns from. It gets 61 % of the reviews "
        "right whose words it knows. And of reviews that have only the new ones?",
        answers=("about 20 %, by chance", "about 40 %", "about 60 %"),
        right="about 60 %",
        reveal="60 %. GloVe has put *lovely* near *nice* and *miserable* near *awful*, for they "
        "stand among the same words. What the net learns of the one holds for the other.",
        query={"scene": "train"},
    ),
    Exercise(
        predict="**Without GloVe.** Let the vectors begin at random, and learn them with the rest. "
        "Known words, new words: where does that help, where does it hurt?",
        answers=("It hurts both", "It helps known, hurts new words", "It helps both"),
        right="It helps known, hurts new words",
        reveal="65 % instead of 61 % of the reviews with known words are right, for now each word "
        "may go where it is needed. Of those with new words 47 % instead of 60 %: their vectors "
        "still are where chance put them, and the net lives on *but* and on the endings. GloVe as "
        "a start, then tuned, gets 64 % and 63 %.",
        query={"scene": "train", "vectors": "random"},
    ),
    Exercise(
        predict="**Not bad.** *The food was bad* gets 1.4 stars and *the food was good* 4.3. What "
        "does the net give for *the food was not bad*?",
        answers=("about 1.5", "about 2.7", "about 4.3"),
        right="about 2.7",
        reveal="2.7; and 2.8 for *not good*, 2.7 for *not terrible*, 2.9 for *not amazing*. It has "
        "learnt that *not* takes the sting out of what follows, hardly that it turns it round. "
        "Watch the state: after *not* it is another one, and *bad* does little to it.",
        query={"scene": "read", "review": "The food was not bad."},
    ),
    Exercise(
        predict="**Same words, other order.** *The food was awful but the service was wonderful* "
        "has the words of *the service was wonderful but the food was awful*. How far apart are "
        "the ratings?",
        answers=("not at all", "by half a star", "by two stars"),
        right="by two stars",
        reveal="3.9 and 1.9 stars. Reviewers mean what comes after the *but*, the net has found "
        "out; and it remembers the end best in any case: *bad good* gets 4.2, *good bad* 1.4. "
        "A net that only adds up its words would give the same for both.",
        query={
            "scene": "read",
            "review": "The food was awful but the service was wonderful.",
        },
    ),
    Exercise(
        predict="**A word it cannot know.** *Disgusting* is not among GloVe's 20,000 words here. "
        "*The soup was disgusting* gets …",
        answers=("1 to 2 stars", "about 3 stars", "4 to 5 stars"),
        right="about 3 stars",
        reveal="3.2. A word in brackets is a vector of zeros, and the net stays where it was. "
        "*Loved* stood in no opinion that it learnt from, but GloVe has it: *I loved it* gets 4.6.",
        query={"scene": "read", "review": "The soup was disgusting."},
    ),
)

SOURCES = """
- Pennington, J., Socher, R. and Manning, C. (2014). [GloVe: global vectors for word representation](https://nlp.stanford.edu/pubs/glove.pdf).
- Hochreiter, S. and Schmidhuber, J. (1997). [Long short-term memory](https://doi.org/10.1162/neco.1997.9.8.1735). Cho, K. et al. (2014). [Learning phrase representations using RNN encoder-decoder](https://arxiv.org/abs/1406.1078): the GRU.
- Srivastava, N. et al. (2014). [Dropout: a simple way to prevent neural networks from overfitting](https://jmlr.org/papers/v15/srivastava14a.html). Zaremba, W., Sutskever, I. and Vinyals, O. (2014). [Recurrent neural network regularization](https://arxiv.org/abs/1409.2329): on what enters each layer. Gal, Y. and Ghahramani, Z. (2016). [A theoretically grounded application of dropout in recurrent neural networks](https://arxiv.org/abs/1512.05287): the same mask at every word.
- Zhang, X., Zhao, J. and LeCun, Y. (2015). [Character-level convolutional networks for text classification](https://arxiv.org/abs/1509.01626): Yelp's full set, which one may read but not pass on.
"""  # noqa: E501

show(
    Lesson(
        entry=entry("reviews"),
        scenes=(train.SCENE, read.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
