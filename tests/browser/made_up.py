"""Made-up runs that use every kind of panel: what the tests of the stage draw."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.frames import Series, encode_backdrop, encode_frame
from dashboard.stage import (
    Bars,
    Contours,
    Curves,
    Edge,
    Graph,
    Grid,
    Heatmap,
    Images,
    Line,
    Matrix,
    Node,
    Outline,
    Path,
    Plot,
    Points,
    Rule,
    Scatter,
    Stage,
    Surface,
    Tokens,
    Trace,
)

STATES = ("Ohio", "Wisconsin", "Oklahoma", "Idaho", "Michigan")
LAST = 500
STRIDE = 4
AXIS = np.linspace(-1.0, 1.5, 120)

CLOUDS = Stage(
    columns=(
        (
            Points(
                title="x_{t}",
                note="what the network is given",
                alt="A noisy cloud, coloured by state.",
                points="x",
                labels="label",
                classes=STATES,
                extent=(-3.2, 3.2, -2.8, 2.8),
            ),
        ),
        (
            Points(
                title="x̂_{0}",
                note="what it believes is under the noise",
                alt="Five rings, one for each state.",
                points="x0",
                labels="label",
                classes=STATES,
                behind="data",
                arrows="score",
            ),
        ),
        (
            Curves(
                title="Loss",
                note="squared error of ε",
                alt="Loss over the steps.",
                lines=(
                    Line("loss", "training", "data"),
                    Line("validation", "validation", "model", dashed=True),
                ),
            ),
            Bars(
                title="Coverage",
                note="of each state",
                alt="Share of each state's outline that has samples near it.",
                values="coverage",
                names=STATES,
                colors="classes",
                target=0.95,
                unit="%",
            ),
        ),
    ),
    widths=(1, 1, 0.82),
)

PATHS = Stage(
    columns=(
        (
            Contours(
                title="Paths",
                note="over the level lines",
                alt="Two optimisers walk to the lowest of four valleys.",
                grid="heights",
                extent="extent",
                paths=(
                    Path("sgd.x", "sgd.y", "SGD", "data"),
                    Path("adam.x", "adam.y", "Adam", "model"),
                    Path("none.x", "none.y", "absent", "wrong"),
                ),
                marks="minima",
                arrows="gradient",
                positions="start",
                pick=True,
            ),
        ),
        (
            Surface(
                title="Surface",
                alt="The same in space.",
                grid="heights",
                extent="extent",
                paths=(Path("sgd.x", "sgd.y", "SGD", "data"),),
            ),
        ),
        (
            Curves(
                title="Height",
                alt="Height over the steps, on a logarithmic axis.",
                lines=(Line("sgd.y²", "SGD", "data"), Line("adam.y²", "Adam", "model")),
                log_y=True,
            ),
            Points(
                title="Regions",
                alt="Which state is nearest, with a few points.",
                points="few",
                background="nearest",
                extent=(-3.0, 3.0, -2.0, 2.0),
                classes=STATES,
            ),
        ),
    ),
    widths=(1, 1, 0.9),
)

TABLES = Stage(
    columns=(
        (
            Heatmap(
                title="Activations",
                alt="Units by examples.",
                values="activations",
                x_title="example",
                y_title="unit",
            ),
            Heatmap(title="Weights", alt="About zero.", values="weights", scale="signed"),
            Grid(
                title="Cells",
                alt="Numbers, two of them outlined.",
                values="w.value",
                outlines=(Outline("window", "accent"),),
            ),
        ),
        (
            Heatmap(
                title="Basins",
                note="where each start leads",
                alt="Four basins.",
                values="basins",
                extent="extent",
                scale="classes",
                classes=("north", "east", "south", "west", "nowhere"),
            ),
            Tokens(
                title="Attention",
                note="of the marked word",
                alt="A sentence, shaded by attention.",
                tokens="tokens",
                weights="attention",
                chosen="chosen",
            ),
        ),
        (
            Images(
                title="Digits",
                alt="Twelve pictures.",
                images="pictures",
                columns=6,
                captions="captions",
            ),
            Images(title="Filters", alt="Eight filters.", images="filters", columns=8),
            Images(title="Gradients", alt="Signed.", images="gradients", columns=8),
        ),
        (
            Matrix(
                title="Confusion", alt="Counts of 100 each.", values="confusion", names="animals"
            ),
            Bars(
                title="Norms",
                alt="Norms by layer.",
                values="norms",
                names="layers",
                colors="gradient",
                target="aims",
            ),
        ),
    ),
    widths=(1, 1, 1, 1),
)

PLOTS = Stage(
    columns=(
        (
            Plot(
                title="Fit",
                note="five networks and their spread",
                alt="Data, the mean of five networks with a band, and the true curve.",
                scatters=(
                    Scatter("pairs", "training", "data", faint=True),
                    Scatter("held_out", "validation", "right"),
                ),
                lines=(
                    Trace("axis", "fits", "", "model"),
                    Trace("axis", "fit", "model", "model", band=("fit_low", "fit_high")),
                    Trace("axis", "curve", "truth", "ink", dashed=True),
                ),
                rules=(Rule(1.0, "last of the data", axis="x"),),
                x_title="x",
                y_title="y",
            ),
        ),
        (
            Plot(
                title="Distance",
                alt="Distance to the truth against the number of points.",
                lines=(Trace("sizes", "distances", "inside", "data"),),
                rules=(Rule("floor", "noise", "wrong"),),
                log_x=True,
                log_y=True,
                x_title="points",
            ),
            Plot(
                title="Pairs",
                alt="Points alone.",
                scatters=(Scatter("pairs", "", "data"),),
                y_range=(-3.0, 3.0),
            ),
        ),
    ),
    widths=(1.4, 1),
)

GRAPHS = Stage(
    columns=(
        (
            Graph(
                title="Graph",
                note="values forward, gradients back",
                alt="A weight, an input and a bias on their way to a loss.",
                nodes=(
                    Node(key="x", label="x", value="x.value"),
                    Node(key="w", label=r"W^{(1)}", value="w.value", gradient="w.gradient"),
                    Node(key="b", label=r"\hat{b}", value="b.value", gradient="b.gradient"),
                    Node(
                        key="z",
                        label=r"\sqrt{\sigma^2+\epsilon}",
                        value="z.value",
                        gradient="z.gradient",
                    ),
                    Node(key="l", label="L", value="l.value", gradient="l.gradient"),
                ),
                edges=(
                    Edge(start="x", end="z"),
                    Edge(
                        start="w",
                        end="z",
                        label=r"\frac{\partial z}{\partial W}",
                        local="w.value",
                    ),
                    Edge(start="b", end="z", label=r"\sum_{i=1}^{m} \bar{z}_i", label_at=0.4),
                    Edge(start="z", end="l"),
                ),
                progress="progress",
                active="now",
            ),
        ),
    ),
)


def outlines(rng: np.random.Generator, count: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """Five rings of different shapes, standing in for states: points and labels."""
    centres = np.array([[-1.7, 1.0], [-0.1, 1.1], [1.6, 0.7], [-0.9, -1.2], [1.0, -1.1]])
    angle = rng.uniform(0, 2 * np.pi, (5, count))
    radius = 0.55 + 0.12 * np.sin(angle * np.arange(2, 7)[:, None])
    ring = np.stack([radius * np.cos(angle), 0.8 * radius * np.sin(angle)], -1)
    points = centres[:, None] + ring + rng.normal(0, 0.02, ring.shape)
    return points.reshape(-1, 2), np.repeat(np.arange(5), count)


def pairs(rng: np.random.Generator, count: int) -> np.ndarray:
    """Points about a sine."""
    x = rng.uniform(-1, 1, count)
    return np.stack([x, np.sin(3 * x) + rng.normal(0, 0.3, count)], 1)


def heights(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Himmelblau's function."""
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def recording(last: int = LAST, stride: int = STRIDE, count: int = 1000) -> Iterator[bytes]:
    """The messages of a run of `last` steps, recorded at multiples of `stride`."""
    rng = np.random.default_rng(0)
    data, labels = outlines(rng, count)
    noise = rng.normal(size=data.shape)
    axis = np.linspace(-5, 5, 101)
    grid = heights(*np.meshgrid(axis, axis))
    centres = np.array([[-1.7, 1.0], [-0.1, 1.1], [1.6, 0.7], [-0.9, -1.2], [1.0, -1.1]])
    cells = np.stack(np.meshgrid(np.linspace(-3, 3, 60), np.linspace(-2, 2, 40)), -1)
    nearest = np.linalg.norm(cells[:, :, None] - centres, axis=-1).argmin(-1)
    yield encode_backdrop(
        {
            "data": single(data[::4]),
            "label": labels.astype(np.int32),
            "heights": single(grid),
            "extent": single([-5, 5, -5, 5]),
            "minima": single([[3, 2], [-2.805, 3.131], [-3.779, -3.283], [3.584, -1.848]]),
            "start": single([[-1, -3.5]]),
            "nearest": nearest.astype(np.int32),
            "animals": np.array(["cat", "dog", "frog", "horse", "ship"]),
            "layers": np.array([f"layer {i}" for i in range(1, 6)]),
            "aims": single(np.linspace(1, 2, 5)),
            "captions": np.array([str(i) for i in range(12)]),
            "pairs": single(pairs(rng, 300)),
            "held_out": single(pairs(rng, 60)),
            "axis": single(AXIS),
            "curve": single(np.sin(3 * AXIS)),
            "sizes": single([10, 30, 100, 300, 1000]),
            "floor": single([0.09]),
        },
        {
            "data": "5,000 points · five states",
            "weights": "trained here",
            "device": "cpu · 1 thread",
        },
    )
    yield table(last)
    for step in range(0, last + 1, stride):
        yield frame(step, last, data, noise)


