"""Captions: a picture is seen once, and then told word by word."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.captions import train, write

MATHS = r"""
**The picture is the first state.** A small CNN, trained on CIFAR-10 and never changed here, makes 2,048 numbers $\phi(\data{x})$ of a picture, $\hat\phi$ once they have mean 0 and spread 1. They are looked at once:

$$h_0 = W_x\, \hat\phi(\data{x}) + b_x,\qquad c_0 = 0$$

**Then words.** $y_0$ is START, and $e_{y}$ the learnt vector of a word. For an RNN

$$\model{h_t} = \tanh(W e_{y_{t-1}} + U \model{h_{t-1}} + b),\qquad \model{p(y_t \mid y_{<t}, x)} = \operatorname{softmax}(V \model{h_t} + a)$$

and for an LSTM, with gates $i, f, o = \sigma(\dots)$ and $g = \tanh(\dots)$ of the same two inputs,

$$c_t = f_t \odot c_{t-1} + i_t \odot g_t,\qquad \model{h_t} = o_t \odot \tanh c_t$$

In training $y_{t-1}$ is the word of a person, whatever the net would have said. The loss is $-\frac1T \sum_t \log \model{p}(y_t)$, END being a word too.

**Back to the picture.** How much a word depends on the picture is

$$\gradient{\frac{\partial \log p(y_t)}{\partial x}} = \gradient{\frac{\partial \log p(y_t)}{\partial h_t}}\; \frac{\partial h_t}{\partial h_{t-1}} \cdots \frac{\partial h_1}{\partial h_0}\; W_x\, \frac{\partial \hat\phi}{\partial x}$$

There are $t$ factors between a word and the picture, so late words can lose sight of it.

**Choosing words.** *Likeliest*: $y_t = \arg\max_y p(y)$. *Drawn* at temperature $\tau$: from $\operatorname{softmax}(\text{logits}/\tau)$. *Beam search* keeps the $B$ texts with the largest $\sum_t \log p(y_t)$ and extends all of them.

**BLEU** compares runs of 1 to 4 words with the captions of people. $p_n$ is the share of the written runs of $n$ words that occur in a caption of the same picture, none counted more often than there; $c$ words were written, $r$ is the length of the nearest captions:

$$\text{BLEU} = \min\!\left(1, e^{\,1 - r/c}\right) \left(p_1\, p_2\, p_3\, p_4\right)^{1/4}$$

BLEU-1 is $\min(1, e^{1-r/c})\, p_1$.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**A long way back.** The gradient of the eighth word has to go through eight "
        "states to reach the picture. Which net lets more of it through?",
        answers=("The RNN", "The LSTM", "Both alike"),
        right="The LSTM",
        reveal="The LSTM; see the two curves part. In the RNN the picture is multiplied by a "
        "matrix and squashed at every word; the LSTM's cell keeps it wherever the forget gate is "
        "open. In the shipped nets the first word's gradient is 1.4 and 1.3, the twelfth's 0.04 in "
        "the RNN and 0.20 in the LSTM.",
        query={"scene": "train"},
    ),
    Exercise(
        predict="**Fifty pictures.** An LSTM learns from 50 scenes only, for 250 rounds. Then it "
        "has BLEU .82 on them. On scenes it has never seen?",
        answers=("about .25", "about .5", "about .8"),
        right="about .25",
        reveal=".24; 1 or 2 of 100 captions are true. The loss on the 50 falls to 0.3 nats per "
        "word while that on new scenes rises to 1.9: it knows the pictures by heart, and no word "
        "by its meaning. With 4,000 scenes both are about 0.7.",
        query={
            "scene": "train",
            "cells": "lstm",
            "share": "0.0125",
            "epochs": "250",
            "learning_rate": "0.01",
        },
    ),
    Exercise(
        predict="**Too hot.** Draw words at a temperature of 2.5. What becomes of the captions?",
        answers=("Other words, still a sentence", "No sentence any more", "Nothing changes"),
        right="No sentence any more",
        reveal="Such as *there are white triangle triangle above a column*. Of 60 captions none is "
        "true, where the likeliest words give 7, and BLEU falls from .47 to .20. Dividing by 2.5 "
        "makes all words nearly alike, and one wrong word leads to the next.",
        query={"scene": "write", "way": "sample", "temperature": "2.5"},
    ),
    Exercise(
        predict="**Five texts side by side.** Of the first 60 pictures the likeliest words give 7 "
        "captions that are true in every detail. With five beams?",
        answers=("7", "9", "30"),
        right="9",
        reveal="9. The texts get likelier, from a mean log-probability of −4.7 to −4.6, and hardly "
        "truer: what the net does not see, no search will find. Its eyes were trained to tell cats "
        "from trucks. Picture 0 shows two small white circles, and it says crosses.",
        query={"scene": "write", "way": "beam", "beams": "5"},
    ),
    Exercise(
        predict="**A flower.** The net has seen circles, squares, triangles and crosses only. Show "
        "it the photo of a flower.",
        answers=("It says nothing", "It says flower", "It sees shapes"),
        right="It sees shapes",
        reveal="*A yellow square is right of a large yellow triangle.* It has 36 words, and all "
        "its captions are made of them. Nothing lets it say that this is none of what it knows.",
        query={"scene": "write", "photo": "flower"},
    ),
)

SOURCES = """
- Vinyals, O. et al. (2015). [Show and tell: a neural image caption generator](https://arxiv.org/abs/1411.4555). Karpathy, A. and Fei-Fei, L. (2015). [Deep visual-semantic alignments for generating image descriptions](https://arxiv.org/abs/1412.2306).
- Papineni, K. et al. (2002). [BLEU: a method for automatic evaluation of machine translation](https://aclanthology.org/P02-1040/). Computed by [sacrebleu](https://github.com/mjpost/sacrebleu) (Post, M. 2018. [A call for clarity in reporting BLEU scores](https://arxiv.org/abs/1804.08771)).
- Lin, T.-Y. et al. (2014). [Microsoft COCO: common objects in context](https://arxiv.org/abs/1405.0312): the format of one's own captions.
- Hochreiter, S. and Schmidhuber, J. (1997). [Long short-term memory](https://doi.org/10.1162/neco.1997.9.8.1735).
"""  # noqa: E501

show(
    Lesson(
        entry=entry("captions"),
        scenes=(train.SCENE, write.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
