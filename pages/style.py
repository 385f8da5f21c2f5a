"""V6: style transfer and feature inversion: pictures made to fit what a net sees in others."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.style import inversion, transfer

MATHS = r"""
The net is never trained here: **the pixels are**. At layer $\ell$ a picture $x$ has maps
$F^\ell_{ip}(x)$, channel $i$ at place $p$. Gradient descent (Adam) moves each pixel down the slope of

$$L(x) = \data{L_\text{content}(x)} + w_\text{s}\,\model{L_\text{style}(x)} + w_\text{tv}\,\gradient{L_\text{tv}(x)},\qquad 0 \le x \le 1$$

**Content** is *where* a layer sees *what*: the maps themselves, compared with those $P^\ell$ of the photo.

$$\data{L_\text{content}} = \frac{\sum_{i, p}\left(F^\ell_{ip} - P^\ell_{ip}\right)^2}{\sum_{i, p}\left(P^\ell_{ip}\right)^2}$$

**Style** is which channels are strong *together*, wherever that is. The Gram matrix is a mean over
all $Z$ places, so that it forgets them:

$$G^\ell_{ij} = \frac1Z\sum_p F^\ell_{ip} F^\ell_{jp},\qquad \model{L_\text{style}} = \frac1{|\mathcal L|}\sum_{\ell \in \mathcal L}\frac{\sum_{i, j}\left(G^\ell_{ij} - A^\ell_{ij}\right)^2}{\sum_{i, j}\left(A^\ell_{ij}\right)^2}$$

with $A^\ell$ the Gram matrix of the painting. Gatys and others divide by $4N^2$ ($N$ channels) where
we divide by $\lVert A\rVert^2$, and have no denominator under the content: the same minima for
fitting weights, but here 0 means alike and 1 as far off as a layer that sees nothing, for any net and
any size of picture. $\mathcal L$ has every chosen layer once for each **size**: the style is compared
on the picture and on halvings of it, because a shallow net sees few pixels at once.

**Total variation** is the price of roughness, over $C$ colours of $H \times W$ pixels:

$$\gradient{L_\text{tv}} = \frac{\sum (x_{c, h+1, w} - x_{c, h, w})^2}{C\,(H-1)\,W} + \frac{\sum (x_{c, h, w+1} - x_{c, h, w})^2}{C\,H\,(W-1)}$$

**Feature inversion** (Mahendran and Vedaldi) has content and total variation only, and starts from noise: what
comes back is what the layer has kept of the photo.

**Which net?** The small one comes with the laboratory, as does its robust sister. It was taught ten classes on 32 × 32 pixels,
and only its three convolutions are used, on pictures of any size. That is enough for strokes and colours. Larger forms want
a net that has seen photos: SqueezeNet or VGG-16, trained on ImageNet, which torchvision fetches
once when you choose it under *Net*.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**Only style.** From noise, with style ten thousand times as dear as content. "
        "What comes?",
        answers=("The painting itself", "Its strokes, but not its whirls", "The temple after all"),
        right="Its strokes, but not its whirls",
        reveal="Blue strokes and yellow flecks all over, no temple and none of the painting's "
        "whirls. A Gram matrix is a mean over all places: that yellow goes with yellow it knows, "
        "but not where. 0.7 % of the style is missing, and 183 % of the content, which is more "
        "than an empty picture would miss.",
        query={"start": "noise", "style_weight": "10000.0"},
    ),
    Exercise(
        predict="**One size.** Compare the style on the picture only, not on halvings of it. What "
        "becomes of the strokes?",
        answers=("They stay as they are", "They become thinner", "They become thicker"),
        right="They become thinner",
        reveal="Thinner and more even, like rain; and 84 % of the content is missing in the place "
        "of 69 %. A place of the third layer sees 18 pixels across, no more. On a picture of a "
        "quarter of the size these are 72 of the photo's, enough for a whole stroke.",
        query={"scales": "1"},
    ),
    Exercise(
        predict="**The first layer.** 32 filters of 3 × 3 pixels, and what is below zero is cut "
        "off. Can the photo be had back from its maps?",
        answers=("Almost exactly", "Only its edges", "Not at all"),
        right="Almost exactly",
        reveal="To within 2 shades of 255: 32 numbers for each three colours leave plenty, even if "
        "half of them are cut to 0. Nothing is lost yet that an eye would miss.",
        query={"scene": "inversion", "layer": "1"},
    ),
    Exercise(
        predict="**The third layer.** Two poolings later, all but 2 % of the maps is matched. "
        "Which part of the photo does not come back?",
        answers=("The roof's edges", "The brightness of the sky", "The trees' leaves"),
        right="The brightness of the sky",
        reveal="The sky is grey, not bright, and the pixels are 56 shades off, although the maps "
        "are nearly the same. To tell a ship from a cat the net needs contours; how bright a flat "
        "surface is it has thrown away. To a deep layer many pictures are one.",
        query={"scene": "inversion", "layer": "3"},
    ),
    Exercise(
        predict="**Not smoothed.** The third layer again, but roughness costs nothing. Are the "
        "maps matched sooner?",
        answers=("Sooner", "Later", "No difference"),
        right="Later",
        reveal="After 200 steps 47 % are still missing, and what there is looks like noise. Among "
        "all pictures with these maps most are rough; total variation says where to look. It is "
        "no mere embroidery: it makes the search itself easier.",
        query={"scene": "inversion", "layer": "3", "tv_weight": "0.0"},
    ),
)

SOURCES = """
- Gatys, L., Ecker, A. and Bethge, M. (2016). [Image style transfer using convolutional neural networks](https://doi.org/10.1109/CVPR.2016.265): content and style losses.
- Mahendran, A. and Vedaldi, A. (2015). [Understanding deep image representations by inverting them](https://arxiv.org/abs/1412.0035): feature inversion, total variation.
- Rudin, L., Osher, S. and Fatemi, E. (1992). [Nonlinear total variation based noise removal algorithms](https://doi.org/10.1016/0167-2789(92)90242-F).
- Ustyuzhaninov, I. et al. (2016). [Texture synthesis using shallow convolutional networks with random filters](https://arxiv.org/abs/1606.00021): one layer is enough if it sees several sizes.
- Kingma, D. and Ba, J. (2015). [Adam](https://arxiv.org/abs/1412.6980).
- Iandola, F. et al. (2016). [SqueezeNet](https://arxiv.org/abs/1602.07360). Simonyan, K. and Zisserman, A. (2015). [Very deep convolutional networks](https://arxiv.org/abs/1409.1556): VGG.
- The photos come with scikit-learn (CC BY 2.0); the paintings are made here by rule, public domain.
"""  # noqa: E501

show(
    Lesson(
        entry=entry("style"),
        scenes=(transfer.SCENE, inversion.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
