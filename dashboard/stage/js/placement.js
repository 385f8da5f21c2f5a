/** Move labels (their `y`) apart by at least `gap`, each as little as may be, within a range. */
export function spread(labels, gap, low, high) {
  const sorted = [...labels].sort((a, b) => a.y - b.y);
  sorted.forEach((label, i) => {
    label.y = Math.max(label.y, i ? sorted[i - 1].y + gap : low);
  });
  for (let i = sorted.length - 1; i >= 0; i--) {
    const most = i < sorted.length - 1 ? sorted[i + 1].y - gap : high;
    sorted[i].y = Math.min(sorted[i].y, most);
  }
}

const RINGS = [1, 2, 3];
const SIDES = [[1, 0], [-1, 0], [0, -1], [0, 1], [1, -1], [1, 1], [-1, -1], [-1, 1]];

/**
 * Places for labels beside their marks, in a box, such that none covers another where that can
 * be. Takes and returns `{x, y, width}`; a place is the middle of the label.
 */
export function placeBeside(labels, height, box) {
  const taken = [];
  return labels.map((label) => {
    const around = RINGS.flatMap((ring) => SIDES.map((side) => shifted(label, side, ring, height)));
    const inside = around.filter((place) => inBox(place, box));
    const free = inside.find((place) => !taken.some((other) => overlap(place, other)));
    const best = free ?? inside[0] ?? around[0];
    taken.push(best);
    return best;
  });
}

function shifted({ x, y, width }, [right, down], ring, height) {
  const away = 0.5 * width + 0.7 * height;
  return { x: x + right * away, y: y + down * ring * height, width, height };
}

function inBox({ x, y, width, height }, box) {
  return (
    x - width / 2 >= box.left && x + width / 2 <= box.left + box.width &&
    y - height / 2 >= box.top && y + height / 2 <= box.top + box.height
  );
}

function overlap(a, b) {
  return (
    Math.abs(a.x - b.x) < (a.width + b.width) / 2 && Math.abs(a.y - b.y) < (a.height + b.height) / 2
  );
}
