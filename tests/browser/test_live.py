"""The stage on a live run, with a server that does as it is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import made_up
from tests.browser.conftest import Open, wait_for
from tests.browser.fake_server import Served, serve

COUNT_FREED = """() => {
  const { transfer } = ArrayBuffer.prototype;
  window.freed = 0;
  ArrayBuffer.prototype.transfer = function (size) {
    window.freed++;
    return transfer.call(this, size);
  };
}"""
# How many pictures there are, each of which has all its numbers.
NUMBERS = """() => {
  const scenes = stage.scenes(Infinity);
  const filled = ({ data, shape }) => data.length === shape.reduce((a, b) => a * b, 1);
  const whole = ({ frame }) => Object.values(frame.arrays).every(filled);
  return scenes.every(whole) ? scenes.length : 0;
}"""


@pytest.fixture
def served() -> Iterator[Served]:
    with serve(made_up.CLOUDS) as served:
        yield served


@pytest.fixture
def page(served: Served, open_page: Open) -> Page:
    page = open_page(served.address)
    page.wait_for_function("window.stage?.drawn > 0")
    return page


def until(page: Page, condition: str) -> None:
    page.wait_for_function(condition, timeout=10_000)


def test_space_starts_and_pauses_and_frames_come_while_it_runs(page: Page, served: Served) -> None:
    page.keyboard.press(" ")
    until(page, "stage.step > 200")
    expect(page.get_by_text("frames/s")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert [command["do"] for command in served.run.told] == ["start", "pause"]
    until(page, f"stage.step == {served.run.step}")


def test_arrows_step_and_scrub(page: Page, served: Served) -> None:
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    until(page, "stage.step == 40")
    until(page, "stage.recorded == 3")  # 0, 20, 40
    page.keyboard.press("ArrowLeft")
    until(page, "stage.step == 20")
    page.keyboard.press("Home")
    until(page, "stage.step == 0")
    page.keyboard.press("End")
    until(page, "stage.step == 40")
    assert [command["do"] for command in served.run.told] == ["step"] * 4


def test_a_held_arrow_asks_for_one_step_after_another(page: Page, served: Served) -> None:
    served.run.stuck = True
    for _ in range(5):  # without a release between: it repeats itself
        page.keyboard.down("ArrowRight")
    page.get_by_role("combobox", name="Speed").select_option("30 steps/s")
    wait_for(lambda: len(served.run.told) > 1)  # told after all that the keys had to say
    assert [command["do"] for command in served.run.told] == ["step", "speed"]
    served.run.stuck = False
    served.put(step=10, stepping=False)
    until(page, "stage.step == 10")
    page.keyboard.down("ArrowRight")
    until(page, "stage.step == 20")


def test_a_step_that_takes_long_is_shown_to_be_under_way(page: Page, served: Served) -> None:
    served.put(status="paused", stepping=True)
    expect(page.get_by_text("working", exact=True)).to_be_visible()
    served.put(stepping=False)
    expect(page.get_by_text("paused", exact=True)).to_be_visible()


def test_a_run_that_begins_anew_gets_ready_over_its_old_picture(page: Page, served: Served) -> None:
    sentence = page.get_by_text("Getting ready: the first picture is on its way.")
    expect(sentence).to_be_hidden()
    served.put(status="loading", generation=1)
    expect(sentence).to_be_visible()
    served.put(status="ready")
    expect(sentence).to_be_hidden()


def test_counter_and_words_are_those_of_the_picture_whenever_it_stands_still(
    page: Page, served: Served
) -> None:
    page.evaluate(
        """() => {
          const text = (selector) => stage.root.querySelector(selector).textContent;
          window.apart = [];
          const look = () => {
            const told = [text(".gb-counter").replace(",", ""), text(".gb-words")];
            const { step } = stage;
            const same = told[0].startsWith(step) && told[1].startsWith(`At step ${step} of`);
            if (!same) window.apart.push([step, ...told]);
            requestAnimationFrame(look);
          };
          look();
        }"""
    )
    for step in (400, 800, 1200):
        served.put(step=step, status="paused")
        until(page, f"stage.step == {step}")
    until(page, "stage.recorded == 61")
    for key, step in (("Home", 0), ("ArrowRight", 20), ("End", 1200)):
        page.keyboard.press(key)
        until(page, f"stage.step == {step}")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate("apart") == []


def test_keys_are_left_to_fields(page: Page, served: Served) -> None:
    page.locator("#field").press("Space")
    page.locator("#field").press("ArrowRight")
    page.get_by_role("button", name="Play").click()
    until(page, "stage.step > 0")
    assert served.run.told == [{"do": "start"}]


def test_after_a_click_elsewhere_space_still_means_play_but_not_after_tab(
    page: Page, served: Served
) -> None:
    page.locator("#other").click()
    page.keyboard.press(" ")
    until(page, "stage.step > 20")
    page.locator("#field").focus()
    page.keyboard.press("Tab")
    page.keyboard.press(" ")
    page.get_by_role("combobox", name="Speed").select_option("30 steps/s")
    wait_for(lambda: len(served.run.told) > 1)
    assert [command["do"] for command in served.run.told] == ["start", "speed"]


def test_training_goes_on_from_a_recorded_step(page: Page, served: Served) -> None:
    page.keyboard.press(" ")
    until(page, "stage.step > 300")
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    until(page, f"stage.recorded == {served.run.step // 20 + 1}")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    until(page, "stage.step == 20")
    page.get_by_role("button", name="Go on from here").click()
    expect(page.get_by_role("button", name="Live")).to_be_hidden()
    until(page, "20 < stage.step && stage.step < 300")
    assert served.run.told[-2:] == [{"do": "rewind", "step": 20}, {"do": "start"}]


def test_what_is_recorded_is_fetched_once_and_not_while_dragging(
    page: Page, served: Served
) -> None:
    served.put(step=1000, status="paused")
    until(page, "stage.recorded == 51")
    asked, told = len(served.run.asked), len(served.run.told)
    slider = page.get_by_role("slider")
    slider.fill("500")
    until(page, "stage.step == 500")
    slider.fill("300")
    until(page, "stage.step == 300")
    assert (asked, told) == (len(served.run.asked), len(served.run.told))
    wanted = [int(step) for steps in served.run.asked for step in steps.split(",")]
    assert len(wanted) == len(set(wanted))
    assert set(range(20, 1000, 20)) <= set(wanted)


def test_a_larger_stride_thins_what_is_here(page: Page, served: Served) -> None:
    served.put(step=400, status="paused")
    until(page, "stage.recorded == 21")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    until(page, "stage.step == 20")
    served.put(stride=80)
    until(page, "stage.recorded == 6")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    until(page, "stage.step == 80")


def test_a_lost_connection_is_told_and_mended(page: Page, served: Served) -> None:
    page.keyboard.press(" ")
    until(page, "stage.step > 100")
    before = served.run.step
    served.run.away = True
    served.drop()
    expect(page.get_by_text("connection lost, trying again")).to_be_visible()
    served.run.away = False
    expect(page.get_by_text("connection lost, trying again")).to_be_hidden(timeout=20_000)
    until(page, f"stage.step > {before + 50}")


def test_frames_that_are_over_give_their_memory_back_and_no_others_do(
    page: Page, served: Served
) -> None:
    page.evaluate(COUNT_FREED)
    page.keyboard.press(" ")
    until(page, "stage.step > 400")
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    until(page, f"stage.recorded == {served.run.step // 20 + 1}")
    assert page.evaluate("freed") > 10  # every other one is recorded
    assert page.evaluate(NUMBERS) >= page.evaluate("stage.recorded")


def test_a_run_that_is_gone_is_told_once(page: Page, served: Served) -> None:
    served.run.here = False
    served.drop()
    expect(page.get_by_text("This run is no longer here.")).to_be_visible()


def test_the_newest_frame_is_not_fetched_besides(served: Served, open_page: Open) -> None:
    served.run.status = "loading"  # no frame comes meanwhile
    page = open_page(served.address)
    page.get_by_role("button", name="Play").click()
    wait_for(lambda: served.run.told)
    until(page, "stage.step > 20")
    until(page, "stage.recorded > 1")
    assert not any(step == "0" for asked in served.run.asked for step in asked.split(","))


def test_a_queue_and_a_crash_are_told(page: Page, served: Served) -> None:
    served.put(status="queued", place=3)
    expect(page.get_by_text("number 3 in line")).to_be_visible()
    served.put(status="crashed", message="The worker died.")
    expect(page.get_by_text("The worker died.")).to_be_visible()
    page.get_by_role("button", name="Go on from the last checkpoint").click()
    until(page, "stage.step > 0")
    assert served.run.told[-1] == {"do": "start"}


def test_play_on_a_run_that_is_not_ready_shows_that_it_is_wanted(
    page: Page, served: Served
) -> None:
    served.put(status="queued", place=1)
    served.put(wanted=True)  # as the server says when it was told to start
    expect(page.get_by_text("starts when ready")).to_be_visible()
    page.get_by_role("button", name="Starts when ready").click()
    wait_for(lambda: served.run.told)
    served.put(status="running", wanted=False)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert [command["do"] for command in served.run.told] == ["pause"]


def test_play_before_the_run_is_there_is_remembered(served: Served, open_page: Open) -> None:
    served.run.away = True
    page = open_page(served.address)
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_text("starts when ready")).to_be_visible()
    served.run.away = False
    until(page, "stage.step > 20")
    assert served.run.told == [{"do": "start"}]


def test_play_before_a_run_that_one_only_watches_is_there_is_forgotten(
    served: Served, open_page: Open
) -> None:
    served.run.away, served.run.steer = True, False
    page = open_page(served.address)
    page.get_by_role("button", name="Play").click()
    served.run.away = False
    expect(page.get_by_text("watching")).to_be_visible()
    expect(page.get_by_text("starts when ready")).to_be_hidden()
    assert served.run.told == []


def test_a_phone_has_a_low_transport_that_tells_how_the_run_stands(
    served: Served, open_page: Open
) -> None:
    page = open_page(served.address, 400, 860)
    page.wait_for_function("window.stage?.drawn > 0")
    expect(page.get_by_text("ready", exact=True)).to_be_visible()
    served.put(status="running", step=500)
    until(page, "stage.step >= 600")
    expect(page.get_by_text("frames/s")).to_be_hidden()
    box = page.get_by_role("group", name="Transport").bounding_box()
    assert box
    assert box["height"] <= 110


def test_watching_offers_no_commands(page: Page, served: Served) -> None:
    served.put(steer=False, status="running")
    expect(page.get_by_text("watching")).to_be_visible()
    expect(page.get_by_role("button", name="Begin anew")).to_be_disabled()
    until(page, "stage.step > 100")
    page.keyboard.press(" ")
    page.keyboard.press("Home")
    until(page, "stage.step == 0")
    expect(page.get_by_role("button", name="Go on from here")).to_be_hidden()
    assert not served.run.told


def test_speed_is_sent_and_shown(page: Page, served: Served) -> None:
    page.get_by_role("combobox", name="Speed").select_option("30 steps/s")
    wait_for(lambda: served.run.told)
    assert served.run.told == [{"do": "speed", "steps_per_second": 30}]
    served.put(speed=1)
    expect(page.get_by_role("combobox", name="Speed")).to_have_value("1")


def test_mounting_again_keeps_what_is_there(page: Page, served: Served) -> None:
    page.evaluate("window.before = [stage, stage.root.querySelector('canvas')]")
    page.evaluate("remount({ present: true })")
    assert page.evaluate("before[0] === stage && before[1].isConnected")
    assert len(served.run.sockets) == 1


def test_nothing_is_left_when_it_goes(page: Page, served: Served) -> None:
    page.evaluate("stage.destroy()")
    page.keyboard.press(" ")
    wait_for(lambda: not served.run.sockets)
    assert not served.run.told
    assert page.evaluate("stage.root.childElementCount") == 0
