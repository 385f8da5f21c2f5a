"""Captions: scenes that show what is said, nets as torch's, honest scores, files without trust."""

import io
import json
import math
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from core import checkpoints
from core.captions.eyes import eyes, features
from core.captions.gradients import by_patch, by_word, log_p, of_captions, reaching, strength
from core.captions.race import loss_of, table
from core.captions.writing import bleu, share_true, write
from core.config import ConfigError, generator
from core.data import own
from core.data.captions import END, PADDING, START, WordList, drawn, keep_album, load
from core.data.cifar import pixels
from core.data.scenes import COLOURS, RELATIONS, draw
from core.data.tokens import tokens
from core.experiments.sequences.caption_training import CaptionTraining
from core.experiments.sequences.caption_writing import CaptionWriting
from core.nets.captioner import CELLS, Captioner

CPU = torch.device("cpu")


@pytest.fixture
def uploads(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSBOX_UPLOADS", str(tmp_path))


def net(cell="lstm", words=12, seen=10):
    return Captioner(seen, words, generator(0), cell, 7).double()


def archive(count=12, notes=None, size=(40, 30), **files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for i in range(count):
            picture = io.BytesIO()
            Image.new("RGB", size, (20 * i, 0, 0)).save(picture, "PNG")
            packed.writestr(f"photos/{i}.png", picture.getvalue())
        if notes is None:
            notes = {
                "images": [{"id": i, "file_name": f"train/{i}.png"} for i in range(count)],
                "annotations": [
                    {"image_id": i % max(1, count), "caption": f"A photo, number {i % 3}."}
                    for i in range(2 * count)
                ],
            }
        packed.writestr("captions.json", notes if isinstance(notes, str) else json.dumps(notes))
        for name, raw in files.items():
            packed.writestr(name, raw)
    return stream.getvalue()


def middle(image, colour):
    """Where the pixels of a colour are: mean x and y."""
    far = (image.float() - torch.tensor(COLOURS[colour])[:, None, None]).abs().amax(0)
    y, x = (far < 45).nonzero().float().mean(0).tolist()
    return x, y


def test_captions_say_where_things_are():
    scenes, checked = draw("train", 60), 0
    for image, true in zip(scenes.images, scenes.true, strict=True):
        words = min(true, key=len).split()
        colours = [word for word in words if word in COLOURS]
        if len(colours) < 2 or colours[0] == colours[1]:
            continue
        text = " ".join(words)
        relation = next(name for name in RELATIONS if name in text)
        dx, dy, _ = RELATIONS[relation]
        (ax, ay), (bx, by) = (middle(image, colour) for colour in colours)
        assert dx * (ax - bx) + dy * (ay - by) > 3, text
        checked += 1
    assert checked > 20


def test_validation_shows_pairs_that_training_never_did():
    pairs = []
    for part in ("train", "validation", "test"):
        texts = (min(true, key=len) for true in draw(part, 150).true)
        things = [
            frozenset(t.removeprefix("a ").split(f" {r} a "))
            for t in texts
            for r in RELATIONS
            if f" {r} " in t
        ]
        pairs.append(set(things))
    assert all(len(some) > 30 for some in pairs)
    assert not pairs[0] & (pairs[1] | pairs[2])
    assert not torch.equal(draw("validation", 5).images, draw("test", 5).images)


def test_references_are_true_and_scenes_are_seeded():
    scenes = draw("train", 50)
    for captions, true in zip(scenes.captions, scenes.true, strict=True):
        assert set(captions) <= true
        assert len(captions) >= 2
    draw.cache_clear()
    assert torch.equal(draw("train", 50).images, scenes.images)


@pytest.mark.parametrize("cell", CELLS)
def test_captioner_is_torchs_cell_that_begins_with_the_picture(cell):
    ours, kind = net(cell), {"rnn": nn.RNN, "lstm": nn.LSTM}[cell]
    twin = kind(32, 7, batch_first=True).double()
    twin.load_state_dict({f"{k}_l0": v for k, v in ours.cell.state_dict().items()})
    seen = torch.randn(3, 10, dtype=torch.float64, generator=generator(1))
    words = torch.randint(12, (3, 6), generator=generator(2))
    standard = (seen - seen.mean(1, True)) / (seen.var(1, keepdim=True, correction=0) + 1e-5).sqrt()
    h = ours.look(standard)[None]
    states, _ = twin(ours.vectors(words), h if cell == "rnn" else (h, torch.zeros_like(h)))
    torch.testing.assert_close(ours(seen, words), ours.head(states))
    state = ours.begin(seen)
    for t in range(6):
        scores, state, gates = ours.next(words[:, t], state)
        torch.testing.assert_close(scores, ours.head(states[:, t]))
    assert set(gates) == ({"input", "forget", "output"} if cell == "lstm" else set())


def test_words_of_the_future_and_other_pictures_change_nothing():
    ours = net()
    seen = torch.randn(2, 10, dtype=torch.float64, generator=generator(1))
    words = torch.randint(4, 12, (2, 6), generator=generator(2))
    before = ours(seen, words)
    words[:, 4:] = 5
    seen[1] = 0
    torch.testing.assert_close(ours(seen, words)[0, :4], before[0, :4], rtol=0, atol=0)


def test_gradients_are_those_of_each_caption_alone():
    ours = net()
    seen = torch.randn(3, 10, dtype=torch.float64, generator=generator(1))
    words = torch.randint(4, 12, (3, 6), generator=generator(2))
    words[:, 0] = START
    words[2, 4:] = PADDING
    norms = torch.full((3, 5), math.nan, dtype=torch.float64)
    for i in range(3):
        length = 5 if i < 2 else 3
        jacobian = torch.autograd.functional.jacobian(
            lambda x, i=i: log_p(ours, x, words[i : i + 1])[0], seen[i : i + 1]
        )
        norms[i, :length] = jacobian[:length, 0].norm(dim=1)
    torch.testing.assert_close(reaching(ours, seen, words), norms.nanmean(dim=0))
    assert not log_p(ours, seen, words)[2, 3:].any()


def test_gradients_to_pixels_are_differences():
    ours = Captioner(2048, 12, generator(0), "lstm", 7)
    image = draw("validation", 1).images[0]
    words = torch.tensor([START, 5, 6, END])
    gradients = by_word(ours, image, words)
    x = pixels(image[None])
    step = torch.zeros_like(x)
    step[0, 1, 10, 12] = 0.004
    with torch.no_grad():
        up, down = (log_p(ours, eyes(CPU)(x + s * step), words[None])[0] for s in (1, -1))
    found = (up - down) / 0.008
    torch.testing.assert_close(gradients[:, 1, 10, 12], found, rtol=0.1, atol=1e-3)
    assert found.abs().max() > 5e-3  # or there were nothing to compare
    assert strength(gradients).shape == (3,)
    one = torch.zeros(1, 3, 32, 32)
    one[0, :, 3, 30] = -4.0
    assert by_patch(one)[0].nonzero().tolist() == [[16 + 15]]
    assert float(by_patch(one).sum()) == 1
    light = of_captions(ours, image[None], words[None])[0]
    torch.testing.assert_close(light, by_patch(gradients.sum(0)[None])[0])


def test_bleu_by_hand_and_truth_by_the_scene():
    captions = [
        [tokens("a red circle above a blue square")],
        [tokens("a cross"), tokens("one cross here")],
    ]
    right = ["a red circle above a blue square", "one cross here"]
    assert bleu(right, captions) == pytest.approx(1)
    other = ["a red circle above a red square", "one cross here"]
    assert bleu(other, captions, 1) == pytest.approx(9 / 10)
    p = [9 / 10, 6 / 8, 4 / 6, 2 / 4]
    assert bleu(other, captions) == pytest.approx(math.prod(p) ** 0.25)
    assert bleu(["a red", "one cross"], captions, 1) == pytest.approx(math.exp(1 - 9 / 4))
    scenes = drawn("validation", 4)
    texts = [min(true) for true in scenes.true]
    assert share_true([*texts[:3], "a sofa"], scenes) == 0.75


def test_words_are_numbered_by_frequency_and_come_back():
    words = WordList.of([[("a", "b"), ("a", "c")], [("a", "b")]], least=2)
    assert words.words[4:] == ("a", "b")
    assert words.encode(("a", "c")) == [START, 4, 3, END]
    assert words.decode([START, 4, 5, END, 4]) == "a b"


def test_a_net_learns_fifty_captions_by_heart():
    training = CaptionTraining(
        CaptionTraining.Config(cells=("lstm",), share=0.0125, epochs=150, learning_rate=0.01)
    )
    while training.step() is not None:
        pass
    captions = training.captions[:50, 0]
    ours = training.race.nets["lstm"]
    loss = loss_of(ours, training.features, captions).detach()
    assert float(loss) < 0.65  # it has 5 captions of each
    assert training.figures[0, 0] > 1  # and knows little of others
    texts = [training.words_known.decode(row) for row in write(ours, training.features).tolist()]
    assert bleu(texts, training.album.train.captions[:50]) > 0.5
    assert training.figures[0, 1] < 0.35


def test_shipped_captioners_are_as_good_as_their_manifest_says():
    noted = checkpoints.about("captioners")["figures"]
    saved, scenes = checkpoints.shipped("captioners"), drawn("test", 300)
    words = WordList.of(load("scenes").train.captions)
    for cell in CELLS:
        ours = Captioner.of(saved, cell)
        texts = [words.decode(r) for r in write(ours, features(scenes.images, CPU)).tolist()]
        score = bleu(texts, scenes.captions)
        assert score > 0.3
        assert score == pytest.approx(noted[f"{cell}_bleu"], abs=0.05)


def test_beams_find_likelier_texts_and_one_beam_is_the_likeliest_words():
    scores = {}
    for name, settings in (
        ("greedy", {}),
        ("one", {"way": "beam", "beams": 1}),
        ("five", {"way": "beam", "beams": 5}),
    ):
        scores[name] = []
        for picture in range(6):
            writing = CaptionWriting(CaptionWriting.Config(picture=picture, **settings))
            writing.step()
            while not writing.finished:
                writing.step()
            scores[name].append(float(writing.beams.scores[0]))
    assert scores["one"] == pytest.approx(scores["greedy"], abs=1e-4)
    assert np.mean(scores["five"]) > np.mean(scores["greedy"])


def test_writing_is_the_nets_own_and_goes_on_to_the_next_picture():
    writing = CaptionWriting(CaptionWriting.Config(picture=3))
    album = load("scenes").validation
    while True:
        writing.step()
        if writing.finished:
            break
    seen = features(album.images[3:4], CPU)
    text = writing.known.decode(write(writing.net, seen)[0].tolist())
    assert text in writing.words()
    assert writing.picture()["written"].tolist() == [*text.split(), "<end>"]
    writing.step()
    assert writing.index == 4
    cold = CaptionWriting(CaptionWriting.Config(picture=3, way="sample", temperature=0.0))
    for _ in range(4):
        cold.step()
    assert " ".join(cold.picture()["written"]) == " ".join(text.split()[:4])


def test_album_in_cocos_format_is_kept_learnt_from_and_described(uploads, monkeypatch):
    key = keep_album(archive(), "mine.zip")
    album = load(key)
    assert (len(album.train), len(album.validation)) == (10, 2)
    assert album.train.captions[1] == (tokens("a photo number 1"), tokens("a photo number 1"))
    training = CaptionTraining(CaptionTraining.Config(album=key, width=8, epochs=3))
    while training.step() is not None:
        pass
    assert math.isnan(training.figures[0, 3])
    assert "true" not in training.words()
    monkeypatch.setattr(checkpoints, "of_run", lambda key: training.state_dict())
    writing = CaptionWriting(CaptionWriting.Config(album=key, weights="0" * 32))
    for _ in range(5):
        writing.step()
    assert "photo" in writing.known.words


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "no ZIP"),
        (b"PK\x03\x04 and more", "no ZIP"),
        (archive().replace(b"\x78\x9c", b"\0\0"), "no ZIP"),
        (archive(count=3), "3 pictures"),
        (archive(notes="{}"), "not COCO's"),
        (archive(notes="[" * 5000), "not COCO's"),
        (archive(notes={"images": [], "annotations": []}), "0 pictures"),
        (archive(notes={"images": [{"id": 1}], "annotations": []}), "not COCO's"),
        (archive(size=(40, 1)), "“0.png” in the archive: The picture has 40 × 1 pixels"),
    ],
)
def test_bad_albums_get_a_sentence(uploads, raw, says):
    with pytest.raises(ConfigError, match=says):
        keep_album(raw, "mine.zip")


