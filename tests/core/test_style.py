"""Style: every loss equals its formula, and the pictures come nearer to what they shall be."""

import numpy as np
import pytest
import torch

from core.config import generator
from core.data.paintings import PAINTINGS, paint
from core.experiments.vision.feature_inversion import FeatureInversion
from core.experiments.vision.style_transfer import StyleTransfer
from core.style.content import content_loss
from core.style.gram import gram, style_loss
from core.style.total_variation import total_variation


def maps(seed, channels=3, height=4, width=5):
    source = generator(seed)
    return torch.randn(1, channels, height, width, generator=source, dtype=torch.float64)


def run(experiment):
    rows = []
    while (row := experiment.step()) is not None:
        rows.append({name: float(value) for name, value in row.items()})
    return rows


def test_content_loss_is_its_formula():
    f, p = maps(0), maps(1)
    pairs = list(zip(f.flatten().tolist(), p.flatten().tolist(), strict=True))
    expected = sum((a - b) ** 2 for a, b in pairs) / sum(b**2 for _, b in pairs)
    assert float(content_loss(f, p)) == pytest.approx(expected, rel=1e-12)
    assert float(content_loss(p, p)) == 0
    assert float(content_loss(torch.zeros_like(p), p)) == 1


def test_gram_matrix_is_its_formula():
    f = maps(2)
    for i in range(3):
        for j in range(3):
            expected = np.mean([f[0, i, y, x] * f[0, j, y, x] for y in range(4) for x in range(5)])
            assert float(gram(f)[i, j]) == pytest.approx(float(expected), rel=1e-12)
    turned = f.flip(3).transpose(2, 3)  # where things are makes no difference
    torch.testing.assert_close(gram(turned), gram(f))


def test_style_loss_is_its_formula():
    g, a = [gram(maps(n)) for n in (3, 4)], [gram(maps(n)) for n in (5, 6)]
    parts = [
        sum((g[n][i, j] - a[n][i, j]) ** 2 for i in range(3) for j in range(3))
        / sum(a[n][i, j] ** 2 for i in range(3) for j in range(3))
        for n in range(2)
    ]
    assert float(style_loss(g, a)) == pytest.approx(float(sum(parts)) / 2, rel=1e-12)


def test_style_loss_of_one_layer_is_gatyss_but_for_a_factor():
    f, s = maps(7), maps(8)
    n, m = 3, 20
    whole = [x.flatten(2)[0] @ x.flatten(2)[0].T for x in (f, s)]
    gatys = (whole[0] - whole[1]).square().sum() / (4 * n**2 * m**2)
    factor = gram(s).square().mean() / 4
    assert float(style_loss([gram(f)], [gram(s)]) * factor) == pytest.approx(float(gatys))


def test_total_variation_is_its_formula():
    x = maps(9)
    down = [(x[0, c, y + 1, z] - x[0, c, y, z]) ** 2
            for c in range(3) for y in range(3) for z in range(5)]  # fmt: skip
    across = [(x[0, c, y, z + 1] - x[0, c, y, z]) ** 2
              for c in range(3) for y in range(4) for z in range(4)]  # fmt: skip
    assert float(total_variation(x)) == pytest.approx(float(np.mean(down) + np.mean(across)))
    assert float(total_variation(torch.full((1, 3, 4, 4), 0.3))) == 0


def test_the_gradient_is_that_of_the_weighted_sum():
    experiment = StyleTransfer(StyleTransfer.Config(size=48, start="noise", learning_rate=0.001))
    x = experiment.x.detach().clone().requires_grad_()
    content, style, roughness = experiment.measure()
    before = [float(loss.detach()) for loss in (content, style, roughness)]
    content_maps, grams = experiment.look(x)
    total = content_loss(content_maps, experiment.content_maps) + total_variation(x)
    (total + 20 * style_loss(grams, experiment.style_grams)).backward()
    row = experiment.step()
    assert [*row.values()] == pytest.approx(before)
    torch.testing.assert_close(experiment.x.grad, x.grad)


def test_style_comes_and_content_stays():
    experiment = StyleTransfer(StyleTransfer.Config(size=64, updates=40))
    rows = run(experiment)
    assert rows[0]["content"] == 0
    assert rows[-1]["style"] < rows[0]["style"] / 5
    alone = StyleTransfer(StyleTransfer.Config(size=64, updates=40, style_weight=1e4))
    assert rows[-1]["content"] < run(alone)[-1]["content"]
    assert 0 <= experiment.x.min() <= experiment.x.max() <= 1


def test_no_more_sizes_than_the_pictures_allow():
    assert StyleTransfer(StyleTransfer.Config(size=48, scales=4)).scales == 1
    assert StyleTransfer(StyleTransfer.Config(size=256, scales=3, style="glass")).scales == 3


def test_early_layers_give_the_photo_back_and_late_ones_less():
    early, late = (
        run(FeatureInversion(FeatureInversion.Config(size=64, updates=60, layer=n)))[-1]
        for n in (1, 3)
    )
    assert early["maps"] < 0.1
    assert early["distance"] < late["distance"]


def test_divergence_is_calm():
    experiment = FeatureInversion(FeatureInversion.SMOKE.variant(learning_rate=1.0))
    rows = run(experiment)
    assert np.isfinite([row["maps"] for row in rows]).all()
    assert "%" in experiment.words()


def test_paintings_are_the_same_at_every_call_and_colourful():
    for name in PAINTINGS:
        pixels = paint(name)
        assert pixels.shape == (384, 384, 3)
        np.testing.assert_array_equal(pixels, paint(name))
        assert pixels.std() > 20
