"""S1: recurrent cells on the echo task, and how far a gradient reaches back through them."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.recurrent_cells import echo, reach

MATHS = r"""
**A cell is one step.** It reads $\data{x_t}$ and the state it left itself, and hands on a new one. The same weights serve every step:

$$\model{h_t} = \tanh(W\data{x_t} + b + U\model{h_{t-1}} + d)$$

This is the plain **RNN**. What it says at step $t$ is read from $\model{h_t}$ alone: logits $= V\model{h_t} + e$.

**How far it remembers.** What $\model{h_s}$ had to do with $\model{h_t}$ is one matrix, and the chain rule makes it a product of as many as there are steps between:

$$\gradient{\frac{\partial h_t}{\partial h_s}} = \prod_{r=t}^{s+1} \operatorname{diag}\left(1 - h_r^2\right) U = \operatorname{diag}(1-h_t^2)\,U \cdots \operatorname{diag}(1-h_{s+1}^2)\,U$$

If the factors shrink vectors, the product vanishes exponentially in $t - s$, and so does what the loss at $t$ can teach about step $s$; if they stretch them, it explodes. The panels show
$\lVert\gradient{\partial h_t/\partial h_s}\rVert_F/\sqrt{n}$, which is 1 if every unit is handed on as it is. It is the whole derivative, along all paths.

**Gates** let a state pass through no matrix at all. In the **gated cell** one gate decides, unit by unit:

$$c_t = \sigma(W_c\data{x_t} + W_h\model{h_{t-1}}),\qquad \model{h_t} = c_t \odot \model{h_{t-1}} + (1 - c_t)\odot \overline{W}\data{x_t}$$

The **GRU** adds a gate $r$ on what the new proposal may read of the past,

$$\model{h_t} = z_t\odot \model{h_{t-1}} + (1-z_t)\odot\tanh\left(W_n\data{x_t} + b_n + r_t\odot(U_n\model{h_{t-1}} + d_n)\right)$$

and the **LSTM** keeps a second state $c$, which only gates touch:

$$c_t = f_t\odot c_{t-1} + i_t\odot g_t,\qquad \model{h_t} = o_t\odot\tanh(c_t)$$

with $i, f, o = \sigma(\dots)$ and $g = \tanh(\dots)$ of $W\data{x_t} + b + U\model{h_{t-1}} + d$. Along $c$ alone, $\gradient{\partial c_t/\partial c_s} = \operatorname{diag}(f_t \odot \dots \odot f_{s+1})$: no matrix, no slope of a tanh.

**AttentionRNN(k)** looks at its input and at its last $k$ states, $h^{(0)} = \data{x_t}$ and $h^{(i)} = \model{h_{t-i}}$:

$$q_i, k_i, v_i = Q_ih^{(i)},\ K_ih^{(i)},\ V_ih^{(i)},\qquad a[t] = \operatorname{softmax}_i\left(\frac{q_i^\top k_i}{\sqrt n}\right),\qquad \model{h_t} = \sum_{i=0}^{k} a_i[t]\,v_i$$

States before the first are 0. *Untied*, every distance $i$ has matrices of its own, $3n^2$ parameters each, so that the cell knows how old a state is.
*Tied*, $Q_1 = Q_2 = \dots$, and so for $K$ and $V$ (those of $x$ stay apart): parameters no longer grow with $k$, but then age can be told only by what is in a state.
AttentionRNN(∞) looks at all states there were, and has to be tied. There is no tanh: all but the softmax is linear.

