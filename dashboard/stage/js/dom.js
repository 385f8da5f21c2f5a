/** A new element with properties (or attributes, where it has no such property) and children. */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** Whether the person asks for no motion. */
export const still = matchMedia("(prefers-reduced-motion: reduce)");

/** Set a property, sparing the browser the work where nothing changes. */
export function assign(node, name, value) {
  if (node[name] !== value) node[name] = value;
}

const STROKES = {
  start: "M6 5v14M18 6l-8 6 8 6z",
  play: "M8 5.5v13l10-6.5z",
  pause: "M8.5 6v12M15.5 6v12",
  step: "M18 5v14M6 6l8 6-8 6z",
  reset: "M5 4.5v5h5M5.4 9.5a7.5 7.5 0 1 1-.6 4.6",
  fork: "M6 4v16M6 15c0-6 11-3 11-11M13.5 7.5 17 4l3.5 3.5",
  full: "M5 9.5V5h4.5M14.5 5H19v4.5M19 14.5V19h-4.5M9.5 19H5v-4.5",
};

/** A line drawing in the colour of the text around it. */
export function icon(name) {
  const holder = element("span", { className: "gb-icon", ariaHidden: "true" });
  holder.innerHTML = `<svg viewBox="0 0 24 24"><path d="${STROKES[name]}"/></svg>`;
  return holder;
}

/** Keep a box at the greatest height it had at its width: what stands below it stays put. */
export function keepHeight(box) {
  let kept = 0;
  const observer = new ResizeObserver(() => {
    const { offsetWidth: width, offsetHeight: height } = box;
    if (width !== kept) box.style.minHeight = "";
    else if (height > parseFloat(box.style.minHeight || 0)) box.style.minHeight = `${height}px`;
    kept = width;
  });
  observer.observe(box);
  return observer;
}
