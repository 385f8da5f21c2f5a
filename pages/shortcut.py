"""V3: shortcut learning: a net that may read a digit instead of looking at the picture."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.shortcut import shortcut

MATHS = r"""
**The pictures.** 40 × 40 pixels: a CIFAR-10 picture of 32 × 32 at the top left and an MNIST digit of 14 × 14 at the bottom right, over the
picture's last 6 × 6 pixels, on black. Digit $k$ stands for class $k$ (0 airplane … 9 truck). A training picture of class $\data{y}$ gets a digit $g$
anew each time it is seen, by the agreement $a$; a validation picture never gets its own:

$$p(g = y) = a,\qquad p(g = k) = \frac{1-a}{9}\ \text{ for } k \neq y;\qquad\text{in validation } a = 0$$

**Why the net reads it.** The best answer to the training problem weighs both, for given its class a picture and its digit are independent:

$$\model{p(y = c \mid x, g)} \;\propto\; p(y = c \mid x)\; p(g \mid y = c) \qquad\Rightarrow\qquad \text{the digit multiplies the odds of its class by } \frac{9a}{1-a}$$

That is 16 at $a = 0.64$ and 81 at $a = 0.9$, the same for every picture; at $a = 0.1$ it is 1, and the digit says nothing. Nothing is wrong with the net, or with its
training: *the data* say that the digit is to be believed. Validation pictures, of another distribution, bring it to light.

**Two accuracies.** Of validation pictures, with $\model{\hat y}$ the net's answer:

$$\right{\text{picture}} = \operatorname{mean}\,[\model{\hat y} = y],\qquad \wrong{\text{digit}} = \operatorname{mean}\,[\model{\hat y} = g],\qquad \text{together at most } 1$$

**Where it looks.** Saliency is the slope of the score of the class it settles on, the largest of three colours: $\max_c\,\lvert\partial z_{\hat y} / \partial x_c\rvert$.

**Cures.** *Exchanging* the corners within a batch leaves all pixels as they are but makes the digit independent of the class, $a = 0.1$; it needs
somebody who knows where the shortcut lies. Mirroring, erasing and noise need no such knowledge, and leave the digit legible.
On the whole set (45,000 pictures, $a = 0.64$, corners exchanged, mirrored) eight epochs give 75.2 % of 5,000 validation pictures, and 2.7 % their digit.

**The net** has five convolutions of 16 (7 × 7), 32, 48, 64 and 80 filters (3 × 3), batch norm after each, the mean over all places and a linear layer: 95,882
parameters. Its loss is cross-entropy against labels smoothed by $\varepsilon = 0.1$; Adam's rate falls along a cosine:

$$q_c = (1-\varepsilon)\,[c = y] + \frac{\varepsilon}{10},\qquad \gradient{\frac{\partial \ell}{\partial z_c}} = \model{p_c} - q_c,\qquad \eta_t = \frac{\eta_0}{2}\left(1 + \cos\frac{\pi t}{T}\right)$$

**Norms.** Of each channel $\lVert h_k\rVert_2$ over all places, the mean over validation pictures of one class, divided by the layer's mean over channels.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**Nine of ten digits tell the truth** in training, none in validation. What will "
        "more validation pictures be taken for in the end?",
        answers=("what they show", "what their digit says", "both alike"),
        right="what their digit says",
        reveal="Their digit: 69 % of them, and 15 % what they show, while 87 % of the training "
        "pictures were right. At first the net looks at pictures, see the curves near step 50; "
        "after two epochs it has learnt to read.",
        query={"agreement": "0.9"},
    ),
    Exercise(
        predict="**The corners are exchanged** within each batch: all digits are still there, on "
        "other pictures. How often is the digit named in the end?",
        answers=("as before", "as often as any wrong class", "never"),
        right="as often as any wrong class",
        reveal="57 % are taken for what they show and 5 % for their digit: of the 43 % mistakes a "
        "ninth would hit it by chance, 4.8 %. The digit tells nothing any more, so nothing is "
        "learnt from it, and saliency leaves the corner.",
        query={"agreement": "0.9", "corner": "shuffle"},
    ),
    Exercise(
        predict="**A blind cure.** Half of the pictures get a rectangle of noise somewhere, and "
        "all pixels are noisy: the usual augmentation, by somebody who does not know of the digit. "
        "Of the 69 % that were taken for their digit, how many remain?",
        answers=("all of them", "about half", "hardly any"),
        right="all of them",
        reveal="70 %, and 12 % are taken for what they show. Noise makes pictures harder to "
        "recognise, but a white digit on black hardly harder to read. Augmentation helps where it "
        "removes what should not count, and that somebody has to know.",
        query={"agreement": "0.9", "erase": "0.5", "noise": "0.1"},
    ),
    Exercise(
        predict="**A digit that never lies.** At agreement 1 a net need not look at pictures at "
        "all. How many validation pictures will it get right, where guessing gets 10 %?",
        answers=("about half", "10 %", "fewer than 10 %"),
        right="fewer than 10 %",
        reveal="3 %, with 97 % right in training and 89 % taken for their digit. No validation "
        "picture has the digit of its class, so whoever reads digits well is right less often than "
        "one who guesses.",
        query={"agreement": "1.0"},
    ),
    Exercise(
        predict="**64 %.** By what factor does a digit raise the odds of its class, in the best "
        "answer to the training problem? (The maths has the formula.)",
        answers=("0.64", "1.8", "16"),
        right="16",
        reveal="9 · 0.64 / 0.36 = 16, for the 36 % that lie are spread over nine classes. A net "
        "that is unsure between two animals sides with the digit; where it is sure of a ship, the "
        "digit cannot change its mind.",
        query={"agreement": "0.64"},
    ),
)

SOURCES = """
- Geirhos, R. et al. (2020). [Shortcut learning in deep neural networks](https://arxiv.org/abs/2004.07780).
- Beery, S., Van Horn, G. and Perona, P. (2018). [Recognition in terra incognita](https://arxiv.org/abs/1807.04975). Cows on beaches.
- Szegedy, C. et al. (2016). [Rethinking the Inception architecture](https://arxiv.org/abs/1512.00567), section 7. Label smoothing.
- Zhong, Z. et al. (2020). [Random erasing data augmentation](https://arxiv.org/abs/1708.04896).
- Simonyan, K., Vedaldi, A. and Zisserman, A. (2014). [Deep inside convolutional networks](https://arxiv.org/abs/1312.6034). Saliency.
- Krizhevsky, A. (2009). [Learning multiple layers of features from tiny images](https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf). CIFAR-10. Digits: MNIST by Y. LeCun, C. Cortes and C. Burges (CC BY-SA 3.0).
"""  # noqa: E501

show(
    Lesson(
        entry=entry("shortcut"),
        scenes=(shortcut.SCENE,),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
