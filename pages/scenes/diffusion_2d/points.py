"""What scenes share: the view of the points, how samples compare with them, points of one's own."""

from core.data.points import keep_points
from dashboard.lesson import OwnData
from dashboard.stage import Bars

VIEW = (-3.0, 3.0, -3.0, 3.0)

COVERAGE = Bars(
    title="Coverage",
    note="of each class",
    alt="Share of each class's data points that have a sample beside them.",
    values="coverage",
    names="names",
    colors="classes",
    target="coverage_of_data",
    value_range=(0.0, 1.0),
    unit="%",
)
SHARES = Bars(
    title="Share",
    note="of the samples",
    alt="Share of the samples that lie at each class.",
    values="shares",
    names="names",
    colors="classes",
    value_range=(0.0, 1.0),
    unit="%",
)

OWN = OwnData(
    setting="data",
    types=("csv", "npz", "pt"),
    help="Points as CSV (x, y, and a class if you like), or `.npz` / `.pt` with `data` (N, 2) and "
    "optional integer `labels`; up to 100,000 points, 5 MB.",
    read=keep_points,
)
