"""G3: diffusion in the plane: noise added, a network trained to remove it, points from nothing."""

import altair as alt
import streamlit as st

from core.diffusion.schedule import Schedule, cosine_betas, linear_betas
from dashboard.catalog import entry
from dashboard.lesson import Exercise, Lesson, show
from pages.scenes.diffusion_2d import denoise, noise, train

MATHS = r"""
**Forward: noise is added.** $\epsilon \sim \mathcal N(0, I)$; $\bar\alpha_t = \prod_{s\le t}(1-\beta_s)$
falls from 1 to almost 0.

$$\data{x_t} = \sqrt{\bar\alpha_t}\,\data{x_0} + \sqrt{1-\bar\alpha_t}\;\gradient{\epsilon}$$

**Training: guess the noise.** A small network sees a noisy point and its $t$, and is told the noise.

$$\min_\theta\ \mathbb E\,\big\lVert \gradient{\epsilon} - \model{\epsilon_\theta(x_t, t)}\big\rVert^2 \qquad\Rightarrow\qquad \model{\hat x_0} = \frac{\data{x_t} - \sqrt{1-\bar\alpha_t}\;\model{\epsilon_\theta}}{\sqrt{\bar\alpha_t}}$$

**Backward, one step (DDPM).** A little of the guessed noise goes, a little fresh noise $z$ comes.

$$\data{x_{t-1}} = \frac{1}{\sqrt{\alpha_t}}\Big(\data{x_t} - \frac{\beta_t}{\sqrt{1-\bar\alpha_t}}\;\model{\epsilon_\theta(x_t,t)}\Big) + \sigma_t z,\qquad \sigma_t^2 = \frac{1-\bar\alpha_{t-1}}{1-\bar\alpha_t}\beta_t$$

**DDIM** leaps from $t$ to any earlier $s$ along the same guesses. $\sigma = \eta\sqrt{\tfrac{1-\bar\alpha_s}{1-\bar\alpha_t}}\sqrt{1-\tfrac{\bar\alpha_t}{\bar\alpha_s}}$: with η = 0 nothing is random.

$$\data{x_s} = \sqrt{\bar\alpha_s}\,\model{\hat x_0} + \sqrt{1-\bar\alpha_s-\sigma^2}\;\model{\epsilon_\theta} + \sigma z$$

**Guidance.** A classifier of noisy points pulls towards class $y$; $s$ is the guidance scale. The
arrows are the score, $\nabla\log p(x_t) = -\epsilon_\theta/\sqrt{1-\bar\alpha_t}$, times $1-\bar\alpha_t$.

$$\hat\epsilon = \model{\epsilon_\theta} - s\,\sqrt{1-\bar\alpha_t}\;\gradient{\nabla_{x_t}\log p(y\mid x_t)}$$
"""  # noqa: E501

EXERCISES = (
    Exercise(
        predict="**When do the outlines appear?** Denoise with DDPM. When does x̂₀ become sharp: "
        "early, while t is still large, or only near the end?",
        answers=("Evenly all the way", "In the last fifth", "Right at the start"),
        right="In the last fifth",
        reveal="Drag the scrubber: by t = 150 the five states have come apart, but the outlines "
        "sharpen only when √(1−ᾱ) is as small as they are: 40 % of x̂₀ lie on them at t = 100, "
        "97 % at the end.",
        query={"sampler": "ddpm"},
    ),
    Exercise(
        predict="**Fewer steps.** DDIM with 10 steps instead of 500: what does it cost?",
        answers=("Nothing to see", "Some sharpness", "Everything"),
        right="Some sharpness",
        reveal="It is fifty times faster. The outlines stand, a little rounder. Now try 3 steps.",
        query={"sampler": "ddim", "ddim_steps": "10"},
    ),
    Exercise(
        predict="**Too much guidance.** Guide each point towards its class with scale 4. "
        "More of the points land at their class. What is lost?",
        answers=("Nothing", "Coverage", "Sharpness"),
        right="Coverage",
        reveal="Coverage falls to about a third: the points crowd where the classifier is "
        "surest, away from the borders to other states. Look at the bars of each class.",
        query={"sampler": "ddim", "ddim_steps": "100", "guidance_scale": "4.0"},
    ),
    Exercise(
        predict="**Break it.** Train with a learning rate of 0.5. What will the loss do?",
        answers=("Fall faster", "Stay near 1", "Explode"),
        right="Explode",
        reveal="The second step throws the weights so far that the loss passes 10¹⁰; then it "
        "creeps down for thousands of steps. A loss of 1 is what always guessing “no noise” "
        "costs. Lower the rate live and watch whether it recovers.",
        query={"scene": "train", "learning_rate": "0.5"},
    ),
    Exercise(
        predict="**Linear or cosine?** Both schedules end in pure noise. Which one keeps the "
        "states recognisable for longer?",
        answers=("linear β", "cosine ᾱ"),
        right="cosine ᾱ",
        reveal="The linear schedule has dissolved the outlines after a fifth of the steps and "
        "spends the rest on noise that hardly changes. The cosine one spreads the work.",
        query={"scene": "noise", "schedule": "cosine"},
    ),
)

SOURCES = """
- Sohl-Dickstein, J. et al. (2015). [Deep unsupervised learning using nonequilibrium thermodynamics](https://arxiv.org/abs/1503.03585).
- Ho, J., Jain, A. and Abbeel, P. (2020). [Denoising diffusion probabilistic models](https://arxiv.org/abs/2006.11239): algorithms 1 and 2.
- Song, J., Meng, C. and Ermon, S. (2021). [Denoising diffusion implicit models](https://arxiv.org/abs/2010.02502): equation 12.
- Nichol, A. and Dhariwal, P. (2021). [Improved denoising diffusion probabilistic models](https://arxiv.org/abs/2102.09672): the cosine schedule.
- Dhariwal, P. and Nichol, A. (2021). [Diffusion models beat GANs on image synthesis](https://arxiv.org/abs/2105.05233): classifier guidance.
- Outlines: US Census Bureau, through the npm package us-atlas 3.0.1 (ISC); public domain.
"""  # noqa: E501


def figures() -> None:
    """The two schedules, standing still."""
    schedules = {"linear β": linear_betas(), "cosine ᾱ": cosine_betas()}
    rows = [
        {"t": t, "ᾱ": float(value), "schedule": name}
        for name, betas in schedules.items()
        for t, value in enumerate(Schedule(betas).alphas_cumprod)
    ]
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("t:Q", axis=alt.Axis(grid=False)),
            y=alt.Y("ᾱ:Q", axis=alt.Axis(tickCount=4)),
            color=alt.Color("schedule:N", legend=alt.Legend(orient="top", title=None)),
        )
        .properties(height=260)
    )
    st.caption("ᾱ: how much of the data's variance is left at t")
    st.altair_chart(chart, alt="ᾱ over t for the linear and the cosine schedule.")


show(
    Lesson(
        entry=entry("diffusion_2d"),
        scenes=(denoise.SCENE, train.SCENE, noise.SCENE),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
        figures=figures,
    )
)
