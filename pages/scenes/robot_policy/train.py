"""A policy learns from demonstrations which noise was in their actions."""

from core.data.demonstrations import keep_demonstrations, windows
from core.experiments.generative.policy_training import PolicyTraining
from core.nets.action_unet import ActionUNet, FiLMBlock
from core.robot.board import RADIUS
from dashboard.lesson import HandOver, OwnData, Preset, Scene
from dashboard.stage import Bars, Board, Body, Curves, Disc, Line, Route, Stage
from pages.scenes.robot_policy.board import EXTENT, GOAL


def situation(number: int) -> Board:
    """A held-out moment: what the demonstrator did, and what the net would do."""
    return Board(
        title=f"Held-out moment {number + 1}",
        note=("blue: demonstrator", "orange: eight plans")[number],
        alt="A moment nobody taught it: the demonstrator's next 16 actions and eight plans.",
        extent=EXTENT,
        bodies=(GOAL, Body(f"block{number}", "T", "soft")),
        routes=(
            Route(f"plans{number}", "", "model", thin=True),
            Route(f"done{number}", "demonstrator's way", "data", dots=True),
        ),
        discs=(Disc(f"pusher{number}", "pusher", "data", RADIUS),),
    )


STAGE = Stage(
    columns=(
        (situation(0),),
        (situation(1),),
        (
            Curves(
                title="Loss",
                note="squared error of ε",
                alt="Training and validation loss, step by step.",
                log_y=True,
                lines=(
                    Line("loss", "training", "data"),
                    Line("validation_loss", "validation", "ink", dashed=True),
                ),
                x_title="batches",
            ),
            Curves(
                title="Goal covered",
                note="best of a trial, mean of four",
                alt="The mean best coverage on four boards at each trial.",
                lines=(Line("coverage", "covered", "right"),),
                y_range=(0.0, 1.0),
                x_title="batches",
            ),
            Bars(
                title="Last trial",
                note="best coverage",
                alt="The best coverage on each of four boards in the last trial.",
                values="tried",
                names="boards",
                colors="right",
                target=0.95,
                value_range=(0.0, 1.0),
                unit="%",
            ),
        ),
    ),
    widths=(1, 1, 0.8),
)

OWN = OwnData(
    setting="data",
    types=("npz", "pt"),
    help="Demonstrations as `.npz` or `.pt` with `state` (steps, 5: pusher x and y, T x and y, "
    "angle), `action` (steps, 2) and `episode_ends`; pixels of a board of 512, 5 MB.",
    read=keep_demonstrations,
)

SCENE = Scene(
    key="train",
    name="Learn",
    experiment="policy_training",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Course", settings={"data": "public", "width": 64, "steps": 8_000}),
        Preset(name="Break it", settings={"share": 0.05}),
    ),
    code=(PolicyTraining.step, PolicyTraining.average, ActionUNet.forward, FiLMBlock, windows),
    speed=None,
    own_data=(OWN,),
    hand_over=HandOver(label="Let this net push", scene="push", setting="weights"),
)