def table(last: int = LAST, first: int = 0) -> bytes:
    """The series of a run, as one message."""
    steps = np.arange(first, last + 1)
    rng = np.random.default_rng(1)
    wobble = rng.normal(0, 0.008, (2, len(steps)))
    loss = 0.28 + 0.6 * np.exp(-steps / 40)
    sgd, adam = walks(steps)
    values = {
        "loss": loss + wobble[0],
        "validation": np.where(steps % 10 < 8, loss + 0.012 + 0.4 * wobble[1], np.nan),
        "sgd.x": sgd[0],
        "sgd.y": sgd[1],
        "adam.x": adam[0],
        "adam.y": adam[1],
        "sgd.y²": 120 * np.exp(-steps / 30) + 1e-4,
        "adam.y²": 120 * np.exp(-steps / 60) + 1e-3,
    }
    series = Series()
    series.extend(list(values), steps, np.stack(list(values.values()), 1))
    return series.encode()


def walks(steps: np.ndarray) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Two paths from one start to two minima."""
    slow, fast = 1 - np.exp(-steps / 90), 1 - np.exp(-steps / 50)
    swing = 0.5 * np.exp(-steps / 60) * np.sin(steps / 5)
    return (
        (-1 + 4.58 * fast + swing, -3.5 + 1.65 * fast - swing),
        (-1 - 2.78 * slow, -3.5 + 0.22 * slow + 0.8 * np.sin(3.14 * slow)),
    )


def frame(step: int, last: int, data: np.ndarray, noise: np.ndarray) -> bytes:
    """One frame with arrays for all stages."""
    rng = np.random.default_rng(step)
    done = step / last
    clean = data * min(1, 0.3 + done) + noise * 0.4 * (1 - done) ** 2
    shares = 1 - np.array([0.5, 0.7, 0.3, 0.9, 0.6]) * (1 - done) ** 2
    probes = np.linspace(-2, 2, 5)
    field = np.stack(np.meshgrid(probes, probes), -1).reshape(-1, 2)
    (x, y), _ = walks(np.array([step]))
    digits = np.clip(rng.normal(20, 20, (12, 14, 14)), 0, 255)
    digits[:, 3:11, 6:8] += 200 * done
    confusion = np.full((5, 5), 25 * (1 - done)) + np.diag(np.full(5, 75 * done))
    hits = round(100 * shares.mean())
    attention = np.exp(-((np.arange(9) - 8 * done) ** 2) / 4)
    parameters = {
        name: single(rng.normal(size=shape) * (0.5 + done))
        for key, shape in {"w": (4, 2), "b": (2,), "z": (24, 40), "l": ()}.items()
        for name in (f"{key}.value", f"{key}.gradient")
    }
    along = round(9 * done)  # of ten stages: five values, then five gradients
    basins = np.arctan2(*np.meshgrid(np.arange(-20, 20) + 0.5, np.arange(-20, 20) + 0.5))
    slopes = np.array([0.6, 0.8, 1.0, 1.2, 1.4])[:, None]
    fits = done * np.sin(3 * AXIS) + (1.2 - done) * (slopes - 1) * AXIS
    fits[2, 40:45] = np.nan
    sizes = np.array([10, 30, 100, 300, 1000])
    return encode_frame(
        step,
        {"loss": 0.28 + 0.6 * np.exp(-step / 40)},
        f"At step {step} of {last} the outlines of Ohio and Idaho are settled; Oklahoma's "
        f"panhandle is still missing. Coverage {hits} %, the data's own is 97 %.",
        {
            "x": single(data * (0.2 + 0.8 * done) + noise * (1 - done)),
            "x0": single(clean),
            "score": single(np.concatenate([field, -0.25 * field], 1)),
            "coverage": single(shares),
            "gradient": single([[x[0], y[0], 0.4, 0.8]]),
            "few": single(data[::250] * done),
            "activations": single(np.maximum(0, rng.normal(size=(16, 24)) + 2 * done)),
            "weights": single(rng.normal(size=(8, 24)) * done),
            "window": np.array([[1, 0, 1, 2]], np.int32),
            "basins": ((basins + np.pi) / (np.pi / 2)).astype(np.int32),
            "tokens": np.array(["the", "cat", "sat", "on", "the", "mat", "because", "it", "was"]),
            "attention": single(attention / attention.max()),
            "chosen": np.array([round(8 * done)], np.int32),
            "pictures": np.clip(digits, 0, 255).astype(np.uint8),
            "filters": rng.integers(0, 255, (8, 7, 7, 3)).astype(np.uint8),
            "gradients": single(rng.normal(size=(8, 7, 7))),
            "confusion": confusion.round().astype(np.int32),
            "fits": single(fits),
            "fit": single(np.nanmean(fits, 0)),
            "fit_low": single(np.nanmin(fits, 0)),
            "fit_high": single(np.nanmax(fits, 0)),
            "distances": single(0.1 + (1.2 - done) * 100 / sizes),
            **parameters,
            "x.value": single([[1, -0.25, 1e-5, np.nan]]),
            "progress": np.array(
                [(along >= i) + (i > 0 and along >= 9 - i) for i in range(5)], np.int32
            ),
            "now": np.array([along if along < 5 else 9 - along], np.int32),
            "norms": single(np.linspace(1, 2, 5) * (0.3 + 0.8 * done)),
        },
    )


def single(values: object) -> np.ndarray:
    """As float32, which is what the browser reads."""
    return np.asarray(values, np.float32)
