"""The dashboard as people meet it: the real server, the real Chromium, good days and bad ones."""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from safetensors.numpy import load

from benchmarks.server import dashboard, run_of
from tests.browser.conftest import wait_for

RACE = "gradient_descent?learning_rate=0.0001"  # two thousand steps that arrive nowhere
Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with dashboard(GLASSBOX_RUNS_PER_VISITOR="100") as address:
        yield address


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    """Opens a page in a browser of its own, or in the one given; no page may complain."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def visit(path: str, context: BrowserContext | None = None, **options: Any) -> Page:
        if context is None:
            context = browser.new_context(viewport={"width": 1400, "height": 900}, **options)
            contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(error.stack or error.message))
        page.goto(path if path.startswith("http") else f"{address}/{path}")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not complaints


def stage_of(page: Page) -> Locator:
    """The stage, once it has drawn something."""
    stage = page.locator(".stage-root")
    # That of another scene goes when the script has run.
    expect(stage).to_have_count(1)
    expect(stage.locator("canvas").first).to_be_visible(timeout=30_000)
    page.wait_for_url(re.compile("run="))
    wait_for(lambda: stage.evaluate("stage => stage.stage?.drawn ?? 0") > 0)
    return stage


def at_rest(page: Page) -> None:
    """Wait until Streamlit's script has run to its end."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")


def step_of(stage: Locator) -> int:
    return int(stage.evaluate("stage => stage.stage.step"))


def play_to(stage: Locator, step: int) -> None:
    """Let the run go until it has come so far, and stop it."""
    stage.page.keyboard.press("Space")
    wait_for(lambda: step_of(stage) >= step)
    stage.page.keyboard.press("Space")
    expect(stage.get_by_text("paused")).to_be_visible()


def workers(server: int | None = None) -> list[psutil.Process]:
    """The workers of the server of that process number; of all this process has started."""
    found = []
    for process in psutil.Process(server).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended since
            if process.cmdline()[1:] == ["-m", "core"]:
                found.append(process)
    return found


@pytest.mark.parametrize("path", ["gradient_descent", "diffusion_2d"])
def test_space_starts_and_stops_and_arrows_step(visit, path):
    page = visit(path)
    stage = stage_of(page)
    play_to(stage, 5)
    at = step_of(stage)
    page.keyboard.press("ArrowRight")
    wait_for(lambda: step_of(stage) == at + 1)
    page.keyboard.press("ArrowLeft")
    wait_for(lambda: step_of(stage) <= at)
    page.keyboard.press("Home")
    wait_for(lambda: step_of(stage) == 0)
    page.keyboard.press("End")
    wait_for(lambda: step_of(stage) == at + 1)


def test_reload_and_second_tab_find_the_same_run(visit):
    page = visit(RACE)
    stage = stage_of(page)
    play_to(stage, 10)
    at, address = step_of(stage), page.url
    page.reload()
    assert step_of(stage_of(page)) == at
    assert page.url == address
    second = visit(address, page.context)
    other = stage_of(second)
    assert step_of(other) == at
    second.keyboard.press("ArrowRight")
    wait_for(lambda: step_of(stage_of(page)) == at + 1)


def test_a_reload_finds_the_open_tab(visit):
    page = visit(RACE)
    page.get_by_role("tab", name="Try this").click()
    page.wait_for_url(re.compile(r"tab=Try\+this"))
    page.reload()
    stage_of(page)
    expect(page.get_by_role("tab", name="Try this", selected=True)).to_be_visible()
    page.get_by_role("tab", name="Maths").click()
    page.wait_for_url(lambda address: "tab=" not in address)


