const FIELDS =
  "input:not([type=radio], [type=checkbox]), select, textarea, [contenteditable], " +
  "[role=slider], [role=textbox], [role=combobox], [role=option], [role=menuitem]";
const CHOICES = "[role=tab], [role=radio], [type=radio]";
const BUTTONS = "button, a[href], summary, [role=button], [role=switch], [type=checkbox]";

/**
 * Keys for the controls, wherever the focus is but in what needs them itself: fields always,
 * buttons and choices if the focus came there by a key. After a click, Space still means play.
 */
export class Keyboard {
  #listeners = new AbortController();
  #tabbed = false;

  /** `scrubber` is the one field whose keys are these. */
  constructor(controlsOf, scrubber) {
    // Captured: the widgets of a page may keep their keys from what is around them.
    const options = { capture: true, signal: this.#listeners.signal };
    document.addEventListener("pointerdown", () => (this.#tabbed = false), options);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Tab") this.#tabbed = true;
      const modified = event.ctrlKey || event.metaKey || event.altKey;
      if (!modified && !this.#isNeeded(event, scrubber)) act(event, controlsOf());
    }, options);
  }

  destroy() {
    this.#listeners.abort();
  }

  #isNeeded(event, scrubber) {
    const [target] = event.composedPath();
    const within = (selector) => Boolean(target.closest?.(selector));
    if (target === scrubber) return false;
    if (within(FIELDS)) return true;
    return this.#tabbed && (within(CHOICES) || (event.key === " " && within(BUTTONS)));
  }
}

function act(event, controls) {
  const verb = {
    " ": "toggle",
    ArrowRight: "forward",
    ArrowLeft: "back",
    Home: "toStart",
    End: "toHead",
  }[event.key];
  if (!verb || !controls) return;
  event.preventDefault();
  event.stopPropagation();
  if (!event.repeat || verb !== "toggle") controls[verb](event.repeat);
}
