"""V2: convolutional nets on CIFAR-10: filters, feature maps, norms, augmentation, a search."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.cnn import augment, inside, learn, search, table

MATHS = r"""
**A convolution** asks the same question everywhere. Channel $k$ of a layer weighs the 3 × 3 places around
$(i, j)$ in all channels $c$ below it, with weights $\model{w}$ that are the same at every place:

$$z_{kij} = b_k + \sum_c \sum_{u=-1}^{1}\sum_{v=-1}^{1} \model{w_{kcuv}}\;\data{x_{c,\,i+u,\,j+v}}$$

That is $9\,C_\text{in}\,C_\text{out} + C_\text{out}$ parameters, however large the picture. In the first layer $c$ is red,
green or blue: a filter *is* a picture of 3 × 3 pixels, and as such it is drawn.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**How many parameters?** The last layer of the small net is linear: it weighs 128 "
        "channels of 4 × 4 places for each of ten classes. How much of the whole net is that?",
        answers=("A fiftieth", "A fifth", "More than half"),
        right="A fifth",
        reveal="20,490 of 114,186 parameters: 18 %. Most, 65 %, are in the third convolution: 9 "
        "weights for each of 64 × 128 pairs of channels. The first, on the colours, has 896.",
        query={"scene": "learn"},
    ),
)

SOURCES = """
- Krizhevsky, A. (2009). [Learning multiple layers of features from tiny images](https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf): CIFAR-10.
"""  # noqa: E501

show(
    Lesson(
        entry=entry("cnn"),
        scenes=(learn.SCENE, inside.SCENE, augment.SCENE, search.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
        figures=table.show,
    )
)
