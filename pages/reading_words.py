"""G6: words are read by energies: a path of least energy, found by dynamic programming."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.reading_words import learn, read

MATHS = r"""
**A table of energies.** The net slides over the picture $x$. In window $l$ of $L$ each class $k$, a
letter or the gap, gets an energy $\model{e_{l,k}}$: low where the letter fits.

**A word is many paths.** A path $z$ gives each window a class. It reads $y$ where its letters, each for
one window or more and with at least one gap between two, spell $y$. Where the letters are is latent:

$$\model{E(x, y, z)} = \sum_{l=1}^{L} \model{e_{l,z_l}}, \qquad F(x, \data{y}) = \min_{z\,\to\,\data{y}} E(x, \data{y}, z), \qquad \hat y = \arg\min_y F(x, y)$$

**Dynamic programming.** Paths to the same class share their past: only the best one matters. With
$V_{1,k} = e_{1,k}$, for a letter $k$ and for the gap,

$$V_{l,k} = e_{l,k} + \min(V_{l-1,k},\, V_{l-1,\text{gap}}), \qquad V_{l,\text{gap}} = e_{l,\text{gap}} + \min_j V_{l-1,j}$$

The least $V_{L,k}$ is $\min_y F(x, y)$; the way back gives path and word. That is $27\,L$ sums in place of
some $(1+\sqrt{26})^L$ paths.

**Learning.** The right word's energy goes down, what it is mistaken for goes up. With all paths, and
$F_\beta = -\tfrac1\beta\log\sum_z e^{-\beta E}$, the negative log-likelihood is

$$\ell_{\text{nll}} = \frac1L\big[\right{F_\beta(x, \data{y})} - \wrong{F_\beta(x)}\big], \qquad \frac{\partial\,\ell_{\text{nll}}}{\partial e_{l,k}} = \frac1L\big[\right{p(z_l{=}k \mid x, \data{y})} - \wrong{p(z_l{=}k \mid x)}\big]$$

with $F_\beta(x)$ over the paths of all words. Only with the best path $z^*$ of $y$, a rival $z$ shall be worse by $m$ for each window in which it differs:

$$\ell_{\text{margin}} = \frac1L\Big[\right{E(x, z^*)} - \min_{z}\big(\wrong{E(x, z)} - m\,|\{l : z_l \ne z^*_l\}|\big)\Big] \;\ge\; 0$$

**Remember:** nobody has to say where a letter is. The net's energies and the search for the best path find
it together.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**Double letters.** “glass” has two s in a row. How does a path tell them from one"
        " long s?",
        answers=("It cannot", "By a gap between them", "By the width"),
        right="By a gap between them",
        reveal="Look at the boxes in the table: s, gap, s. A letter may stay for several windows, "
        " so without the rule of a gap between letters “s s” and “s” were the same path.",
        query={"word": "glass", "rival": "glas"},
    ),
    Exercise(
        predict="**A font it never saw.** Indie Flower was kept from training. How will “window” be"
        " read?",
        answers=("Rightly", "With mistakes that look alike", "As nonsense"),
        right="With mistakes that look alike",
        reveal="“uindou”: this hand's w is round, and looks like a u. Under “Other words”, “uindow”"
        " costs hardly more. Of two letters in this font it reads three pairs in four, of fonts it"
        " knows 99 %.",
        query={"word": "window", "font": "indie-flower"},
    ),
    Exercise(
        predict="**Nearly a tie.** In Kalam an l is an i without a dot. Than “ill”,"
        " how much more energy has “ili”?",
        answers=("Less than 1", "About 5", "More than 20"),
        right="Less than 1",
        reveal="The two bars are of almost the same, tiny length, and both paths are about as"
        " likely. “grass” is 79 worse. Energies say how sure the reading is, letter by letter.",
        query={"word": "ill", "font": "kalam"},
    ),
    Exercise(
        predict="**Break it.** The net learnt with noise of .1 on the paper. What does noise of .4"
        " do to “glass”?",
        answers=("Nothing", "One letter goes wrong", "Most letters go wrong"),
        right="Most letters go wrong",
        reveal="It reads “qtagf”. The best path has a probability of only 2 %, so it can tell that"
        " it does not know. Train with more noise in the scene “Learn”, then let that net read.",
        query={"noise": "0.4"},
    ),
)

SOURCES = """
- LeCun, Y., Bottou, L., Bengio, Y. and Haffner, P. (1998). [Gradient-based learning applied to document recognition](http://yann.lecun.com/exdb/publis/pdf/lecun-98.pdf): sections IV to VI.
- LeCun, Y., Chopra, S., Hadsell, R., Ranzato, M. and Huang, F. (2006). [A tutorial on energy-based learning](http://yann.lecun.com/exdb/publis/pdf/lecun-06.pdf): sections 6 and 7.
- Viterbi, A. (1967). [Error bounds for convolutional codes and an asymptotically optimum decoding algorithm](https://doi.org/10.1109/TIT.1967.1054010).
- Graves, A. et al. (2006). [Connectionist temporal classification](https://www.cs.toronto.edu/~graves/icml_2006.pdf): sums over all paths, with gaps that may be left out.
- Yu, C. and Joachims, T. (2009). [Learning structural SVMs with latent variables](https://www.cs.cornell.edu/~cnyu/papers/icml09_latentssvm.pdf).
- Fonts under the SIL Open Font License, through the npm packages of Fontsource; their licences are in `assets/data/fonts`.
"""  # noqa: E501

show(
    Lesson(
        entry=entry("reading_words"),
        scenes=(read.SCENE, learn.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
