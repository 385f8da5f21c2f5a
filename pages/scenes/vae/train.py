"""A variational autoencoder learns digits."""

from core.experiments.generative.vae_training import VaeTraining
from core.nets.vae import VAE
from core.variational import elbo
from dashboard.lesson import HandOver, Preset, Scene
from dashboard.stage import Bars, Curves, Images, Line, Stage

STAGE = Stage(
    columns=(
        (
            Curves(
                title="Reconstruction",
                note="nats; dashed: learnt from",
                alt="The reconstruction term on held-out and on learnt digits, step by step.",
                lines=(
                    Line("validation.reconstruction", "held out", "data"),
                    Line("train.reconstruction", "", "data", dashed=True),
                ),
                y_range=(-70.0, -15.0),
                x_title="updates",
            ),
            Curves(
                title="KL",
                note="of q(z|x) from the prior, nats",
                alt="The KL term on held-out and on learnt digits, step by step.",
                lines=(
                    Line("validation.kl", "held out", "gradient"),
                    Line("train.kl", "", "gradient", dashed=True),
                ),
                x_title="updates",
            ),
            Curves(
                title="Reconstruction − KL",
                note="nats",
                alt="The evidence lower bound on both splits and ln p(x) of held-out digits.",
                lines=(
                    Line("validation.elbo", "bound", "model"),
                    Line("train.elbo", "", "model", dashed=True),
                    Line("validation.likelihood", "ln p(x)", "right"),
                ),
                y_range=(-70.0, -25.0),
                x_title="updates",
            ),
        ),
        (
            Images(
                title="Held-out digits, and what comes back",
                alt="Twenty held-out digits; below each what is decoded from its own numbers.",
                images="pairs",
                columns=10,
            ),
            Images(
                title="Drawn from nothing",
                note="z from the prior",
                alt="Forty digits decoded from random numbers of the prior.",
                images="drawn",
                columns=10,
            ),
        ),
        (
            Bars(
                title="What each number tells",
                note="nats of KL",
                alt="The KL of each number of z from the prior, on held-out digits.",
                values="kl",
                names="names",
                colors="gradient",
            ),
            Images(
                title="From digit to digit",
                note="straight through z",
                alt="Five straight walks in z from one held-out digit to another.",
                images="way",
                columns=10,
            ),
        ),
    ),
    widths=(0.9, 1.25, 0.85),
)

SCENE = Scene(
    key="train",
    name="Learn",
    experiment="vae_training",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Course", settings={"updates": 40_000}),
        Preset(name="Break it", settings={"beta": 20.0}),
    ),
    code=(
        VaeTraining.step,
        elbo.terms,
        elbo.reparameterise,
        elbo.kl_to_prior,
        elbo.log_bernoulli,
        elbo.log_likelihood,
        VAE,
    ),
    speed=None,
    hand_over=HandOver(label="Walk through these numbers", scene="walk", setting="weights"),
)
