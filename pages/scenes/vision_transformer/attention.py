"""A trained vision transformer reads pictures layer by layer."""

from core.data.cifar import CLASSES
from core.data.pictures import keep_photo
from core.experiments.vision.vit_attention import VitAttention
from core.nets.transformer import Attention, attend
from core.nets.vit import VisionTransformer
from core.probes.attention import distances, rollout
from dashboard.lesson import OwnData, Preset, Scene
from dashboard.stage import Bars, Curves, Images, Line, Plot, Rule, Scatter, Stage

STAGE = Stage(
    columns=(
        (
            Images(
                title="The picture",
                alt="The picture that is read.",
                images="picture",
                columns=1,
            ),
            Images(
                title="What has come together",
                note="rollout",
                alt="The picture, lit where what the asking token knows has come from.",
                images="flow",
                columns=1,
            ),
        ),
        (
            Images(
                title="Where each head looks",
                note="layer.head; bright: much attended",
                alt="The picture once for each head of each layer read, lit where that head looks.",
                images="heads",
                columns=4,
                captions="names",
            ),
        ),
        (
            Bars(
                title="If [CLS] were read now",
                alt="The probability of each class, read from the class token after this layer.",
                values="says",
                names=CLASSES,
                colors="model",
                value_range=(0.0, 1.0),
                unit="%",
            ),
            Plot(
                title="How far heads look",
                note="pixels, on average",
                alt="For each head its layer and how far patches look in it on average.",
                scatters=(Scatter("distances", "a head", "model"),),
                rules=(Rule("evenly", "all alike"),),
                y_range=(0.0, 24.0),
                x_title="layer",
            ),
            Curves(
                title="Listens to",
                note="tokens, mean over heads",
                alt="Among how many tokens the attention of the asking token is spread.",
                lines=(Line("heard", "tokens", "model"),),
                x_title="layers read",
            ),
        ),
    ),
    widths=(0.7, 1.3, 0.9),
)

SCENE = Scene(
    key="attention",
    name="Attention",
    experiment="vit_attention",
    stage=STAGE,
    presets=(
        Preset(name="CIFAR-10"),
        Preset(name="Temple", settings={"photo": "china"}),
        Preset(name="Flower", settings={"photo": "flower"}),
    ),
    code=(VitAttention.step, Attention, attend, VisionTransformer.embed, rollout, distances),
    speed=2,
    own_data=(
        OwnData(
            setting="photo",
            types=("png", "jpg", "jpeg", "webp", "gif", "bmp"),
            help="The largest square in its middle is made 32 × 32 pixels: one thing that fills it"
            " is best.",
            read=keep_photo,
            label="Your own picture",
            megabytes=20,
        ),
    ),
)
