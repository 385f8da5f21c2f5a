"""Saliency: equal to captum where captum has it; the climbs do what they promise."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from captum import attr as captum
from torch import nn

from core.config import ConfigError, generator
from core.data import cifar
from core.data.pictures import load_photo, square
from core.experiments.vision.class_images import ClassImages
from core.experiments.vision.deep_dream import DeepDream
from core.experiments.vision.fooling_image import FoolingImage
from core.experiments.vision.saliency_maps import SaliencyMaps
from core.experiments.vision.saliency_path import SaliencyPath
from core.nets import pretrained
from core.nets.chain import collect, split
from core.saliency.class_image import ascend, blur, gaussian
from core.saliency.deep_dream import dream_step, octave_sizes
from core.saliency.fooling import fooling_step, unit
from core.saliency.grad_cam import grad_cam
from core.saliency.integrated_gradients import integrated_gradients
from core.saliency.saliency import saliency
from core.saliency.settings import find_class, to_bytes, to_tensor

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def net() -> nn.Sequential:
    """The shipped net: real weights, so that no map is trivial."""
    return pretrained.load("cifar_small", CPU).net


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    return torch.rand(3, 3, 32, 32, generator=generator(0))


TARGET = torch.tensor([3, 8, 0])


def run(experiment, steps=10**6):
    rows = []
    while len(rows) < steps and (row := experiment.step()) is not None:
        rows.append({name: float(value) for name, value in row.items()})
    return rows


def test_saliency_is_captums(net, x):
    expected = captum.Saliency(net).attribute(x.clone().requires_grad_(), TARGET).amax(1)
    torch.testing.assert_close(saliency(net, x, TARGET), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("layer", ["conv1", "conv2", "conv3"])
def test_grad_cam_is_captums(net, x, layer):
    theirs = captum.LayerGradCam(net, getattr(net, layer))
    expected = theirs.attribute(x, TARGET, relu_attributions=True)[:, 0].detach()
    assert expected.max() > 0
    torch.testing.assert_close(grad_cam(net, layer, x, TARGET), expected, rtol=1e-5, atol=1e-6)


def test_integrated_gradients_are_captums(net, x):
    baseline = torch.full_like(x, 0.5)
    theirs = captum.IntegratedGradients(net)
    expected = theirs.attribute(x, baseline, TARGET, n_steps=7, method="riemann_middle").float()
    mine = integrated_gradients(net, x, TARGET, baseline, 7)
    torch.testing.assert_close(mine, expected, rtol=1e-4, atol=1e-6)


def test_integrated_gradients_add_up_to_the_difference_of_scores(net, x):
    baseline = torch.zeros_like(x)
    added = integrated_gradients(net, x, TARGET, baseline, 200).sum((1, 2, 3))
    scores, start = (net(at).gather(1, TARGET[:, None])[:, 0] for at in (x, baseline))
    torch.testing.assert_close(added, scores - start, rtol=0.01, atol=0.01)


def test_a_net_may_be_cut_at_any_layer(net, x):
    for name, _ in net.named_children():
        before, after = split(net, name)
        torch.testing.assert_close(after(before(x)), net(x))
    found = collect(net, x, ["conv1", "conv3"])
    assert list(found) == ["conv1", "conv3"]
    assert [maps.shape[1] for maps in found.values()] == [32, 128]
    with pytest.raises(KeyError, match=r"no layer “conv9”; it has normalise, conv1"):
        split(net, "conv9")


def test_steps_have_the_length_asked_for_and_climb(net, x):
    middle = 0.3 + 0.4 * x  # so that nothing is clamped
    moved = fooling_step(net, middle, TARGET, 0.01)
    rms = (moved - middle).square().mean((1, 2, 3)).sqrt()
    torch.testing.assert_close(rms, torch.full((3,), 0.01), rtol=1e-4, atol=0)
    chosen = TARGET[:, None]
    assert (net(moved).gather(1, chosen) > net(middle).gather(1, chosen)).all()
    assert not unit(torch.zeros(1, 3, 4, 4)).any()


def test_jitter_is_undone_and_the_penalty_pulls_to_grey():
    flat = nn.Sequential(nn.Flatten(), nn.LazyLinear(1))
    x = torch.rand(1, 3, 6, 6, generator=generator(1))
    flat(x)
    nn.init.zeros_(flat[1].weight)  # scores are the same everywhere: the penalty alone acts
    moved = ascend(flat, x, torch.tensor([0]), 0.01, 1.0, (2, -1))
    assert ((moved - 0.5).abs() < (x - 0.5).abs()).all()
    still = ascend(flat, x, torch.tensor([0]), 0.01, 0.0, (2, -1))
    torch.testing.assert_close(still, x)


def test_blur_is_scipys():
    from scipy.ndimage import gaussian_filter

    x = torch.rand(1, 3, 20, 17, generator=generator(2))
    for sigma in (0.5, 1.3):
        taps = len(gaussian(sigma)) // 2
        expected = gaussian_filter(
            x.numpy(), (0, 0, sigma, sigma), mode="nearest", radius=(0, 0, taps, taps)
        )
        np.testing.assert_allclose(blur(x, sigma).numpy(), expected, atol=1e-5)
    assert blur(x, 0) is x


def test_a_dream_strengthens_its_layer(net):
    x = to_tensor(np.full((40, 30, 3), 120, np.uint8))
    x += 0.1 * torch.rand(x.shape, generator=generator(3))
    layer = split(net, "conv2")[0]
    strengths = []
    for _ in range(5):
        before = x
        x, strength = dream_step(layer, x, 1 / 255, (1, 2))
        strengths.append(strength)
        assert float((x - before).abs().mean()) == pytest.approx(1 / 255, rel=0.01)
    assert strengths == sorted(strengths)
    assert strengths[0] == pytest.approx(float(layer(before * 0 + before).square().mean()), rel=2)


def test_octaves_grow_to_the_size_of_the_photo():
    assert octave_sizes(100, 200, 3, 2.0, 10) == [(25, 50), (50, 100), (100, 200)]
    assert octave_sizes(100, 200, 3, 2.0, 40) == [(50, 100), (100, 200)]
    assert octave_sizes(20, 30, 3, 2.0, 48) == [(20, 30)]


def test_maps_find_sooner_than_chance_what_makes_an_automobile():
    experiment = SaliencyMaps(SaliencyMaps.Config())
    rows = run(experiment)
    assert rows[-1]["saliency"] == rows[-1]["random"]  # all is deleted
    means = {name: np.mean([row[name] for row in rows]) for name in rows[0]}
    assert max(means["saliency"], means["integrated"], means["grad_cam"]) < means["random"] / 2
    area = dict(zip(means, (experiment.area / experiment.steps).tolist(), strict=True))
    assert area == pytest.approx(means, abs=0.03)


def test_as_many_pixels_are_deleted_by_each_method():
    experiment = SaliencyMaps(SaliencyMaps.Config(deletions=8, fill="grey"))
    run(experiment, 2)
    changed = (experiment.deleted() == 0.5).all(1).flatten(1).sum(1)
    assert (changed == 1024 // 4).all()


def test_path_is_complete_in_words_and_numbers():
    experiment = SaliencyPath(SaliencyPath.Config(pieces=50))
    rows = run(experiment)
    assert rows[-1]["score"] == pytest.approx(experiment.goal, rel=1e-5)
    assert rows[-1]["explained"] == pytest.approx(rows[-1]["score"], rel=0.01)
    assert experiment.words().endswith("complete.")
    broken = SaliencyPath(SaliencyPath.Config(pieces=1))
    run(broken)
    assert "not complete: take more pieces" in broken.words()


def test_a_pixel_as_black_as_the_baseline_gets_nothing():
    experiment = SaliencyPath(SaliencyPath.Config(pieces=3, baseline="black"))
    experiment.x[..., :5] = 0
    run(experiment)
    assert not experiment.attributions[..., :5].any()
    assert experiment.attributions[..., 5:].any()


def test_fooled_with_a_small_change():
    experiment = FoolingImage(FoolingImage.Config(index=4, target="ship"))
    assert "cat" in experiment.words()
    last = run(experiment)[-1]
    assert last["wrong"] >= 0.95
    assert last["change"] < 8
    assert experiment.words().endswith("It is fooled.")
    assert 0 <= experiment.x.min() <= experiment.x.max() <= 1
    said = experiment.model.net(experiment.x).softmax(1)[0, 8]
    assert float(said) == pytest.approx(last["wrong"])


def test_a_class_that_is_right_already_fools_nobody():
    experiment = FoolingImage(FoolingImage.Config(index=4, target="cat"))
    assert experiment.step() is None
    assert experiment.words() == "The net says “cat” already; choose a class that is wrong."


def test_pictures_of_classes_convince_the_net():
    experiment = ClassImages(ClassImages.Config(climb=30))
    rows = run(experiment)
    assert rows[-1]["chance"] > 0.95
    assert experiment.picture()["captions"][3].startswith("cat ")
    rough = run(ClassImages(ClassImages.Config(climb=30, blur=0.0, jitter=0)))[-1]["roughness"]
    assert rows[-1]["roughness"] < rough


def test_a_dream_goes_through_its_octaves():
    experiment = DeepDream(DeepDream.Config(size=96, octaves=2, each=3, layer=1))
    sizes = []
    while experiment.step() is not None:
        sizes.append(tuple(experiment.now().shape[2:]))
    assert sizes == [experiment.sizes[0]] * 3 + [experiment.sizes[1]] * 3
    assert experiment.sizes[1] == tuple(experiment.original.shape[2:])
    assert experiment.picture()["dream"].shape == experiment.backdrop()["before"].shape


def test_classes_are_found_by_name_or_word():
    classes = ["tench", "goldfish", "great white shark"]
    assert find_class(classes, "Goldfish") == 1
    assert find_class(classes, "shark") == 2
    with pytest.raises(ConfigError, match=r"knows no class “goldfisch”; try goldfish"):
        find_class(classes, "goldfisch")


def test_bytes_are_the_pixels_averaged_where_there_is_no_room():
    pixels = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    np.testing.assert_array_equal(to_bytes(to_tensor(pixels))[0], pixels)
    assert to_bytes(to_tensor(pixels), 3).shape == (1, 2, 3, 3)


def test_a_net_of_one_s_own_choice_is_refused_where_it_cannot_be_had(monkeypatch):
    monkeypatch.delenv("GLASSBOX_DATA", raising=False)
    with pytest.raises(ConfigError, match="GLASSBOX_DATA names no folder with"):
        pretrained.squeezenet1_0()
    monkeypatch.setattr("torch.hub.load_state_dict_from_url", offline)
    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", offline)
    with pytest.raises(ConfigError, match="could not be fetched; go online, or choose another"):
        pretrained.squeezenet1_1()


def offline(*_, **__):
    raise OSError("no route to host")


def test_torchvisions_squeezenet_as_a_chain_is_the_same_net(monkeypatch):
    from torchvision.models import squeezenet1_1

    model = squeezenet1_1().eval()
    monkeypatch.setattr(pretrained, "_fetch", lambda _: model.state_dict())
    made = pretrained.squeezenet1_1()
    made.net.eval()
    x = torch.rand(1, 3, 70, 80, generator=generator(5))
    mean, std = (torch.tensor(values)[:, None, None] for values in pretrained.IMAGENET)
    with torch.no_grad():
        torch.testing.assert_close(made.net(x), model((x - mean) / std))
    assert {*made.stages} <= {layer for layer, _ in made.net.named_children()}
    assert len(made.classes) == 1000


def test_torchvisions_vgg_as_a_chain_has_the_same_layers(monkeypatch):
    from torchvision.models import vgg16

    with torch.device("meta"):
        model = vgg16()
    monkeypatch.setattr(pretrained, "_fetch", lambda _: model.state_dict())
    made = pretrained.vgg16()
    assert [type(m) for m in leaves(made.net)[1:]] == [
        nn.Flatten if m is None else type(m)
        for m in [*model.features, model.avgpool, None, *model.classifier]
    ]
    assert [p.shape for p in made.net.parameters()] == [p.shape for p in model.parameters()]
    assert made.layer(5) == "conv5_3"


def leaves(net):
    return [module for module in net.modules() if not [*module.children()]]


def test_squeezenet_of_a_file_is_the_net_whose_weights_it_holds(tmp_path, monkeypatch):
    from torchvision.models import squeezenet1_0

    torch.manual_seed(7)
    model = squeezenet1_0().eval()
    monkeypatch.setenv("GLASSBOX_DATA", str(tmp_path))
    path = tmp_path / pretrained.LOCAL
    path.parent.mkdir(parents=True)
    np.savez(path, **as_its_authors_name_them(model.state_dict()))
    made = pretrained.squeezenet1_0()
    made.net.double().eval()
    x = torch.rand(1, 3, 70, 80, generator=generator(6), dtype=torch.float64)
    mean = torch.tensor([123, 117, 104])[:, None, None]  # of red, green, blue
    with torch.no_grad():
        torch.testing.assert_close(made.net(x), model.double()(255 * x - mean))


def as_its_authors_name_them(state):
    """torchvision's SqueezeNet 1.0 for pictures in blue, green, red, under other names."""
    theirs = {"squeeze": "conv1x1_1", "expand1x1": "conv1x1_2", "expand3x3": "conv3x3_2"}
    arrays = {}
    for name, tensor in state.items():
        part, at, *kind = name.split(".")
        if part == "classifier":
            layer = "conv_final"
        elif at == "0":
            layer = "conv1"
            tensor = tensor[:, [2, 1, 0]] if tensor.ndim == 4 else tensor
        else:
            fire = {3: 2, 4: 3, 5: 4, 7: 5, 8: 6, 9: 7, 10: 8, 12: 9}[int(at)]
            layer = f"fire{fire}/{theirs[kind[0]]}"
        arrays[f"{layer}.{kind[-1]}"] = tensor.numpy()
    return arrays


def test_the_nets_at_hand_know_what_they_were_taught():
    """The shipped net, and SqueezeNet where the data folder has it."""
    shown = cifar.load("validation").first(200)
    answers = pretrained.load("cifar_small", CPU).net(cifar.pixels(shown.images)).argmax(1)
    assert (answers == shown.labels).float().mean() > 0.7
    local = Path(os.environ.get("GLASSBOX_DATA", "/none"), pretrained.LOCAL).exists()
    print("asked:", "cifar_small, squeezenet1_0" if local else "cifar_small")
    if local:
        made = pretrained.load("squeezenet1_0", CPU)
        photo = to_tensor(square(load_photo("china").pixels, made.side))
        guesses = [made.classes[index] for index in made.net(photo)[0].topk(5).indices.tolist()]
        assert {"bell cote", "monastery"} <= {*guesses}  # of a thousand; a temple is not among them
