"""What the scenes that train a net share: its panels, presets and upload."""

from core.data.pictures import FORMATS, MOST_MEGABYTES, keep_photo
from core.nets.cnn.settings import COURSE
from dashboard.lesson import OwnData, Preset
from dashboard.stage import Curves, Images, Line

RIGHT = Curves(
    title="Right",
    note="share of pictures",
    alt="Share of training and of validation pictures that are right, step by step.",
    lines=(Line("right", "training", "data"), Line("accuracy", "validation", "ink", dashed=True)),
    y_range=(0.0, 1.0),
)

FILTERS = Images(
    title="First-layer filters",
    note="their weights as colours",
    alt="The filters of the first layer as small pictures in red, green and blue.",
    images="filters",
    columns=8,
)

PRESETS = (
    Preset(name="Fast"),
    Preset(name="Course", settings=COURSE),
    Preset(name="Break it", settings={"learning_rate": 10.0, "schedule": "constant"}),
)

OWN = OwnData(
    setting="photo",
    types=tuple(name.lower() for name in (*FORMATS, "jpg")),
    label="Your own picture",
    megabytes=MOST_MEGABYTES,
    help="A picture to look at: its largest square in the middle, at 32 × 32 pixels.",
    read=keep_photo,
)
