"""A trained policy pushes the T to its goal: it plans by denoising, does a part, plans again."""

from core.diffusion.ddim import ddim_step
from core.experiments.generative.policy_rollout import PolicyRollout
from core.robot import push_t
from core.robot.board import RADIUS, coverage, observe
from core.robot.policy import Policy
from dashboard.lesson import Preset, Scene
from dashboard.stage import (
    Board,
    Body,
    Curves,
    Disc,
    Line,
    Plot,
    Route,
    Rule,
    Stage,
    Trace,
)
from pages.scenes.robot_policy.board import EXTENT, GOAL

STAGE = Stage(
    columns=(
        (
            Board(
                title="The board",
                note="orange: plans, the bold one is done",
                alt="The T, its goal, the pusher with its way so far, and the plans as they are"
                " denoised.",
                extent=EXTENT,
                bodies=(GOAL, Body("block", "T", "soft")),
                routes=(
                    Route("trail", "", "soft", thin=True),
                    Route("plans", "", "model", thin=True),
                    Route("plan", "plan's end", "model", dots=True),
                ),
                discs=(
                    Disc("pusher", "pusher", "data", RADIUS),
                    Disc("target", "target", "ink", 4.0),
                ),
                settings=("to_x", "to_y"),
                hint="“Push it yourself” and drag",
            ),
        ),
        (
            Curves(
                title="Goal covered",
                note="95 % is done",
                alt="The share of the goal that the T covers, now and at best, step by step.",
                lines=(
                    Line("best", "best", "right", dashed=True),
                    Line("coverage", "now", "right"),
                ),
                y_range=(0.0, 1.0),
            ),
            Plot(
                title="Plans: x of each action",
                note="right of the line is thrown away",
                alt="The x of the 16 actions of all eight plans; a line where the chunk ends.",
                lines=(
                    Trace("steps", "x", "", "model", thin=True),
                    Trace("steps", "done_x", "done", "model"),
                ),
                rules=(Rule("looks", "looks again", axis="x"),),
                x_range=(0.0, 15.0),
                y_range=(0.0, 512.0),
                x_title="action",
            ),
            Curves(
                title="Leap of the target",
                note="px from one action to the next",
                alt="How far each target lies from the one before it, in pixels.",
                lines=(Line("leap", "leap", "model"),),
                y_range=(0.0, 200.0),
            ),
        ),
    ),
    widths=(1.25, 1),
)

SCENE = Scene(
    key="push",
    name="Push",
    experiment="policy_rollout",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Course", settings={"planning_steps": 100}),
        Preset(name="Break it", settings={"kept": False}),
    ),
    code=(
        PolicyRollout.step,
        PolicyRollout.denoise,
        Policy.eps,
        ddim_step,
        push_t.step,
        coverage,
        observe,
    ),
)