def test_a_live_setting_changes_the_run_and_another_begins_it_anew(visit):
    page = visit(RACE)
    stage = stage_of(page)
    page.keyboard.press("Space")
    wait_for(lambda: step_of(stage) >= 5)
    slider = page.get_by_role("slider", name="Learning rate")
    slider.focus()
    slider.press("ArrowRight")
    page.wait_for_url(re.compile(r"learning_rate=0\.0002"))
    time.sleep(0.5)
    assert step_of(stage) >= 5, "a live setting must not begin the run anew"
    page.get_by_role("combobox", name="Surface").click()
    page.get_by_role("option", name="Himmelblau").click()
    page.wait_for_url(re.compile("surface=himmelblau"))
    expect(stage.get_by_text("Himmelblau")).to_be_visible()
    wait_for(lambda: step_of(stage) > 0)  # it goes on running, from the start


def test_a_preset_is_marked_while_the_settings_are_its_own(visit):
    page = visit("gradient_descent?optimisers=sgd")
    course = page.get_by_role("radio", name="Course")
    expect(course).to_be_checked()
    page.get_by_role("slider", name="Learning rate").press("ArrowRight")
    expect(course).not_to_be_checked()
    course.click()
    expect(course).to_be_checked()


def test_a_click_on_the_plot_chooses_the_start(visit):
    page = visit("gradient_descent")
    stage = stage_of(page)
    canvas = stage.locator("canvas").first
    box = canvas.bounding_box()
    # Playwright waits until the plot stands still.
    canvas.click(position={"x": 0.7 * box["width"], "y": 0.3 * box["height"]})
    page.wait_for_url(re.compile("start_x="))
    stage_of(page)
    assert "start_y=" in page.url


def test_a_killed_worker_is_told_and_goes_on_from_its_checkpoint(visit):
    page = visit("diffusion_2d?scene=train&timesteps=100")
    stage = stage_of(page)
    page.keyboard.press("Space")
    wait_for(lambda: step_of(stage) >= 20)
    page.keyboard.press("Space")  # a pause saves
    expect(stage.get_by_text("paused")).to_be_visible()
    at = step_of(stage)
    page.keyboard.press("Space")
    wait_for(lambda: step_of(stage) > at + 5)
    killed = time.monotonic()
    for process in workers():
        os.kill(process.pid, signal.SIGKILL)
    expect(stage.get_by_text("ended unexpectedly")).to_be_visible(timeout=2_000)
    assert time.monotonic() - killed < 2
    stage.get_by_role("button", name=re.compile("last checkpoint")).click()
    wait_for(lambda: step_of(stage) > at + 10)


def test_a_lost_socket_comes_back_to_the_same_run(visit):
    page = visit("")
    page.add_init_script(
        """const Plain = WebSocket;
        window.sockets = [];
        window.WebSocket = class extends Plain {
          constructor(...address) { super(...address); window.sockets.push(this); }
        };"""
    )
    page.goto(f"{page.url}{RACE}")
    stage = stage_of(page)
    page.keyboard.press("Space")
    wait_for(lambda: step_of(stage) >= 5)
    live = "() => window.sockets.filter(({ url }) => url.includes('/glassbox/'))"
    assert page.evaluate(f"{live.replace('() => ', '')}.length") == 1
    page.evaluate(f"({live})()[0].close()")
    wait_for(lambda: page.evaluate(f"({live})().length") == 2)
    at = step_of(stage)
    wait_for(lambda: step_of(stage) > at)


def test_a_rate_of_one_is_shown_as_diverged(visit):
    page = visit("gradient_descent?optimisers=sgd&learning_rate=1.0")
    stage = stage_of(page)
    page.keyboard.press("Space")
    expect(stage.get_by_text(re.compile("SGD diverged at step"))).to_be_visible()


