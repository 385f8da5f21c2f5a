const FIELDS = "input, select, textarea, [contenteditable], [role=slider], [role=textbox]";
const CHOICES = "[role=tab], [role=radio], [role=option], [role=menuitem], [role=combobox]";
const BUTTONS = "button, a[href], summary, [role=button], [role=checkbox], [role=switch]";

/** Keys for the controls, wherever the focus is but in what needs them itself. */
export class Keyboard {
  #listeners = new AbortController();
  #tabbed = false; // whether the focus came by a key; after a click, Space still means play

  /** `scrubber` is the one input whose keys are these. */
  constructor(controlsOf, scrubber) {
    const { signal } = this.#listeners;
    document.addEventListener("pointerdown", () => (this.#tabbed = false), { signal });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Tab") this.#tabbed = true;
      const controls = controlsOf();
      const modified = event.ctrlKey || event.metaKey || event.altKey;
      if (controls && !modified && !event.defaultPrevented) this.#act(event, controls, scrubber);
    }, { signal });
  }

  destroy() {
    this.#listeners.abort();
  }

  #act(event, controls, scrubber) {
    const [target] = event.composedPath();
    const within = (selector) => target !== scrubber && Boolean(target.closest?.(selector));
    const needed = this.#tabbed && (within(CHOICES) || (event.key === " " && within(BUTTONS)));
    if (within(FIELDS) || needed || (event.key === " " && event.repeat)) return;
    const act = {
      " ": controls.toggle,
      ArrowRight: controls.forward,
      ArrowLeft: controls.back,
      Home: controls.toStart,
      End: controls.toHead,
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act.call(controls);
  }
}
