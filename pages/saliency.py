"""V5: saliency: what made a net say so, how little changes its mind, what it would love to see."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.saliency import classes, dream, fooling, maps, path

MATHS = r"""
A net turns a picture $\data{x}$ into a score $\model{S_c(x)}$ for each class; the softmax makes them
probabilities. All that happens on this page is done with one thing: the gradient of a score, or of a
layer, **with respect to the pixels**. The weights stay as they are.

**Saliency** (Simonyan et al.): how much the score would change if a pixel $p$ did, in the colour
$k$ that matters most. **Grad-CAM** (Selvaraju et al.) asks a layer with maps $A^k$ on $Z$ places instead:

$$M_p = \max_{k}\left|\gradient{\frac{\partial S_c}{\partial x_{pk}}}\right|\qquad\qquad L = \max\Big(0,\ \sum_k \alpha_k A^k\Big),\quad \alpha_k = \frac1Z\sum_{p}\gradient{\frac{\partial S_c}{\partial A^k_p}}$$

**The test.** Pixels are deleted from the most important on: the best map loses the class soonest. The
area under each curve, the mean probability on the way, stands in the sentence (deletion, Petsiuk et al.).

**Integrated gradients** (Sundararajan et al.) walk straight from a baseline $x'$, a picture of
nothing, to $\data{x}$ and collect the gradient on the way; here in $m$ pieces, at the middle of each:

$$\gradient{\mathrm{IG}_i} = (\data{x_i} - x'_i)\int_0^1\frac{\partial S_c\big(x' + a(x - x')\big)}{\partial x_i}\,da \;\approx\; \frac{\data{x_i} - x'_i}{m}\sum_{j=1}^{m}\gradient{\frac{\partial S_c}{\partial x_i}}\Big(x' + \tfrac{j - 1/2}{m}(x - x')\Big)$$

**Completeness**: by the chain rule the integral over the path is the rise of the score, so nothing is
left over and nothing is counted twice; what differs is the error of $m$ pieces.