@pytest.mark.parametrize(
    ("query", "sentences"),
    [
        (
            "learning_rate=7&optimisers=&surface=moon&max_steps=" + "9" * 3000,
            [
                "Learning rate η is a number from 0.0001 to 1, not “7”",
                "Optimisers: choose at least one",
                "Surface is one of spiral",
                "Steps at most is a whole number from 1 to 2,000",
            ],
        ),
        ("scene=nowhere&learning_rate=banana", ["This page has no such scene", "not “banana”"]),
        ("run=" + "0" * 32, ["That run is no longer here"]),
        (
            "run=../../etc/passwd&learning_rate=1e999&no_such_thing=1",
            [
                "That run is no longer here",
                "not “1e999”",
                "There is no setting “no_such_thing” here",
            ],
        ),
        ("surface=own&expression=__import__('os')", ["expression"]),
        ("surface=own&expression=x.real", ["expression"]),
        ("&".join(f"u{i}=1" for i in range(50)), ["and 47 more here"]),
    ],
)
def test_a_bad_address_gets_sentences_and_the_page_works(visit, query, sentences):
    works_in_spite_of(visit(f"gradient_descent?{query}"), *sentences)


def test_a_run_of_another_page_and_lost_data_are_told(visit):
    page = visit("gradient_descent")
    stage_of(page)
    run = page.url.partition("run=")[2].partition("&")[0]
    query = f"scene=nowhere&run={run}&upload={'0' * 32}"
    works_in_spite_of(
        visit(f"convolution?{query}", page.context),
        "This page has no such scene",
        "That run belongs to another page; this is a new one",
        "These own data are no longer here; upload the file again",
    )


def works_in_spite_of(page: Page, *sentences: str) -> None:
    """The page tells these problems and no others, and a run can be started."""
    for sentence in sentences:
        alert = page.get_by_role("alert").filter(has_text=sentence)
        expect(alert).to_be_visible(timeout=30_000)
    expect(page.get_by_role("alert")).to_have_count(len(sentences))
    stage = stage_of(page)
    page.keyboard.press("Space")
    wait_for(lambda: step_of(stage) > 0)


def test_a_bad_expression_gets_a_sentence_and_the_last_good_one_stays(visit):
    page = visit("gradient_descent?surface=own")
    stage_of(page)
    field = page.get_by_role("textbox", name="Own surface")
    field.fill("open('x')")
    field.press("Enter")
    expect(page.get_by_role("alert").first).to_contain_text("cannot be read")
    field.fill("x**2 + sin(y)")
    field.press("Enter")
    page.wait_for_url(re.compile("expression="))
    expect(page.get_by_role("alert")).to_have_count(0)
    stage_of(page)


def npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def zip_bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.npy", bytes(100_000_000))
    return file.getvalue()


def test_own_points_are_checked_and_trained_on(visit, tmp_path):
    page = visit("diffusion_2d?scene=train")
    stage = stage_of(page)
    page.get_by_text("Your own data").first.click()
    upload = page.locator("input[type=file]")
    # No sentence is said twice: that of the file before would be taken for the answer, and
    # Streamlit can drop a file that comes while the one before is on its way.
    for name, content, sentence in (
        ("empty.csv", b"", "empty"),
        ("ragged.csv", b"1,2\n" * 9 + b"1,2,3\n", "columns"),
        ("nan.csv", b"1,nan\n" * 20, "NaN"),
        ("line.npz", npz(data=np.zeros(20)), "are 20;"),
        ("cube.npz", npz(data=np.zeros((20, 2, 2))), "are 20 × 2 × 2;"),
        ("pickle.npz", npz(data=np.array([{}] * 20, dtype=object)), "objects"),
        ("bomb.npz", zip_bomb(), "unpacks to"),
        ("evil.pt", b"cos\nsystem\n(S'true'\ntR.", "cannot be unpacked"),
    ):
        at_rest(page)  # while the script runs, the field can be put up anew under a quick hand
        upload.set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
        expect(page.get_by_role("alert").filter(has_text=sentence)).to_be_visible()
        expect(stage.get_by_text("five US states")).to_be_visible()
    points = np.random.default_rng(0).normal(size=(500, 2)).cumsum(0)
    at_rest(page)
    upload.set_input_files(
        {"name": "good.npz", "mimeType": "application/zip", "buffer": npz(data=points)}
    )
    expect(stage.get_by_text("500 points of your own")).to_be_visible()
    page.wait_for_url(re.compile("data="))
    stage.locator(".gb-go").click()
    wait_for(lambda: step_of(stage) > 3)


