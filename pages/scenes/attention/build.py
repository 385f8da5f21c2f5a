"""Self-attention set by hand: identity, permutation, wide convolution."""

from core.experiments.sequences.attention_constructions import AttentionConstructions
from core.nets.transformer import attend, causal, sinusoids
from dashboard.lesson import Preset, Scene
from dashboard.stage import Curves, Heatmap, Images, Line, Plot, Stage, Trace

STAGE = Stage(
    columns=(
        (
            Plot(
                title="Signal",
                note="16 tokens, a number each",
                alt="The numbers of the tokens, what they shall be told, and what they hear.",
                lines=(
                    Trace("places", "signal", "in", "data"),
                    Trace("places", "target", "wanted", "soft", dashed=True),
                    Trace("places", "heard", "heard", "model"),
                ),
                x_title="token",
            ),
            Curves(
                title="Difference",
                note="largest so far",
                alt="The largest difference between what is heard and what is wanted.",
                lines=(Line("error", "difference", "wrong"),),
                log_y=True,
                y_range=(1e-5, 3.0),
                x_title="tokens that asked",
            ),
        ),
        (
            Heatmap(
                title="Attention",
                note="middle head; rows ask",
                alt="Weights of the middle head, a row for each token that asks.",
                values="map",
                value_range=(0.0, 1.0),
            ),
        ),
        (
            Images(
                title="All heads",
                note="looking so many places on",
                alt="The weights of each head, captioned by how far it looks.",
                images="weights",
                columns=3,
                captions="names",
            ),
        ),
    ),
    widths=(1.1, 1.2, 0.8),
)

SCENE = Scene(
    key="build",
    name="Build",
    experiment="attention_constructions",
    stage=STAGE,
    presets=(
        Preset(name="Copy"),
        Preset(name="Turn", settings={"construction": "permutation"}),
        Preset(name="Mix", settings={"construction": "convolution", "positions": "relative"}),
        Preset(name="Break it", settings={"construction": "permutation", "positions": "relative"}),
    ),
    code=(
        AttentionConstructions.scores,
        AttentionConstructions.attention,
        attend,
        causal,
        sinusoids,
    ),
    speed=5,
)
