"""Every kind of panel, drawn in a browser from a file without a network."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from core.frames import encode_backdrop, encode_frame
from dashboard.export import replay_html
from dashboard.stage import Bars, Heatmap, Images, Plot, Points, Rule, Stage, Trace
from tests.browser import made_up
from tests.browser.conftest import Open, wait_for

STAGES = {
    "clouds": made_up.CLOUDS,
    "paths": made_up.PATHS,
    "tables": made_up.TABLES,
    "plots": made_up.PLOTS,
    "graphs": made_up.GRAPHS,
}
FILL = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
}"""
SCRUB = """async (input) => {
  const picture = () => new Promise(requestAnimationFrame);
  const { stage } = document.getElementById("stage");
  const wanted = Array.from({ length: 60 }, (_, i) => 10 * ((i * 7) % 50));
  const seen = [];
  for (const step of wanted) {
    input.value = step;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await picture();  // of the browser, in which the stage has drawn
    await picture();
    seen.push(stage.step);
  }
  return [wanted, seen];
}"""


@pytest.fixture(scope="module")
def replays(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Addresses of replays, by name."""
    messages = list(made_up.recording(stride=10))
    folder = tmp_path_factory.mktemp("replays")
    return {name: write(folder / f"{name}.html", stage, messages) for name, stage in STAGES.items()}


def write(path: Path, stage: Stage, messages: list[bytes], title: str = "Made up") -> str:
    path.write_text(replay_html(title, "What is to be seen?", stage.to_json(), messages), "utf-8")
    return path.as_uri()


def wait_for_picture(page: Page) -> None:
    page.wait_for_function("document.getElementById('stage').stage?.drawn > 0")


def step(page: Page) -> int:
    return int(page.evaluate("document.getElementById('stage').stage.step"))


def until_step(page: Page, step: int) -> None:
    page.wait_for_function(f"document.getElementById('stage').stage.step === {step}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", STAGES)
def test_every_panel_is_drawn(
    replays: Mapping[str, str], open_page: Open, name: str, scheme: str
) -> None:
    page = open_page(replays[name], color_scheme=scheme)
    wait_for_picture(page)
    for panel in page.locator(".gb-panel:not(.gb-surface) canvas").all():
        assert panel.evaluate(FILL) > 5
    assert page.evaluate("document.getElementById('stage').stage.theme.dark") == (scheme == "dark")


def test_a_surface_is_drawn_in_space(replays: Mapping[str, str], open_page: Open) -> None:
    page = open_page(replays["paths"])
    expect(page.locator(".gb-surface canvas").first).to_be_visible(timeout=20_000)


def test_without_webgl_a_sentence_stands_in(replays: Mapping[str, str], open_page: Open) -> None:
    page = open_page("about:blank")
    page.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
        "  return kind.startsWith('webgl') ? null : get.call(this, kind, ...rest); };"
    )
    page.goto(replays["paths"])
    expect(page.get_by_text("no WebGL")).to_be_visible()


def test_keys_move_through_the_recording(replays: Mapping[str, str], open_page: Open) -> None:
    page = open_page(replays["clouds"])
    wait_for_picture(page)
    assert step(page) == 500
    page.keyboard.press("Home")
    until_step(page, 0)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    until_step(page, 20)
    page.keyboard.press("ArrowLeft")
    until_step(page, 10)
    expect(page.get_by_text("10 / 500")).to_be_visible()
    page.keyboard.press("End")
    until_step(page, 500)


def test_play_replays_to_the_end_and_stops(replays: Mapping[str, str], open_page: Open) -> None:
    page = open_page(replays["tables"])
    wait_for_picture(page)
    page.get_by_role("combobox", name="Speed").select_option("100 steps/s")
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.wait_for_function("document.getElementById('stage').stage.step < 100")
    expect(page.get_by_role("button", name="Play")).to_be_visible(timeout=10_000)
    assert step(page) == 500


def test_the_mouse_drags_through_the_recording(replays: Mapping[str, str], open_page: Open) -> None:
    page = open_page(replays["clouds"])
    wait_for_picture(page)
    box = page.get_by_role("slider").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 8, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, middle, steps=8)
    page.mouse.up()
    until_step(page, 250)


@pytest.mark.parametrize("name", STAGES)
def test_scrubbing_draws_each_position_with_the_browsers_next_picture(
    replays: Mapping[str, str], open_page: Open, name: str
) -> None:
    page = open_page(replays[name])
    wait_for_picture(page)
    wanted, seen = page.get_by_role("slider").evaluate(SCRUB)
    assert seen == wanted


@pytest.mark.parametrize("name", STAGES)
def test_each_panel_can_be_saved(replays: Mapping[str, str], open_page: Open, name: str) -> None:
    page = open_page(replays[name])
    wait_for_picture(page)
    for number, panel in enumerate(page.locator(".gb-panel:not(.gb-surface)").all(), start=1):
        if number % 5 == 0:
            page.reload()  # Chromium lets one page save ten files in a row
            wait_for_picture(page)
        panel.hover()
        png = Image.open(io.BytesIO(saved(page, panel.get_by_role("button", name="PNG"))))
        assert png.format == "PNG"
        assert png.width > 200
        assert len(png.convert("RGB").getcolors(png.width * png.height) or []) > 5
        svg = ElementTree.fromstring(saved(page, panel.get_by_role("button", name="SVG")))
        assert svg.tag == "{http://www.w3.org/2000/svg}svg"
        assert len(svg) > 5


def test_a_run_is_saved_as_a_moving_gif(replays: Mapping[str, str], open_page: Open) -> None:
    page = open_page(replays["clouds"])
    wait_for_picture(page)
    for kind in ("points", "curves"):
        panel = page.locator(f".gb-{kind}").first
        panel.hover()
        gif = Image.open(io.BytesIO(saved(page, panel.get_by_role("button", name="GIF"))))
        assert gif.format == "GIF"
        assert gif.info["loop"] == 0  # for ever
        assert gif.n_frames == 51  # steps 0, 10, …, 500
        durations = []
        for step in (500, 0, 250):
            page.get_by_role("slider").fill(str(step))
            until_step(page, step)
            png = Image.open(io.BytesIO(saved(page, panel.get_by_role("button", name="PNG"))))
            gif.seek(step // 10)
            durations.append(gif.info["duration"])
            assert gif.size == png.size
            moving, still = (np.asarray(image.convert("RGB"), int) for image in (gif, png))
            off = np.abs(moving - still)
            assert off[:60].any()  # the step is in the heading
            assert off[60:].max() < 128  # but for less than that, of 255, nothing is elsewhere
        assert durations == [2000, 200, 200]


def saved(page: Page, button: Locator) -> bytes:
    with page.expect_download() as download:
        button.click()
    return Path(download.value.path()).read_bytes()


@pytest.mark.parametrize("name", STAGES)
def test_each_panel_is_told_in_numbers(
    replays: Mapping[str, str], open_page: Open, name: str
) -> None:
    page = open_page(replays[name])
    wait_for_picture(page)
    pictures = page.locator(".gb-body > [role=img]").all()
    assert len(pictures) == len(list(STAGES[name].panels()))
    for picture, panel in zip(pictures, STAGES[name].panels(), strict=True):
        told = re.compile(r"\d.*" + re.escape(panel.alt) + "$", re.DOTALL)
        expect(picture).to_have_attribute("aria-label", told)


def test_what_is_told_follows_the_scrubber(replays: Mapping[str, str], open_page: Open) -> None:
    page = open_page(replays["clouds"])
    wait_for_picture(page)
    page.keyboard.press("Home")
    loss = page.locator(".gb-curves canvas")
    expect(loss).to_have_attribute("aria-label", re.compile("at step 0, lowest"))


@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize("width", [390, 1400, 1920])
def test_it_fits(replays: Mapping[str, str], open_page: Open, name: str, width: int) -> None:
    page = open_page(replays[name], width, has_touch=width == 390)
    wait_for_picture(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    lefts = {round(panel.bounding_box()["x"]) for panel in page.locator(".gb-panel").all()}  # type: ignore[index]
    assert len(lefts) == (1 if width == 390 else len(STAGES[name].columns))
    transport = page.get_by_role("group", name="Transport").bounding_box()
    assert transport
    assert transport["y"] + transport["height"] <= 900
    buttons = [b.bounding_box() for b in page.locator(".gb-button:visible").all()]
    assert all(b and b["width"] >= (40 if width == 390 else 30) for b in buttons)


def test_the_pointer_reads_values(replays: Mapping[str, str], open_page: Open) -> None:
    page = open_page(replays["clouds"])
    wait_for_picture(page)
    page.locator(".gb-curves canvas").hover(position={"x": 100, "y": 60})
    expect(page.locator(".gb-readout:visible")).to_contain_text("training .")
    page.locator(".gb-bars canvas").hover(position={"x": 100, "y": 10})
    expect(page.locator(".gb-readout:visible")).to_have_text("Ohio 100 %aim 95 %")


def test_a_plot_is_read_where_the_pointer_is(replays: Mapping[str, str], open_page: Open) -> None:
    page = open_page(replays["plots"])
    wait_for_picture(page)
    readout = page.locator(".gb-readout:visible")
    fit, _, pairs = page.locator(".gb-plot canvas").all()
    fit.hover(position={"x": 200, "y": 150})
    expect(readout).to_contain_text("x −")
    expect(readout).to_contain_text(re.compile(r"model −\S+ \(−\S+ to −\S+\)"))
    box = pairs.bounding_box()
    assert box
    pairs.hover(position={"x": 0.7 * box["width"], "y": 0.4 * box["height"]})
    expect(readout).to_have_text(re.compile(r"^\.\d+, \.?\d"))


PIXEL = """(canvas, [x, y]) => {
  const { width, height } = canvas;
  const unit = Math.min(width, height) / 2;
  const at = [width / 2 + x * unit, height / 2 - y * unit].map(Math.round);
  return [...canvas.getContext("2d").getImageData(...at, 1, 1).data.slice(0, 3)];
}"""


@pytest.mark.parametrize("scale", [1, 1.25, 2])
def test_a_point_is_blended_over_the_ground_of_its_own_frame(
    tmp_path: Path, open_page: Open, scale: float
) -> None:
    extent, names = (-1.0, 1.0, -1.0, 1.0), ("left", "right")
    cloud = Points(
        title="Points", alt="One.", points="x", labels="label", classes=names, background="class",
        behind="data", extent=extent,
    )  # fmt: skip
    places, nowhere, faint = [(-0.37, 0.23), (0.37, 0.23)], (0.12, -0.61), (0.37, -0.41)
    frames = [encode_backdrop({"data": made_up.single([faint])}, {"data": "two points"})]
    for step, place in enumerate(places):
        label = np.array([step], np.int32)
        arrays = {"x": made_up.single([place]), "label": label, "class": np.full((2, 2), label[0])}
        frames.append(encode_frame(step, {}, "", arrays))
    address = write(tmp_path / "points.html", Stage(columns=((cloud,),)), frames)
    page = open_page(address, device_scale_factor=scale)
    wait_for_picture(page)
    canvas = page.locator(".gb-points canvas")

    def pixel(place: tuple[float, float]) -> list[int]:
        return list(canvas.evaluate(PIXEL, [*place]))

    def look(step: int) -> tuple[list[int], str]:
        """The ground and the whole picture, in which the point lies where it should."""
        ground = pixel(nowhere)
        color = page.evaluate(f"document.getElementById('stage').stage.theme.c{step}")
        pure = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)])
        np.testing.assert_allclose(
            pixel(places[step]), 0.85 * pure + 0.15 * np.array(ground), atol=3
        )
        assert pixel(places[1 - step]) == ground
        assert pixel(faint) != ground
        return ground, canvas.evaluate("canvas => canvas.toDataURL()")

    last = look(1)
    page.keyboard.press("Home")
    until_step(page, 0)
    first = look(0)
    page.keyboard.press("End")
    until_step(page, 1)
    assert look(1) == last
    assert first[0] != last[0]

    page.get_by_role("button", name="◐").click()
    wait_for(lambda: pixel(nowhere) != last[0])
    page.wait_for_function("document.getElementById('stage').stage.theme.dark")
    look(1)
    panel = page.locator(".gb-points")
    panel.hover()
    png = Image.open(io.BytesIO(saved(page, panel.get_by_role("button", name="PNG"))))
    wide, high = (canvas.evaluate(f"canvas => canvas.client{side}") for side in ("Width", "Height"))
    unit = min(wide, high) / 2
    x, y = (12 + wide / 2 + places[1][0] * unit, 30 + high / 2 - places[1][1] * unit)
    there = png.convert("RGB").getpixel((round(2 * x), round(2 * y)))  # two for each pixel
    np.testing.assert_allclose(there, pixel(places[1]), atol=3)

    canvas.click()
    page.mouse.wheel(0, -300)
    wait_for(lambda: pixel(faint) == pixel(nowhere))  # it has moved with all the rest


def test_no_curve_crosses_the_name_of_a_rule(tmp_path: Path, open_page: Open) -> None:
    plot = Plot(
        title="Rule",
        alt="A line and a rule.",
        lines=(Trace("x", "y", "y", "data"),),
        rules=(Rule(0.0, "ε", axis="x"),),
    )
    arrays = {"x": made_up.single([-1, 1]), "y": made_up.single([0, 1])}
    frames = [encode_backdrop({}, {"data": "two points"}), encode_frame(0, {}, "", arrays)]
    page = open_page(write(tmp_path / "rule.html", Stage(columns=((plot,),)), frames))
    wait_for_picture(page)
    page.locator(".gb-plot").hover()
    svg = saved(page, page.get_by_role("button", name="SVG")).decode()
    assert svg.index(">ε<") > svg.index('stroke="#0072b2"')  # what is drawn later is on top


def test_cells_are_read_where_they_are_drawn(tmp_path: Path, open_page: Open) -> None:
    table = Heatmap(title="Table", alt="Two rows of three.", values="table")
    extent = (0.1, 100.0, 0.01, 1.0)
    log = replace(table, title="Map", extent=extent, log_x=True, log_y=True, framed="best")
    arrays = {"table": made_up.single([[0, 1, 2], [3, 4, 5]]), "best": made_up.single([[50, 0.5]])}
    stage = Stage(columns=((table,), (log,)))
    frames = [encode_backdrop({}, {"data": "six numbers"}), encode_frame(0, {}, "", arrays)]
    page = open_page(write(tmp_path / "table.html", stage, frames))
    wait_for_picture(page)
    readout = page.locator(".gb-readout:visible")
    upper, lower = page.locator(".gb-heatmap canvas").all()
    upper.hover(position={"x": 50, "y": 20})
    expect(readout).to_have_text("0row 0, column 0")
    lower.hover(position={"x": 50, "y": 20})
    expect(readout).to_have_text(re.compile(r"^3\.\d+, \.\d+$"))
    panel = page.locator(".gb-heatmap").nth(1)
    panel.hover()
    svg = ElementTree.fromstring(saved(page, panel.get_by_role("button", name="SVG")))
    texts = [text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert {".1", "1", "10", "100", ".01"} <= set(texts)


def test_pictures_that_are_not_there_yet_leave_their_places_empty(
    tmp_path: Path, open_page: Open
) -> None:
    some = Images(title="Some", alt="Two of four.", images="some", columns=2, captions=(*"abcd",))
    none = replace(some, title="None", images="none")
    stage = Stage(columns=((some,), (none,)))
    grey = np.full((2, 4, 4), 90, np.uint8)
    arrays = {"some": grey, "none": grey[:0]}
    frames = [encode_backdrop({}, {"data": "two pictures"}), encode_frame(0, {}, "", arrays)]
    page = open_page(write(tmp_path / "pictures.html", stage, frames))
    wait_for_picture(page)
    readout = page.locator(".gb-readout:visible")
    two, empty = page.locator(".gb-images canvas").all()
    box = two.bounding_box()
    assert box
    two.hover(position={"x": 20, "y": 20})
    expect(readout).to_have_text("a90 to 90")
    two.hover(position={"x": 20, "y": 0.8 * box["height"]})
    expect(readout).to_have_count(0)
    assert empty.bounding_box() == {**box, "x": (empty.bounding_box() or box)["x"]}
    expect(empty).to_have_attribute("aria-label", re.compile("no pictures yet"))


def test_a_caption_is_small_before_it_is_cut(tmp_path: Path, open_page: Open) -> None:
    captions = tuple("n" * length for length in range(1, 21))
    images = Images(title="Row", alt="20 pictures.", images="x", columns=20, captions=captions)
    arrays = {"x": np.zeros((20, 4, 4), np.uint8)}
    frames = [encode_backdrop({}, {"data": "20 pictures"}), encode_frame(0, {}, "", arrays)]
    page = open_page(write(tmp_path / "row.html", Stage(columns=((images,),)), frames))
    wait_for_picture(page)
    page.locator(".gb-images").hover()
    svg = ElementTree.fromstring(saved(page, page.get_by_role("button", name="SVG")))
    styles = {text.text: text.get("style") for text in svg.iter("{http://www.w3.org/2000/svg}text")}
    whole = [text for text in captions if text in styles]
    assert captions[-1] not in whole
    first, last = (re.findall(r"([\d.]+)px", styles[text] or "") for text in (whole[0], whole[-1]))
    assert 0.75 <= float(last[0]) / float(first[0]) < 1


def test_headings_name_logarithmic_axes(replays: Mapping[str, str], open_page: Open) -> None:
    page = open_page(replays["plots"])
    expect(page.get_by_role("heading", name="Distance")).to_have_text("Distance log x, y")
    expect(page.get_by_role("heading", name="Pairs")).to_have_text("Pairs ")


def test_a_graph_is_read_by_pointer_and_by_keys(
    replays: Mapping[str, str], open_page: Open
) -> None:
    page = open_page(replays["graphs"])
    wait_for_picture(page)
    canvas, readout = page.locator(".gb-graph canvas"), page.locator(".gb-readout:visible")
    box = canvas.bounding_box()
    assert box
    canvas.hover(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(readout).to_contain_text("√(σ² + ϵ), 24 × 40")
    expect(readout).to_contain_text("gradient by √(σ² + ϵ)")
    canvas.hover(position={"x": 0.35 * box["width"], "y": box["height"] / 2})
    expect(readout).to_contain_text("W^(1) → √(σ² + ϵ)")
    expect(readout).to_contain_text("∂z/∂W, 4 × 2")
    page.mouse.move(0, 0)
    canvas.focus()
    page.keyboard.press("ArrowDown")
    expect(readout).to_contain_text("x, 1 × 4")
    expect(readout).to_contain_text("−.25")
    page.keyboard.press("ArrowUp")
    expect(readout).to_contain_text("L, a number")
    page.keyboard.press("Escape")
    expect(readout).to_have_count(0)


def test_a_graph_fills_as_it_goes(replays: Mapping[str, str], open_page: Open) -> None:
    page = open_page(replays["graphs"])
    wait_for_picture(page)
    canvas = page.locator(".gb-graph canvas")
    page.keyboard.press("Home")
    expect(canvas).to_have_attribute("aria-label", re.compile("1 of 5 values and 0 gradients"))
    page.keyboard.press("End")
    expect(canvas).to_have_attribute("aria-label", re.compile("5 of 5 values and 4 gradients"))


def test_a_saved_graph_shows_its_formulae(replays: Mapping[str, str], open_page: Open) -> None:
    page = open_page(replays["graphs"])
    wait_for_picture(page)
    page.locator(".gb-graph").hover()
    svg = ElementTree.fromstring(saved(page, page.get_by_role("button", name="SVG")))
    texts = [text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert {"W", "(", "1", ")", "∑", "σ", "ϵ", "L", "∂"} <= set(texts)


def test_the_wheel_zooms_once_clicked_and_a_double_click_goes_back(
    replays: Mapping[str, str], open_page: Open
) -> None:
    page = open_page(replays["clouds"])
    wait_for_picture(page)
    canvas = page.locator(".gb-points canvas").first
    whole = canvas.evaluate("canvas => canvas.toDataURL()")
    canvas.hover()
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(200)
    assert canvas.evaluate("canvas => canvas.toDataURL()") == whole
    canvas.click()
    page.mouse.wheel(0, -300)
    wait_for(lambda: canvas.evaluate("canvas => canvas.toDataURL()") != whole)
    canvas.dblclick()
    page.mouse.move(0, 0)
    wait_for(lambda: canvas.evaluate("canvas => canvas.toDataURL()") == whole)


def test_a_switch_of_theme_is_followed(replays: Mapping[str, str], open_page: Open) -> None:
    page = open_page(replays["clouds"], color_scheme="light")
    wait_for_picture(page)
    page.get_by_role("button", name="◐").click()
    page.wait_for_function("document.getElementById('stage').stage.theme.dark")
    assert page.evaluate("document.getElementById('stage').stage.theme.c0") == "#56b4e9"


def test_nothing_is_fetched(replays: Mapping[str, str], open_page: Open) -> None:
    page = open_page("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(replays["paths"])
    wait_for_picture(page)
    page.wait_for_timeout(1000)
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [replays["paths"]]


def test_words_and_titles_are_text_and_nothing_else(tmp_path: Path, open_page: Open) -> None:
    evil = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>"
    bars = Bars(title=evil, note=evil, alt=evil, values="coverage", names=(evil,) * 5)
    stage = Stage(columns=((bars,),))
    frames = [
        encode_backdrop({}, {"data": evil}),
        encode_frame(0, {}, evil, {"coverage": made_up.single([0.1, 0.2, 0.3, 0.4, 0.5])}),
    ]
    page = open_page(write(tmp_path / "evil.html", stage, frames, title=evil))
    wait_for_picture(page)
    page.wait_for_timeout(300)
    assert page.evaluate("window.hacked") is None
    assert page.title() == f"{evil} · Glassbox"
    expect(page.locator(".gb-words")).to_have_text(evil)
