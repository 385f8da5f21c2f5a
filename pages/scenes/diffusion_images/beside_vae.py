"""The diffusion beside the autoencoder of another page."""

from core.experiments.generative.images_beside_vae import ImagesBesideVae
from core.probes.likeness import reading, sharpness
from dashboard.lesson import Preset, Scene
from dashboard.stage import Bars, Images, Stage

STAGE = Stage(
    columns=(
        (
            Images(
                title="Real",
                note="held out",
                alt="Forty held-out digits.",
                images="real",
                columns=10,
            ),
            Bars(
                title="Sharpness",
                note="variance of the Laplacian",
                alt="Mean variance of the Laplacian of real digits, the VAE's and the diffusion's.",
                values="sharpness",
                names="kinds",
                colors="data",
            ),
        ),
        (
            Images(
                title="Autoencoder",
                note="z from the prior, one pass",
                alt="Forty digits that the variational autoencoder decodes from nothing.",
                images="vae",
                columns=10,
            ),
            Bars(
                title="Surely read",
                note="by a judge with p > 0.9",
                alt="The share of digits that the judge reads with a probability above 0.9.",
                values="read",
                names="kinds",
                colors="right",
                value_range=(0.0, 1.0),
                unit="%",
            ),
        ),
        (
            Images(
                title="Diffusion",
                note="x̂₀ so far",
                alt="Forty guesses of the diffusion model.",
                images="diffusion",
                columns=10,
            ),
            Bars(
                title="Classifier score",
                note="from 1 to 10",
                alt="The classifier score of real digits, the VAE's and the diffusion's.",
                values="score",
                names="kinds",
                colors="model",
                value_range=(1.0, 10.0),
            ),
        ),
    ),
)

SCENE = Scene(
    key="beside_vae",
    name="Beside a VAE",
    experiment="images_beside_vae",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Course", settings={"ddim_steps": 500}),
        Preset(name="Break it", settings={"ddim_steps": 2}),
    ),
    code=(ImagesBesideVae.step, ImagesBesideVae.shown, sharpness, reading),
    speed=None,
)