def test_what_is_too_much_for_an_album_is_refused_before_it_is_read(uploads, monkeypatch):
    monkeypatch.setattr("core.data.captions.MOST_PIXELS", 12 * 40 * 30)
    keep_album(archive(), "mine.zip")
    with pytest.raises(ConfigError, match="more than 20 MB"):
        keep_album(archive(notes="[" + "[]," * 7_000_000 + "[]]"), "mine.zip")
    monkeypatch.setattr("core.data.captions.decode", None)
    with pytest.raises(ConfigError, match="make them smaller"):
        keep_album(archive(size=(40, 31)), "mine.zip")


def test_of_an_albums_picture_only_some_captions_are_kept(uploads):
    images = [{"id": i, "file_name": f"{i}.png"} for i in range(12)]
    told = [{"image_id": i, "caption": f"photo {i}"} for i in range(12)]
    many = [{"image_id": 0, "caption": f"again {n}"} for n in range(1000)]
    many += [{"image_id": 99, "caption": "of a picture that is not there"}]
    album = load(
        keep_album(archive(notes=json.dumps({"images": images, "annotations": told + many})), "")
    )
    assert len(album.train.captions[0]) == 10
    assert len(album.train.captions[1]) == 1


def test_weights_that_are_no_captioners_are_refused(uploads, monkeypatch):
    monkeypatch.setattr(checkpoints, "of_run", lambda key: {"net.weight": torch.zeros(1)})
    with pytest.raises(ConfigError, match="no weights of a captioning LSTM"):
        CaptionWriting(CaptionWriting.Config(weights="0" * 32))
    with pytest.raises(ConfigError, match="no pictures with captions"):
        load(own.keep({"data": np.zeros(3)}))


def test_divergence_is_said():
    training = CaptionTraining(CaptionTraining.SMOKE)
    with torch.no_grad():
        training.race.nets["rnn"].head.weight.fill_(torch.nan)
    training.evaluate()
    assert "diverged" in training.words()


def test_captions_as_numbers_are_padded():
    album = drawn("validation", 6)
    words = WordList.of(album.captions)
    rows, counts = table(album, words)
    assert counts.tolist() == [len(some) for some in album.captions]
    text = words.decode(rows[2, 1].tolist())
    assert tokens(text) == album.captions[2][1]
