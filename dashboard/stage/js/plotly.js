import { element } from "./dom.js";

let loading = null;

/** Plotly.js, loaded when first needed; in a replay it is there already. */
export function loadPlotly(base) {
  if (globalThis.Plotly) return Promise.resolve(globalThis.Plotly);
  loading ??= new Promise((resolve, reject) => {
    const script = element("script", {
      src: `${base}/glassbox/plotly.min.js`,
      onload: () => resolve(globalThis.Plotly),
      onerror: reject,
    });
    document.head.append(script);
  });
  return loading;
}

export function hasWebGL() {
  return Boolean(element("canvas").getContext("webgl2") ?? element("canvas").getContext("webgl"));
}
