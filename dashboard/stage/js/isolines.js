/**
 * Marching squares: which edges of a cell a level line crosses, by which corners lie above the
 * level. Corners count 1, 2, 4, 8 from the lower left one, counterclockwise; edge e goes from
 * corner e to the next. At a saddle the line keeps the upper corners apart.
 */
const CROSSINGS = [
  [], [[3, 0]], [[0, 1]], [[3, 1]], [[1, 2]], [[3, 0], [1, 2]], [[0, 2]], [[3, 2]],
  [[2, 3]], [[2, 0]], [[0, 1], [2, 3]], [[2, 1]], [[1, 3]], [[1, 0]], [[0, 3]], [],
];
const CORNERS = [[0, 0], [1, 0], [1, 1], [0, 1]];

/** Add the line of one level to the current path; `px` and `py` place columns and rows. */
export function traceIsoline(ctx, { data, shape: [rows, columns] }, level, px, py) {
  const corners = new Float32Array(4);
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const at = row * columns + column;
      corners[0] = data[at] - level;
      corners[1] = data[at + 1] - level;
      corners[2] = data[at + columns + 1] - level;
      corners[3] = data[at + columns] - level;
      let kind = 0;
      for (let corner = 0; corner < 4; corner++) kind |= (corners[corner] > 0) << corner;
      for (const edges of CROSSINGS[kind]) {
        for (const edge of edges) {
          const [from, to] = [edge, (edge + 1) % 4];
          const share = corners[from] / (corners[from] - corners[to]);
          const [right, up] = [0, 1].map(
            (axis) => CORNERS[from][axis] + share * (CORNERS[to][axis] - CORNERS[from][axis]),
          );
          const draw = edge === edges[0] ? ctx.moveTo : ctx.lineTo;
          draw.call(ctx, px(column + right), py(row + up));
        }
      }
    }
  }
}