def test_the_menu_leads_back_to_the_scene_and_the_runs_that_were_left(visit):
    page = visit("diffusion_2d?scene=train")
    stage = stage_of(page)
    play_to(stage, 3)
    stage.get_by_role("button", name="Fork").click()
    expect(page.locator(".stage-root")).to_have_count(2)
    page.wait_for_url(re.compile("beside="))
    left = page.url
    page.get_by_role("link", name="Energies").click()
    page.wait_for_url(re.compile("energies.*run="))
    page.get_by_role("link", name="Diffusion in 2-D").click()
    page.wait_for_url(left)
    expect(page.locator(".stage-root")).to_have_count(2)


def test_an_address_of_one_page_under_the_name_of_another_is_passed_over(visit):
    page = visit(RACE)
    stage_of(page)
    here = run_of(page.url)
    page.get_by_role("link", name="Backprop from scratch").click()
    page.wait_for_url(re.compile("backprop.*run="))
    there = page.url
    # What Streamlit's page writes where a query comes before the new page's name.
    page.evaluate("url => history.pushState({}, '', url)", f"/gradient_descent?run={run_of(there)}")
    page.evaluate("url => history.pushState({}, '', url)", there)
    page.go_back()
    page.wait_for_url(re.compile(f"gradient_descent.*run={here}"))
    at_rest(page)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_watch_link_shows_the_run_and_steers_nothing(visit, browser):
    page = visit(RACE)
    stage = stage_of(page)
    page.get_by_role("button", name="Share").click()
    shown = page.get_by_test_id("stPopoverBody").get_by_test_id("stCode")
    expect(shown).to_have_count(3)
    links = [code.inner_text() for code in shown.all()]
    watch, anew, steer = (link.strip() for link in links)
    assert "run=" not in anew
    page.keyboard.press("Escape")
    guest = visit(watch)
    guests = stage_of(guest)
    expect(guest.get_by_text("You are watching somebody's run.")).to_be_visible()
    guest.keyboard.press("Space")
    time.sleep(0.5)
    assert step_of(guests) == 0
    stage.locator(".gb-go").click()
    wait_for(lambda: step_of(guests) >= 5)  # it follows
    guest.get_by_role("button", name="Try it yourself").click()
    guest.wait_for_url(lambda url: url.partition("run=")[2] not in watch)
    wait_for(lambda: step_of(stage_of(guest)) == 0)
    friend = stage_of(visit(steer))
    friend.page.keyboard.press("Space")
    expect(stage.get_by_text("paused")).to_be_visible()


def test_exports_are_downloads_that_work(visit, tmp_path):
    page = visit("gradient_descent?scene=basins&side=20")
    stage = stage_of(page)
    page.keyboard.press("Space")
    expect(stage.get_by_text("finished")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Export").click()
    files: dict[str, Path] = {}
    for label in ("replays offline", "as CSV", "as safetensors"):
        link = page.get_by_role("link", name=re.compile(label))
        answer = page.request.get(str(link.evaluate("link => link.href")))
        assert answer.ok
        files[label] = tmp_path / label.replace(" ", "_")
        files[label].write_bytes(answer.body())
    assert files["as CSV"].read_text().startswith("step,converged,diverged,median\n1,")
    assert "points" in load(files["as safetensors"].read_bytes())
    replay = page.context.new_page()
    files["replays offline"].rename(tmp_path / "replay.html")
    page.context.set_offline(True)
    replay.goto(f"file://{tmp_path}/replay.html")
    expect(replay.locator("canvas").first).to_be_visible()
    expect(replay.get_by_text("of the starts have converged")).to_be_visible()


def test_a_run_that_has_not_begun_is_a_gif_of_one_picture(visit):
    page = visit("diffusion_2d?scene=train")
    panel = stage_of(page).locator(".gb-points").first
    panel.hover()
    with page.expect_download() as download:
        panel.get_by_role("button", name="GIF").click()
    with Image.open(download.value.path()) as gif:
        assert gif.n_frames == 1
        drawing = gif.convert("RGB").crop((0, 60, *gif.size))  # below the heading
        assert len(drawing.getcolors(gif.width * gif.height) or []) > 5


def test_present_folds_all_but_the_lesson_away(visit):
    page = visit("gradient_descent")
    stage_of(page)
    page.get_by_role("button", name="Present").click()
    expect(page.get_by_text("Surface", exact=True)).to_have_count(1)  # the panel, not the setting
    page.wait_for_url(re.compile("present=1"))
    stage_of(page)
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("combobox", name="Surface")).to_be_visible()


