/** Outlines of bitmaps, and lines with fewer points. */

/** Right, down, left, up: the next is a turn to the right. */
const STEP = [[1, 0], [0, 1], [-1, 0], [0, -1]];
const VISITED = 2;

/**
 * The outlines of a bitmap's pixels, in pixels of the image: rings of [x, y] through the middles of the pixels' edges, so that a ring
 * encloses the centres of just those pixels. Outer rings run clockwise, those around holes the other way. Pixels that only touch at a
 * corner are apart. The bitmap is as it was once all is done.
 */
export function rings(bitmap) {
  const {data, width, height, left, top} = bitmap;
  const at = (x, y) => x >= 0 && y >= 0 && x < width && y < height && (data[y * width + x] & 1);
  const found = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0, i = y * width; x < width; x++, i++) {
      // A left edge, which an outline goes up by.
      if (data[i] === 1 && (x === 0 || !(data[i - 1] & 1))) {
        found.push(follow(x, y + 1));
      }
    }
  }
  for (let i = 0; i < data.length; i++) {
    data[i] &= 1;
  }
  return found;

  /** The ring that goes up from a corner, with its pixels on the right. */
  function follow(startX, startY) {
    const ring = [];
    let [x, y, way] = [startX, startY, 3];
    do {
      const [dx, dy] = STEP[way];
      ring.push([left + x + dx / 2, top + y + dy / 2]);
      if (way === 3) {
        data[(y - 1) * width + x] |= VISITED;
      }
      x += dx;
      y += dy;
      // The two pixels ahead: to the right and to the left of the way on.
      const right = way === 0 ? at(x, y) : way === 1 ? at(x - 1, y) : way === 2 ? at(x - 1, y - 1) : at(x, y - 1);
      const ahead = way === 0 ? at(x, y - 1) : way === 1 ? at(x, y) : way === 2 ? at(x - 1, y) : at(x - 1, y - 1);
      way = !right ? (way + 1) % 4 : ahead ? (way + 3) % 4 : way;
    } while (x !== startX || y !== startY || way !== 3);
    return straight(ring);
  }
}

/** Without the points in the middle of a straight line. */
function straight(ring) {
  const n = ring.length;
  return ring.filter(([x, y], i) => {
    const [ax, ay] = ring[(i + n - 1) % n];
    const [bx, by] = ring[(i + 1) % n];
    return (x - ax) * (by - y) !== (y - ay) * (bx - x);
  });
}

/** Twice the area that a ring encloses; above 0 for one that runs clockwise. */
function area(ring) {
  let sum = 0;
  for (let i = 0; i < ring.length; i++) {
    const [ax, ay] = ring[i];
    const [bx, by] = ring[(i + 1) % ring.length];
    sum += ax * by - bx * ay;
  }
  return sum;
}

function encloses(ring, [x, y]) {
  let inside = false;
  for (let i = 0; i < ring.length; i++) {
    const [ax, ay] = ring[i];
    const [bx, by] = ring[(i + 1) % ring.length];
    if ((ay <= y) !== (by <= y) && x < ax + (y - ay) / (by - ay) * (bx - ax)) {
      inside = !inside;
    }
  }
  return inside;
}

/**
 * Rings as polygons for the even-odd rule: each outer ring with its holes, which are joined to it by bridges without width.
 *
 * @param tolerance how far a line may lie off its points, in pixels
 */
export function polygons(all, tolerance) {
  const outer = [];
  const holes = [];
  for (const ring of all) {
    const size = area(ring);
    (size > 0 ? outer : holes).push({ring, size, holes: []});
  }
  outer.sort((a, b) => a.size - b.size);
  for (const hole of holes) {
    // The smallest around it: an island in a hole has holes of its own.
    outer.find(one => encloses(one.ring, hole.ring[0])).holes.push(simplify(hole.ring, tolerance, true));
  }
  return outer.map(one => one.holes.reduce(bridge, simplify(one.ring, tolerance, true)));
}

/** A ring with another one put in, there and back from its point that is nearest to the other's first. */
function bridge(ring, hole) {
  const [x, y] = hole[0];
  let [least, at] = [Infinity, 0];
  ring.forEach(([px, py], i) => {
    const square = (px - x) ** 2 + (py - y) ** 2;
    if (square < least) {
      [least, at] = [square, i];
    }
  });
  return [...ring.slice(0, at + 1), ...hole, hole[0], ...ring.slice(at)];
}

/** Fewer points whose line lies no further than the tolerance from those that are left out. */
export function simplify(points, tolerance, closed) {
  if (points.length < 4) {
    return points;
  }
  if (!closed) {
    return thin(points, tolerance);
  }
  const far = farthest(points, 0);
  const [one, other] = [points.slice(0, far + 1), [...points.slice(far), points[0]]];
  const ring = [...thin(one, tolerance).slice(0, -1), ...thin(other, tolerance).slice(0, -1)];
  return ring.length < 3 ? points : ring;
}

function farthest(points, from) {
  const [x, y] = points[from];
  let [most, at] = [-1, from];
  points.forEach(([px, py], i) => {
    const square = (px - x) ** 2 + (py - y) ** 2;
    if (square > most) {
      [most, at] = [square, i];
    }
  });
  return at;
}

/** Keeps the ends, and of what is between them the point that is farthest from their line, as long as it is too far. */
function thin(points, tolerance) {
  const keep = new Uint8Array(points.length);
  keep[0] = keep[points.length - 1] = 1;
  const open = [[0, points.length - 1]];
  while (open.length > 0) {
    const [from, to] = open.pop();
    const [ax, ay] = points[from];
    const [dx, dy] = [points[to][0] - ax, points[to][1] - ay];
    const square = dx * dx + dy * dy;
    let [most, at] = [tolerance * tolerance, 0];
    for (let i = from + 1; i < to; i++) {
      const [px, py] = [points[i][0] - ax, points[i][1] - ay];
      const along = square === 0 ? 0 : Math.max(0, Math.min(1, (px * dx + py * dy) / square));
      const off = (px - along * dx) ** 2 + (py - along * dy) ** 2;
      if (off > most) {
        [most, at] = [off, i];
      }
    }
    if (at > 0) {
      keep[at] = 1;
      open.push([from, at], [at, to]);
    }
  }
  return points.filter((point, i) => keep[i]);
}
