"""G3: diffusion in the plane: noise added, a network trained to remove it, points from nothing."""

import altair as alt
import streamlit as st

from core.data.points import keep_points
from core.diffusion.ddim import ddim_step
from core.diffusion.ddpm import ddpm_step
from core.diffusion.guidance import guided_eps
from core.diffusion.q_sample import q_sample
from core.diffusion.schedule import Schedule, cosine_betas, linear_betas
from core.experiments import find
from dashboard.catalog import entry
from dashboard.lesson import Exercise, HandOver, Lesson, OwnData, Preset, Scene, show
from dashboard.stage import Bars, Curves, Line, Points, Stage

VIEW = (-3.0, 3.0, -3.0, 3.0)

COVERAGE = Bars(
    title="Coverage",
    note="of each class",
    alt="Share of each class's data points that have a sample beside them.",
    values="coverage",
    names="names",
    colors="classes",
    target="coverage_of_data",
    value_range=(0.0, 1.0),
    unit="%",
)
SHARES = Bars(
    title="Share",
    note="of the samples",
    alt="Share of the samples that lie at each class.",
    values="shares",
    names="names",
    colors="classes",
    value_range=(0.0, 1.0),
    unit="%",
)

DENOISE = Stage(
    columns=(
        (
            Points(
                title="x_{t}",
                note="given; arrows: score, tint: likeliest class",
                alt="The noisy points; arrows: the score; tint: the classifier's likeliest class.",
                points="x_t",
                labels="labels",
                classes="names",
                arrows="score",
                background="classes",
                extent=VIEW,
            ),
        ),
        (
            Points(
                title="x̂_{0}",
                note="what it believes is under the noise",
                alt="The network's guess of the clean points, over the data.",
                points="pred_xstart",
                labels="labels",
                classes="names",
                behind="data",
                extent=VIEW,
            ),
        ),
        (
            Curves(
                title="NLL",
                note="of the data, log scale",
                alt="Negative log-likelihood of the data under the density of x̂₀, in nats.",
                lines=(Line("nll", "NLL", "model"),),
                log_y=True,
            ),
            COVERAGE,
            SHARES,
        ),
    ),
    widths=(1, 1, 0.62),
)

TRAIN = Stage(
    columns=(
        (
            Points(
                title="x̂_{0}",
                note="guesses under the last training points",
                alt="The network's guess of the clean point under each training point.",
                points="pred_xstart",
                labels="labels",
                classes="names",
                behind="data",
                extent=VIEW,
            ),
        ),
        (
            Points(
                title="Samples",
                note="drawn from noise now and then",
                alt="1,000 samples of the last evaluation over the data.",
                points="samples",
                labels="sample_labels",
                classes="names",
                behind="data",
                extent=VIEW,
            ),
        ),
        (
            Curves(
                title="Loss",
                note="squared error of ε, log scale",
                alt="Training and validation loss, step by step.",
                log_y=True,
                lines=(
                    Line("loss", "training", "data"),
                    Line("validation_loss", "validation", "model", dashed=True),
                ),
            ),
            Curves(
                title="NLL",
                note="of the data, log scale",
                alt="Negative log-likelihood of the data under the samples' density, in nats.",
                lines=(Line("nll", "NLL", "model"),),
                log_y=True,
            ),
            COVERAGE,
        ),
    ),
    widths=(1, 1, 0.62),
)

NOISE = Stage(
    columns=(
        (
            Points(
                title="x_{t}",
                note="the data, dissolving",
                alt="The data points with more and more noise.",
                points="x_t",
                labels="data_labels",
                classes="names",
                extent=VIEW,
            ),
        ),
        (
            Curves(
                title="What a point is made of",
                alt="The factors of data and of noise in each point.",
                lines=(
                    Line("sqrt_alpha_cumprod", "√ᾱ of itself", "data"),
                    Line("sqrt_one_minus_alpha_cumprod", "√(1−ᾱ) noise", "gradient"),
                ),
                y_range=(0.0, 1.0),
            ),
            Curves(
                title="Still at their own class",
                note="nearest data point",
                alt="Share of points whose nearest data point is of their own class.",
                lines=(Line("own_class", "own class", "right"),),
                y_range=(0.0, 1.0),
            ),
        ),
    ),
    widths=(1.25, 1),
)

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


OWN = OwnData(
    setting="data",
    types=("csv", "npz", "pt"),
    help="Points as CSV (x, y, and a class if you like), or `.npz` / `.pt` with `data` (N, 2) and "
    "optional integer `labels`; up to 100,000 points, 5 MB.",
    read=keep_points,
)

show(
    Lesson(
        entry=entry("diffusion_2d"),
        scenes=(
            Scene(
                key="denoise",
                name="Denoise",
                experiment="diffusion_2d_sampling",
                stage=DENOISE,
                presets=(
                    Preset(name="DDPM"),
                    Preset(name="Fast", settings={"sampler": "ddim", "ddim_steps": 50}),
                    Preset(name="Break it", settings={"guidance_scale": 10.0}),
                ),
                code=(
                    find("diffusion_2d_sampling").step,
                    ddpm_step,
                    ddim_step,
                    guided_eps,
                ),
                speed=100,
            ),
            Scene(
                key="train",
                name="Train",
                experiment="diffusion_2d_training",
                stage=TRAIN,
                presets=(
                    Preset(name="Fast"),
                    Preset(
                        name="Course",
                        settings={
                            "batch_size": 10_000,
                            "epochs": 300,
                            "decay": "step",
                            "classifier": True,
                        },
                    ),
                    Preset(name="Break it", settings={"learning_rate": 0.5}),
                ),
                code=(find("diffusion_2d_training").step, q_sample),
                speed=None,
                own_data=(OWN,),
                hand_over=HandOver(
                    label="Draw points with this network",
                    scene="denoise",
                    setting="weights",
                    carry=("data",),
                ),
            ),
            Scene(
                key="noise",
                name="Add noise",
                experiment="diffusion_2d_noising",
                stage=NOISE,
                presets=(
                    Preset(name="Linear"),
                    Preset(name="Cosine", settings={"schedule": "cosine"}),
                ),
                code=(q_sample, Schedule),
                own_data=(OWN,),
            ),
        ),
        maths=MATHS,
        exercises=EXERCISES,
        sources=SOURCES,
        figures=figures,
    )
)
