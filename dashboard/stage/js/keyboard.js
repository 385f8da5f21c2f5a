const TAKES_KEYS = "input, select, textarea, [contenteditable], [role=slider], [role=tab], " +
  "[role=radio], [role=option], [role=menuitem], [role=combobox], [role=textbox]";
const TAKES_SPACE = "button, a[href], summary, [role=button], [role=checkbox], [role=switch]";

/** Keys for the controls, wherever the focus is but in what needs them itself. */
export class Keyboard {
  #listen;

  /** `scrubber` is the one input whose keys are these. */
  constructor(controlsOf, scrubber) {
    this.#listen = (event) => {
      const [target] = event.composedPath();
      const controls = controlsOf();
      if (!controls || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (target !== scrubber && target.closest?.(TAKES_KEYS)) return;
      if (event.key === " " && (event.repeat || target.closest?.(TAKES_SPACE))) return;
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
    };
    document.addEventListener("keydown", this.#listen);
  }

  destroy() {
    document.removeEventListener("keydown", this.#listen);
  }
}
