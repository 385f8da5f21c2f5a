"""A teacher, its student, and the student's twin that had no teacher."""

from core.distillation.losses import attention_loss, inner_losses, prediction_loss, state_loss
from core.experiments.sequences.distillation import Distillation
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Images, Line, Stage, Tokens

STAGE = Stage(
    columns=(
        (
            Curves(
                title="Surprise per held-out piece",
                note="nats",
                alt="Held-out loss of student, twin and teacher, step by step.",
                lines=(
                    Line("student.held_out", "student", "model"),
                    Line("twin.held_out", "twin", "data"),
                    Line("teacher.held_out", "teacher", "soft", dashed=True),
                ),
            ),
            Curves(
                title="Each term of the student's loss",
                alt="The five terms of the student's loss, step by step.",
                lines=(
                    Line("labels", "data", "data"),
                    Line("prediction", "answers", "model"),
                    Line("embedding", "embeddings", "c2"),
                    Line("hidden", "hidden", "c3"),
                    Line("attention", "attention", "c4"),
                ),
                log_y=True,
            ),
        ),
        (
            Images(
                title="Attention of both",
                note="rows write, columns are read",
                alt="Where the last layer of teacher and student looks in the text.",
                images="attention",
                columns=1,
                captions=("teacher", "student"),
            ),
            Tokens(
                title="A held-out text",
                alt="The text that all three sum up, in pieces.",
                tokens="pieces",
            ),
        ),
        (
            Tokens(title="Its author", alt="The summary that belongs to the text.", tokens="truth"),
            Tokens(title="Teacher", alt="What the teacher writes.", tokens="teacher"),
            Tokens(title="Student", alt="What the student writes.", tokens="student"),
            Tokens(title="Twin", alt="What the student's twin writes.", tokens="twin"),
        ),
    ),
    widths=(1.0, 1.0, 0.9),
)

SCENE = Scene(
    key="distil",
    name="Teacher and student",
    experiment="distillation",
    stage=STAGE,
    presets=(
        Preset(name="Fast"),
        Preset(name="Course", settings={"steps": 3000}),
        Preset(name="Break it", settings={"terms": ("embedding", "hidden", "attention")}),
    ),
    code=(
        Distillation.step,
        Distillation.terms,
        prediction_loss,
        state_loss,
        attention_loss,
        inner_losses,
    ),
    speed=None,
)
