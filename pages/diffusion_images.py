"""G4: diffusion of images: digits and pictures from noise, guided by a label; a VAE beside it."""

from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.diffusion_images import beside_vae, denoise, guidance, judge, train

MATHS = r"""
**The same two processes as in the plane,** with 784 numbers in place of two. A picture $\data{x_0}$ with pixels from −1 to 1 becomes noise, $\epsilon \sim \mathcal N(0, I)$:

$$\data{x_t} = \sqrt{\bar\alpha_t}\,\data{x_0} + \sqrt{1-\bar\alpha_t}\;\gradient{\epsilon},\qquad \min_\theta\ \mathbb E\,\big\lVert \gradient{\epsilon} - \model{\epsilon_\theta(x_t, t, y)}\big\rVert^2,\qquad \model{\hat x_0} = \frac{\data{x_t} - \sqrt{1-\bar\alpha_t}\;\model{\epsilon_\theta}}{\sqrt{\bar\alpha_t}}$$

**A U-Net** predicts the noise: down from 28 × 28 to 14 × 14 and 7 × 7, where every place hears every other, and up again, with a bridge at each size. Every block is told how late it is, by sinusoids of $t$ as a transformer's positions are, and what the picture shows, by a vector for each label $y$:

$$h \leftarrow \operatorname{conv}\big(\operatorname{SiLU}(\operatorname{norm}(h))\big) + W\,\operatorname{SiLU}\big(\operatorname{MLP}(\sin \omega_i t, \cos \omega_i t, \dots) + v_y\big),\qquad \omega_i = 10000^{-2i/d}$$

**Guidance without a classifier.** One time in ten the net is not told the label: $y = \varnothing$. So one net knows both, and the difference says what is particular about $y$. Go further that way:

$$\hat\epsilon = (1 + w)\,\model{\epsilon_\theta(x_t, t, y)} - w\,\model{\epsilon_\theta(x_t, t, \varnothing)}\qquad\big(= \epsilon_\varnothing + s\,(\epsilon_y - \epsilon_\varnothing)\ \text{with}\ s = 1 + w\big)$$

Since $\epsilon_\theta \approx -\sqrt{1-\bar\alpha_t}\,\nabla \log p(x_t)$, this follows the gradient of $\log p(x_t \mid y) + w \log p(y \mid x_t)$, up to a constant: as classifier guidance does, but the classifier is implied.

**Thresholds.** No pixel is beyond ±1, yet with a large $w$ the guess $\hat x_0$ is: $\hat\epsilon$ is no longer any picture's noise. *Static* cuts it off. *Dynamic* takes for each picture the percentile $s$ of $\lvert\hat x_0\rvert$, at least 1, and shrinks:

$$\hat x_0 \leftarrow \operatorname{clip}(\hat x_0, -s, s)\,/\,s,\qquad \data{x_{t-1}} = \frac{\sqrt{\bar\alpha_{t-1}}\,\beta_t}{1-\bar\alpha_t}\,\model{\hat x_0} + \frac{\sqrt{\alpha_t}\,(1-\bar\alpha_{t-1})}{1-\bar\alpha_t}\,\data{x_t} + \sigma_t z$$

The step then starts from the mended $\hat x_0$: that is DDPM's posterior mean; DDIM goes on with the noise that fits it, $(x_t - \sqrt{\bar\alpha_t}\,\hat x_0)/\sqrt{1-\bar\alpha_t}$.

**Beside an autoencoder.** A VAE draws in one pass, but it averages over what its few numbers do not tell, and averages are blurred. A diffusion is told at each step what it has decided so far, so it never has to average at the end.

**What to remember.** A net that only removes a little noise draws; a label it sometimes did not hear can be made louder than it ever was; and what is too loud must be turned down before the next step.
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**When is it decided?** Denoise thirty digits and watch x_t and x̂₀ side by side. "
        "What does x_t look like when a judge first recognises all guesses x̂₀?",
        answers=("Nearly clean", "Half noise", "Noise and nothing else"),
        right="Noise and nothing else",
        reveal="After seven of 25 steps, at t = 354, all are recognised. There x_t is 0.08 × the "
        "digit plus 0.997 × noise. What remains of the way goes into the strokes.",
        query={"scene": "denoise"},
    ),
    Exercise(
        predict="**Louder.** CIFAR-10, with the same noise in every row and w = 0, 1, 2, 4. With "
        "the label alone a judge recognises 18 % of fifty pictures. And with w = 4?",
        answers=("Fewer", "About as many", "More than twice as many"),
        right="More than twice as many",
        reveal="38 % at w = 1, 42 % at w = 2, 62 % at w = 4; without the threshold 52 %. "
        "The net is small and its pictures are blurred; guidance does not sharpen them, but what "
        "there is looks more and more like its class.",
        query={
            "scene": "guidance",
            "shows": "pictures",
            "scales": "0,1,2,4",
            "samples": "50",
        },
    ),
    Exercise(
        predict="**A threshold for photographs.** Dynamic thresholding was made for photographs. "
        "Draw digits with it, up to w = 16. What becomes of them?",
        answers=("They get sharper", "The paper turns grey", "Nothing changes"),
        right="The paper turns grey",
        reveal="At w = 16 half are recognised, and all of them without any threshold. Most of a "
        "digit is paper, exactly −1; divided by s it is grey, such as no digit the net has "
        "learnt from. The static threshold leaves it black, and all are recognised.",
        query={"scene": "guidance", "threshold": "dynamic"},
    ),
    Exercise(
        predict="**Three steps.** DDIM with 3 steps in place of 25. What is lost?",
        answers=("Nothing to see", "Clean strokes", "The digits"),
        right="Clean strokes",
        reveal="A judge still recognises all thirty, but strokes are soft and the paper is "
        "specked: the last guess is made from far away, and a guess from far away is an average.",
        query={"scene": "denoise", "ddim_steps": "3"},
    ),
    Exercise(
        predict="**Told nothing.** Beside the autoencoder, the diffusion is not told which digit "
        "to draw: neither is the autoencoder. Whose digits does the judge read more surely?",
        answers=("The diffusion's", "The autoencoder's"),
        right="The autoencoder's",
        reveal="59 % of the autoencoder's are surely read and 45 % of the diffusion's, which "
        "learnt to do without a label one time in ten only. They are sharper all the same: "
        "1.33 beside 1.00, real ones 1.30. Told the labels, 79 % are read. Compare in grey, too: "
        "there one sees the autoencoder's averages.",
        query={"scene": "beside_vae", "labels": "False"},
    ),
)

SOURCES = """
- Ho, J., Jain, A. and Abbeel, P. (2020). [Denoising diffusion probabilistic models](https://arxiv.org/abs/2006.11239).
- Song, J., Meng, C. and Ermon, S. (2021). [Denoising diffusion implicit models](https://arxiv.org/abs/2010.02502).
- Ho, J. and Salimans, T. (2022). [Classifier-free diffusion guidance](https://arxiv.org/abs/2207.12598): equation 6.
- Saharia, C. et al. (2022). [Photorealistic text-to-image diffusion models with deep language understanding](https://arxiv.org/abs/2205.11487): section 2.3, dynamic thresholding.
- Ronneberger, O., Fischer, P. and Brox, T. (2015). [U-Net: convolutional networks for biomedical image segmentation](https://arxiv.org/abs/1505.04597).
- Salimans, T. et al. (2016). [Improved techniques for training GANs](https://arxiv.org/abs/1606.03498): the classifier score.
- MNIST: LeCun, Y. et al. (1998), CC BY-SA 3.0. CIFAR-10: Krizhevsky, A. (2009), shipped in part.
- The shipped nets have the size of a CPU; the pictures of CIFAR-10 are blurred for that reason. With a GPU, `python -m core.checkpoints images_cifar_course --device cuda --folder weights` trains one of the course's size.
"""  # noqa: E501

show(
    Lesson(
        entry=entry("diffusion_images"),
        scenes=(denoise.SCENE, guidance.SCENE, train.SCENE, beside_vae.SCENE, judge.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
    )
)
