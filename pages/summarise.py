"""Summaries, and what a small net can learn from a large one."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.summarise import distil, train

MATHS = r"""
**Summing up.** An encoder turns the pieces read, $x_1 \dots x_n$, into vectors; a decoder writes the summary $y_1 \dots y_m$ piece by piece, listening to them and to what it has written. It learns by

$$L_\text{data} = -\frac{1}{\sum_t c_t} \sum_t c_t \log \model{p(y_t \mid y_{<t},\, x)},\qquad c_t = \begin{cases} 1 & y_t \ne [PAD] \\ 0 & \text{else} \end{cases}$$

Texts in a batch are filled up with $[PAD]$ to one length. The mask $c$ keeps that out of the loss, and a mask in attention keeps it from being heard: so a text means the same alone and in a batch. A summary runs from $[CLS]$ to $[SEP]$; the net stops where it writes $[SEP]$.

**Distillation.** The teacher's answer says more than the right piece: how wrong each other piece would have been. At temperature $T$ both answers are softened, $p^T_j \propto e^{z_j / T}$, and the student learns

$$L_\text{answers} = T^2\; \mathrm{KL}\!\left(\data{p^T_\text{teacher}} \,\middle\|\, \model{p^T_\text{student}}\right) = T^2 \sum_j \data{p_j^T} \log \frac{\data{p_j^T}}{\model{q_j^T}}$$

Gradients of softened answers shrink as $1/T^2$; the factor makes up for it.

**From the inside.** A matrix $W$ that is learnt along maps the student's narrower vectors to the teacher's, and each layer $\ell$ of the student matches the layer $g(\ell)$ of the teacher:

$$L_\text{hidden} = \frac{1}{N} \sum_\ell \frac{\lVert \model{H_\ell} W - \data{H_{g(\ell)}} \rVert^2}{\lVert \data{H_{g(\ell)}} \rVert^2},\qquad L_\text{attention} = \frac{1}{N} \sum_\ell \mathrm{KL}\!\left(\data{A_{g(\ell)}} \,\middle\|\, \model{A_\ell}\right)$$

and the embeddings likewise, with a $W$ of their own. Here $N$ counts layers of encoder and decoder, and the cross-attention of the latter once more; the loss is the plain sum of the terms that are chosen.

**A fair test.** The twin is the same small net, from the same start, on the same batches, with the same optimiser. It has $L_\text{data}$ alone. Both are judged on pairs that neither they nor the teacher learnt from.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**Twins.** Student and twin are the same small net, from the same start, on the "
        "same 300 batches; the student has a teacher besides. How far is it ahead on new texts?",
        answers=("not at all", "0.1 nats per piece", "0.4 nats per piece"),
        right="0.4 nats per piece",
        reveal="4.45 against 4.83 nats. The data name one right piece; the teacher also says which "
        "others would have done, and how it came to that. The teacher itself has 3.57.",
        query={"scene": "distil"},
    ),
    Exercise(
        predict="**Few examples.** Both learn from a twentieth of the texts, 387 of them, in as "
        "many batches. What becomes of the student's lead of 0.4 nats?",
        answers=("It goes", "It stays", "It more than triples"),
        right="It more than triples",
        reveal="1.47 nats: 4.93 against 6.40. The twin learns its few summaries by heart, 1.6 nats "
        "on them, and is lost elsewhere. The teacher knows 7,738 texts, and passes some of that on "
        "through what it says of 387.",
        query={"scene": "distil", "share": "0.05"},
    ),
    Exercise(
        predict="**Answers alone.** The student learns from the data and from the teacher's "
        "answers, but not from what goes on inside. How large is its lead?",
        answers=("0.15 nats", "0.4 nats", "0.6 nats"),
        right="0.15 nats",
        reveal="4.69 against 4.83. Most of the lead came from the inside: embeddings, hidden "
        "states and attention tell a net early where it should arrive.",
        query={"scene": "distil", "terms": "labels,prediction"},
    ),
    Exercise(
        predict="**The inside alone.** Now the student matches embeddings, hidden states and "
        "attention, and hears no answer, not even the teacher's. What does it write?",
        answers=("What the teacher writes", "What its twin writes", "Nonsense"),
        right="Nonsense",
        reveal="7.15 nats, worse than 6.93, to which guessing evenly among 1,024 pieces comes. The "
        "inner terms fall as before, but the matrices that map the student's vectors to the "
        "teacher's are thrown away, and nobody taught it to speak.",
        query={"scene": "distil", "terms": "embedding,hidden,attention"},
    ),
)

SOURCES = """
- Hinton, G., Vinyals, O. and Dean, J. (2015). [Distilling the knowledge in a neural network](https://arxiv.org/abs/1503.02531): soft answers and their temperature.
- Jiao, X. et al. (2020). [TinyBERT: distilling BERT for natural language understanding](https://arxiv.org/abs/1909.10351): embeddings, hidden states, attention, and which layers match. Sun, Z. et al. (2020). [MobileBERT: a compact task-agnostic BERT for resource-limited devices](https://arxiv.org/abs/2004.02984): attention matched head by head, by its KL.
- Romero, A. et al. (2015). [FitNets: hints for thin deep nets](https://arxiv.org/abs/1412.6550): learning from hidden states.
- Vaswani, A. et al. (2017). [Attention is all you need](https://arxiv.org/abs/1706.03762): the net.
- The data: docstrings of the Python packages on this machine (NumPy, PyTorch, SciPy, scikit-learn, pandas, Streamlit, Plotly and others, each under its own licence); the files are read, none is run or shipped.
"""  # noqa: E501

show(
    Lesson(
        entry=entry("summarise"),
        scenes=(train.SCENE, distil.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
