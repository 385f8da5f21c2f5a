"""A walk through what a trained autoencoder has learnt."""

from core.experiments.generative.vae_walk import VaeWalk
from core.nets.vae import VAE
from dashboard.lesson import Preset, Scene
from dashboard.stage import Atlas, Bars, Curves, Images, Line, Points, Stage

STAGE = Stage(
    columns=(
        (
            Atlas(
                title="Map of z1 and z2",
                note="drag to walk",
                alt="Digits decoded over the plane of z1 and z2, and where the walker is.",
                image="atlas",
                extent="extent",
                places="place",
                x_title="z1",
                y_title="z2",
                settings=("z1", "z2"),
            ),
        ),
        (
            Images(
                title="The digit here",
                alt="The digit decoded from the numbers as they are.",
                images="digit",
                columns=1,
            ),
            Bars(
                title="Numbers z",
                alt="All numbers of z as they are.",
                values="numbers",
                names="names",
                colors="model",
                value_range=(-3.0, 3.0),
            ),
        ),
        (
            Images(
                title="Each number alone",
                note="z1 on top; from −3 to 3",
                alt="For each number a row of digits as it goes from -3 to 3, the others staying.",
                images="alone",
                columns=9,
            ),
        ),
        (
            Points(
                title="Held-out digits",
                note="arrow: next",
                alt="Means of 1,000 held-out digits in z1 and z2, coloured by class.",
                points="codes",
                labels="labels",
                classes="classes",
                arrows="way",
                extent="extent",
            ),
            Curves(
                title="Undecided pixels",
                note="10–90 %",
                alt="The share of pixels that are neither paper nor ink, step by step.",
                lines=(Line("undecided", "", "wrong"),),
                y_range=(0.0, 0.6),
            ),
        ),
    ),
    widths=(1.15, 0.62, 1.1, 0.75),
)

SCENE = Scene(
    key="walk",
    name="Walk",
    experiment="vae_walk",
    stage=STAGE,
    presets=(
        Preset(name="From the middle"),
        Preset(name="Far out", settings={"z1": 3.0, "z2": 3.0, "z3": 3.0, "z4": 3.0}),
    ),
    code=(VaeWalk.step, VaeWalk.atlas, VaeWalk.alone, VAE.decode),
    speed=30,
)
