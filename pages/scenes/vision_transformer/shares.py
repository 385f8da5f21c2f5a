"""What both nets make of few pictures, and of many."""

from core.experiments.vision.vit_shares import VitShares
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Line, Plot, Rule, Scatter, Stage, Trace

STAGE = Stage(
    columns=(
        (
            Plot(
                title="Right, by pictures learnt from",
                note="of 1,000 new pictures",
                alt="Accuracy of both nets over the number of training pictures.",
                lines=(
                    Trace("counts", "cnn", "CNN", "data"),
                    Trace("counts", "vit", "transformer", "model"),
                ),
                scatters=(
                    Scatter("cnn_points", "", "data"),
                    Scatter("vit_points", "", "model"),
                ),
                log_x=True,
                y_range=(0.0, 0.7),
                x_title="training pictures",
            ),
        ),
        (
            Curves(
                title="Right, step by step",
                note="dashed: of those learnt from",
                alt="Accuracy of both nets on validation pictures and on their last batches.",
                lines=(
                    Line("cnn.accuracy", "CNN", "data"),
                    Line("vit.accuracy", "transformer", "model"),
                    Line("cnn.training", "", "data", dashed=True),
                    Line("vit.training", "", "model", dashed=True),
                ),
                y_range=(0.0, 1.0),
            ),
            Plot(
                title="The CNN's lead",
                note="by pictures learnt from",
                alt="By how much the CNN is ahead of the transformer, share by share.",
                lines=(Trace("counts", "lead", "CNN − transformer", "data"),),
                rules=(Rule(0.0, "alike"),),
                log_x=True,
                y_range=(-0.1, 0.3),
                x_title="training pictures",
            ),
        ),
    ),
    widths=(1.1, 0.9),
)

SCENE = Scene(
    key="shares",
    name="Few or many pictures",
    experiment="vit_shares",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(
            name="Course",
            settings={"data": "whole", "shares": 6, "batches": 5_000, "heads": 4, "depth": 4},
        ),
        Preset(name="Break it", settings={"learning_rate": 1.0}),
    ),
    code=(VitShares.step, VitShares.worth, VitShares.begin),
    speed=None,
)