def test_exercises_set_the_page_up_and_reveal_after_a_prediction(visit):
    page = visit("gradient_descent")
    stage_of(page)
    page.get_by_role("tab", name="Try this").click()
    page.get_by_role("link", name=re.compile("Set it up$")).nth(3).click()  # second column, first
    page.wait_for_url(re.compile("scene=basins"))
    page.wait_for_url(re.compile(r"learning_rate=1\.0"))
    wait_for(lambda: stage_of(page).get_by_text("Where each start ends").count())
    assert step_of(stage_of(page)) == 0
    assert page.get_by_text("within eight steps").count() == 0
    page.get_by_text("about half", exact=True).click()
    expect(page.get_by_text("within eight steps")).to_be_visible()


def test_after_a_prediction_an_exercise_plays_in_view_and_anew_each_time(visit):
    page = visit("gradient_descent")
    stage = stage_of(page)
    stage.evaluate(
        """root => {
          let before = 0;
          window.restarts = 0;
          setInterval(() => {
            if (root.stage.step < before) window.restarts++;
            before = root.stage.step;
          });
        }"""
    )
    page.get_by_role("tab", name="Try this").click()
    page.get_by_text("It overshoots and is lost", exact=True).click()
    for n in range(2):
        page.get_by_role("link", name="Set it up and watch").click()
        wait_for(lambda n=n: page.evaluate("restarts") == n and step_of(stage) >= 5)
        page.wait_for_url(re.compile(r"learning_rate=0\.1"))
        assert "show=" not in page.url
        expect(stage.locator(".gb-panels")).to_be_in_viewport(ratio=1)


def test_scenes_keep_their_runs(visit):
    page = visit("gradient_descent")
    stage = stage_of(page)
    play_to(stage, 5)
    at = step_of(stage)
    page.get_by_text("Basins", exact=True).click()
    page.wait_for_url(re.compile("scene=basins"))
    wait_for(lambda: step_of(stage_of(page)) == 0)
    page.get_by_text("Race", exact=True).first.click()
    page.wait_for_url(lambda url: "scene" not in url)
    wait_for(lambda: step_of(stage_of(page)) == at)


def test_what_was_trained_draws_points(visit):
    page = visit("diffusion_2d?scene=train&timesteps=20&classifier=True")
    stage = stage_of(page)
    play_to(stage, 30)
    page.get_by_role("link", name="Draw points with this network").click()
    page.wait_for_url(re.compile("weights="))
    expect(stage.get_by_text("of a training run here")).to_be_visible(timeout=30_000)
    page.keyboard.press("Space")
    wait_for(lambda: step_of(stage) == 20)


def test_panels_without_numbers_yet_say_so(visit: Visit) -> None:
    stage = stage_of(visit("diffusion_2d?scene=train"))
    labels: list[str] = []

    def told() -> bool:
        labels[:] = stage.locator("canvas").evaluate_all("all => all.map(c => c.ariaLabel)")
        return any("no points yet" in label for label in labels)

    wait_for(told)
    assert not [label for label in labels if re.search("NaN|not a number|∞", label)]


