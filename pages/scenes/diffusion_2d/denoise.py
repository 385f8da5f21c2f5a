"""Points from nothing: noise is taken away step by step."""

from core.diffusion.ddim import ddim_step
from core.diffusion.ddpm import ddpm_step
from core.diffusion.guidance import guided_eps
from core.experiments import find
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Line, Points, Stage
from pages.scenes.diffusion_2d.points import COVERAGE, SHARES, VIEW

STAGE = Stage(
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
                note="of the data",
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

SCENE = Scene(
    key="denoise",
    name="Denoise",
    experiment="diffusion_2d_sampling",
    stage=STAGE,
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
)