**The echo.** Letters come one by one; at step $t$ letter $t - D$ is to be said. With a variable delay each sequence has its own $D$, and the cell is told it at every step. The loss is the cross-entropy
of all letters that can be said, and the share of right ones is taken on sequences that were never trained on.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**A memory grows.** From four steps back, ‖∂hₜ/∂hₛ‖ is .12 in the RNN before "
        "training. It learns to echo with a delay of four. What is the norm then?",
        answers=("smaller", "about as it was", "about ten times as large"),
        right="about ten times as large",
        reveal="About 1.5, after 150 steps all is echoed. To learn the echo the cell has to "
        "hand on what it heard, and the gradient takes the same way back. Beyond the "
        "echo the line falls: what is older than four steps may be forgotten.",
        query={"scene": "echo"},
    ),
    Exercise(
        predict="**Gates half open.** No cell is trained yet. At an initial scale of 1.1, which of "
        "these hands the most gradient back over 39 steps?",
        answers=("RNN", "LSTM", "GRU"),
        right="RNN",
        reveal="The RNN, with .012; LSTM and GRU keep 2·10⁻⁶. Fresh gates stand half open, so "
        "that a gated cell forgets half at every step. What gates give is not memory, but that "
        "memory can be learnt.",
        query={"scene": "reach"},
    ),
    Exercise(
        predict="**Out of sight.** AttentionRNN(3) looks at its last three states; the letter to "
        "be said was heard four steps ago. Will it learn the echo?",
        answers=("Yes", "Half of it", "No"),
        right="Yes",
        reveal="99 % after 120 steps, where AttentionRNN(4) takes 70, and an LSTM 470. What it "
        "cannot see it can pass on: a state that it looks at holds what that one looked at.",
        query={"scene": "echo", "cell": "attention", "k": "3"},
    ),
    Exercise(
        predict="**Kept for ever.** A unit of the gated cell may shut its gate and keep what it "
        "has as long as it likes. It should echo as well as an LSTM, should it not?",
        answers=("as well", "faster", "not nearly as well"),
        right="not nearly as well",
        reveal="69 % after 1,500 steps. Each unit keeps, but nothing moves on: h goes through no "
        "matrix, so that a letter stays in the units in which it came, and what is read from them "
        "cannot know how old it is. An echo needs both, to keep and to hand on.",
        query={"scene": "echo", "cell": "gated"},
    ),
    Exercise(
        predict="**Who needs the most parameters?** All cells have 32 units. Which has the most?",
        answers=("LSTM", "AttentionRNN(4)", "AttentionRNN(∞)"),
        right="AttentionRNN(4)",
        reveal="Every state that is attended to costs 3 · 32² = 3,072 parameters if its queries, "
        "keys and values are its own: 13,056 for k = 4. AttentionRNN(∞) ties them for all states "
        "and needs 3,840, an LSTM 5,376.",
        query={"scene": "reach", "cell": "attention"},
    ),
)

SOURCES = """
- Elman, J. L. (1990). [Finding structure in time](https://doi.org/10.1207/s15516709cog1402_1): the plain recurrent net.
- Hochreiter, S. and Schmidhuber, J. (1997). [Long short-term memory](https://doi.org/10.1162/neco.1997.9.8.1735). Gers, F., Schmidhuber, J. and Cummins, F. (2000). [Learning to forget](https://doi.org/10.1162/089976600300015015): the forget gate.
- Cho, K. et al. (2014). [Learning phrase representations using RNN encoder-decoder](https://arxiv.org/abs/1406.1078): the GRU.
- Bengio, Y., Simard, P. and Frasconi, P. (1994). [Learning long-term dependencies with gradient descent is difficult](https://doi.org/10.1109/72.279181); Pascanu, R., Mikolov, T. and Bengio, Y. (2013). [On the difficulty of training recurrent neural networks](https://arxiv.org/abs/1211.5063): how the product of Jacobians vanishes or explodes.
- Bahdanau, D., Cho, K. and Bengio, Y. (2015). [Neural machine translation by jointly learning to align and translate](https://arxiv.org/abs/1409.0473): attention to states.
"""  # noqa: E501

show(
    Lesson(
        entry=entry("recurrent_cells"),
        scenes=(echo.SCENE, reach.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