$$\sum_i \gradient{\mathrm{IG}_i} = \model{S_c}(\data{x}) - \model{S_c}(x')$$

**Fooling.** A step of root mean square $\eta$ up the slope of a wrong class $w$, over and over, kept
within $[0, 1]$:

$$\data{x} \leftarrow \mathrm{clip}\Big(\data{x} + \eta\,\frac{\gradient{g}}{\mathrm{rms}(g)}\Big),\qquad \gradient{g} = \frac{\partial \wrong{S_w}}{\partial x}$$

**Classes from noise.** The same climb from noise, on $\model{S_c(x)} - \lambda\lVert x - \tfrac12\rVert^2$. Before
each step the picture is shifted about (jitter); after every tenth it is blurred. Both say: what
matters must not hang on single pixels.

**Dreams.** No class at all: more of whatever layer $\ell$ sees already, on small copies of the photo
first (octaves), each step of mean size $\eta$:

$$\data{x} \leftarrow \mathrm{clip}\Big(\data{x} + \eta\,\frac{\gradient{g}}{\mathrm{mean}|g|}\Big),\qquad \gradient{g} = \frac{\partial}{\partial x}\,\mathrm{mean}\big(\model{A^{\ell}(x)}^2\big)$$

**Which net?** Two small ones come with the laboratory, one of them deeper and made robust against attacks. They
have seen nothing but 32 × 32 pixels of ten classes. Nets of ImageNet's thousand classes and 224 × 224 pixels show more, eyes and feathers
among it. torchvision has them; choosing one under *Net* fetches its weights once, and says so.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**Grey holes.** Instead of a blur, deleted pixels become grey. Now nobody chooses "
        "well: pixels go at random. Is the automobile lost sooner than before, or later?",
        answers=("Sooner", "Later", "No difference"),
        right="Sooner",
        reveal="Far sooner: the mean probability on the way falls from 63 % to 14 %, below that of "
        "every map. Grey speckles are like nothing the net has been taught, so they hurt wherever "
        "they are. The test had measured the shock as well as the map. Any such score must say "
        "what it puts in the place of a pixel.",
        query={"fill": "grey"},
    ),
    Exercise(
        predict="**A layer near the pixels.** Grad-CAM asks the last of three layers here. Let it "
        "ask the first, whose maps are finer. Does it find the automobile better?",
        answers=("Better", "No better than chance", "Much the same"),
        right="No better than chance",
        reveal="64 % on the way, chance has 63 %, the last layer 22 %. The first layer sees edges "
        "and colours, which are everywhere; one weight for each of its maps cannot say where the "
        "automobile is. Fine and meaningful are not to be had from one layer.",
        query={"layer": "1"},
    ),
    Exercise(
        predict="**One piece.** The path from grey to the picture in a single piece: one gradient, "
        "half way. The score rises by 16.5. What do the pixels add up to?",
        answers=("about 16.5", "less than 10", "more than 20"),
        right="more than 20",
        reveal="26.1, which is 58 % too much: half way the slope is steep, but at both ends it is "
        "not. Two pieces are 0.7 % off, by luck; five are 1.8 % off, fifty 0.3 %. That is what "
        "completeness is good for: one can check.",
        query={"scene": "path", "pieces": "1"},
    ),
    Exercise(
        predict="**From black.** With a black baseline, how much can a tyre that is perfectly "
        "black add to the score of automobile?",
        answers=("Nothing at all", "As much as before", "More"),
        right="Nothing at all",
        reveal="Nothing: its share is (x − x′) times a mean gradient, and x − x′ is 0. The "
        "baseline is the question “compared to what?”, and what equals it is never an answer. The "
        "pixels still add up, to within half a per cent.",
        query={"scene": "path", "baseline": "black"},
    ),
    Exercise(
        predict="**A cat for a truck.** By how many of 255 shades, on average, must this cat be "
        "changed until the net is 95 % sure of a truck?",
        answers=("about 3", "about 30", "about 100"),
        right="about 3",
        reveal="2.7, in 15 steps. Of the first 40 validation pictures every one that is no frog "
        "became a frog, by 5 shades as a rule, by 12 at most. Now choose the robust net, taught on "
        "attacked pictures: after 500 steps and 61 shades it is 38 % sure of a truck. The page on "
        "adversarial examples says how that is done.",
        query={"scene": "fooling", "index": "4", "target": "truck"},
    ),
    Exercise(
        predict="**A mere climb.** No jitter, no blur, no penalty. Is the net less certain of what "
        "comes out?",
        answers=("Less certain", "Just as certain", "It is never convinced"),
        right="Just as certain",
        reveal="100 % for all ten, and the scores are even higher, 102 in place of 74. But "
        "neighbouring pixels now differ by 112 shades instead of 59: speckles. A net is certain of "
        "much that is no picture; jitter and blur ask for what we, too, could see.",
        query={"scene": "classes", "jitter": "0", "blur": "0.0", "l2": "0.0"},
    ),
    Exercise(
        predict="**A net that withstands.** The robust net is right less often, on 67 % of the "
        "validation pictures instead of 79 %. Are its favourite pictures worse, too?",
        answers=("Worse", "Alike", "Much more like things"),
        right="Much more like things",
        reveal="Smooth bodies on plain grounds: an automobile with wheels, a horse, a ship on "
        "water. Neighbours differ by 48 shades, not 59. Who can be moved by speckles climbs by "
        "speckles; this net was taught to ignore them, so that a climb must draw. Its certainty "
        "is humbler: 27 % for the truck.",
        query={"scene": "classes", "net": "cifar_robust"},
    ),
)

SOURCES = """
- Simonyan, K., Vedaldi, A. and Zisserman, A. (2014). [Deep inside convolutional networks](https://arxiv.org/abs/1312.6034): saliency and class visualisation.
- Selvaraju, R. et al. (2017). [Grad-CAM](https://arxiv.org/abs/1610.02391).
- Sundararajan, M., Taly, A. and Yan, Q. (2017). [Axiomatic attribution for deep networks](https://arxiv.org/abs/1703.01365): integrated gradients.
- Petsiuk, V., Das, A. and Saenko, K. (2018). [RISE](https://arxiv.org/abs/1806.07421): the deletion test. Hooker, S. et al. (2019). [A benchmark for interpretability methods](https://arxiv.org/abs/1806.10758): what is wrong with it.
- Szegedy, C. et al. (2014). [Intriguing properties of neural networks](https://arxiv.org/abs/1312.6199): fooling images.
- Yosinski, J. et al. (2015). [Understanding neural networks through deep visualization](https://arxiv.org/abs/1506.06579): blur while climbing.
- Mordvintsev, A., Olah, C. and Tyka, M. (2015). [Inceptionism](https://research.google/blog/inceptionism-going-deeper-into-neural-networks/): DeepDream, octaves, jitter.
- Iandola, F. et al. (2016). [SqueezeNet](https://arxiv.org/abs/1602.07360). Simonyan, K. and Zisserman, A. (2015). [Very deep convolutional networks](https://arxiv.org/abs/1409.1556): VGG.
- Pictures: CIFAR-10 (Krizhevsky 2009); the photos come with scikit-learn (CC BY 2.0).
"""  # noqa: E501

show(
    Lesson(
        entry=entry("saliency"),
        scenes=(maps.SCENE, path.SCENE, fooling.SCENE, classes.SCENE, dream.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