@pytest.mark.parametrize("path", ["gradient_descent", "diffusion_2d"])
def test_all_maths_is_set(visit, path):
    page = visit(path)
    stage_of(page)
    expect(page.locator(".katex").first).to_be_visible()
    assert page.locator(".katex-error").count() == 0
    assert "$$" not in page.get_by_test_id("stMain").inner_text()


def test_going_on_from_the_past(visit):
    page = visit(RACE)
    stage = stage_of(page)
    page.keyboard.press("Space")
    wait_for(lambda: step_of(stage) >= 60)
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    wait_for(lambda: 0 < step_of(stage) < 60)
    stage.get_by_role("button", name="Go on from here").click()
    wait_for(lambda: step_of(stage) >= 70)


def test_a_fork_and_its_origin_are_shown_one_below_the_other_at_the_same_step(visit):
    page = visit(RACE)
    stage = stage_of(page)
    play_to(stage, 60)
    last, origin = step_of(stage), page.url.partition("run=")[2]
    wait_for(lambda: stage.evaluate("stage => stage.stage.recorded") > last)
    stage.get_by_role("slider").fill("40")
    wait_for(lambda: step_of(stage) == 40)
    stage.get_by_role("button", name="Fork").click()
    stages = page.locator(".stage-root")
    expect(stages).to_have_count(2)
    fork, below = stages.nth(0), stages.nth(1)
    page.wait_for_url(re.compile("beside="))
    assert f"beside={origin}" in page.url

    def shown() -> list[int]:
        return [step_of(fork), step_of(below)]

    wait_for(lambda: shown() == [40, 40])
    expect(page.get_by_text("Different: nothing yet")).to_be_visible()
    expect(below.get_by_role("button", name="Play")).to_be_hidden()
    page.get_by_role("slider", name="Learning rate").press("ArrowRight")
    expect(page.get_by_text("Different: Learning rate η 0.0001 → 0.0002")).to_be_visible()
    at_rest(page)
    stage.page.get_by_role("heading", name="Gradient descent").click()
    page.keyboard.press("ArrowRight")
    wait_for(lambda: shown() == [41, 41])
    wait_for(lambda: fork.evaluate("stage => stage.stage.recorded") == 42)
    page.keyboard.press("Home")
    wait_for(lambda: shown() == [0, 0])
    page.keyboard.press("End")
    page.keyboard.press("Space")
    wait_for(lambda: step_of(fork) > last)
    page.keyboard.press("Space")
    wait_for(lambda: step_of(below) == last)  # it has not come farther
    page.reload()
    expect(stages).to_have_count(2)
    wait_for(lambda: step_of(fork) > last and step_of(below) == last)
    page.get_by_role("button", name="Swap").click()
    wait_for(lambda: step_of(fork) == last)
    expect(page.get_by_text("Different: Learning rate η 0.0002 → 0.0001")).to_be_visible()
    at_rest(page)
    page.keyboard.press("ArrowRight")
    wait_for(lambda: step_of(fork) == last + 1)
    page.get_by_role("button", name="Close").click()
    expect(stages).to_have_count(1)
    page.wait_for_url(lambda url: "beside=" not in url)


def test_home_shows_every_page(visit):
    page = visit("")
    for title in ("Gradient descent", "Diffusion in 2-D"):
        expect(page.get_by_test_id("stMain").get_by_text(title).first).to_be_visible()
    page.get_by_test_id("stMain").get_by_text("Gradient descent").first.click()
    stage_of(page)


def test_no_process_is_left_when_the_server_stops():
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py"]
    root = Path(__file__).parents[2]
    server = subprocess.Popen([*command, "--server.port", "0"], cwd=root, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: workers(server.pid))
        family = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
    finally:
        server.kill()  # even so: the pipes end
        server.wait()
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not alive
