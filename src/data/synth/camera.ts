/** The camera: which part of the table it sees, and the picture of a lit relief from its angle. Pure. */
import type { Rng } from "../../base/rng.ts";
import type { Relief } from "./relief.ts";

export interface Camera {
  readonly width: number;
  readonly height: number;
  /** Angle from straight down, radians. */
  readonly tilt: number;
  /** Distance from the table's point in the middle of the picture, world units. */
  readonly distance: number;
  /** World units across the picture's middle, at unit distance and pixel 1: size of a pixel on the image plane. */
  readonly pixel: number;
  /** World point in the middle of the picture. */
  readonly targetX: number;
  readonly targetY: number;
}

/** Linear light of the picture, row by row, three planes. */
export interface Exposure {
  readonly width: number;
  readonly height: number;
  readonly red: Float32Array;
  readonly green: Float32Array;
  readonly blue: Float32Array;
}

/** Aspect ratios of phones and cameras, and how often they occur. */
const aspects = [4 / 3, 4 / 3, 4 / 3, 1, 1, 3 / 4, 3 / 2, 16 / 9];

/** A camera for a scene; `longSide` in pixels. */
export function chooseCamera(rng: Rng, longSide: number): Camera {
  const aspect = rng.pick(aspects);
  const width = Math.round(aspect >= 1 ? longSide : longSide * aspect);
  const height = Math.round(aspect >= 1 ? longSide / aspect : longSide);
  const tilt = rng.float() < 0.3 ? rng.uniform(0, 0.12) : rng.uniform(0.2, 0.95);
  const fieldOfView = rng.uniform(0.35, 0.6);
  const across = rng.uniform(1.5, 3.4);
  const distance = across / (2 * Math.tan(fieldOfView / 2));
  return {
    width,
    height,
    tilt,
    distance,
    pixel: (2 * Math.tan(fieldOfView / 2)) / Math.min(width, height),
    targetX: 0.28 * rng.normal(),
    targetY: 0.28 * rng.normal(),
  };
}

interface Ray {
  /** Direction; z is negative: downwards. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

function rayThrough(camera: Camera, column: number, row: number): Ray {
  const right = (column + 0.5 - camera.width / 2) * camera.pixel;
  const down = (row + 0.5 - camera.height / 2) * camera.pixel;
  const sin = Math.sin(camera.tilt);
  const cos = Math.cos(camera.tilt);
  return { x: right, y: down * cos - sin, z: -cos - down * sin };
}

/** The grid that covers what the camera sees of the table, with about a texel a pixel. */
export function coveringGrid(camera: Camera): Pick<Relief, "columns" | "rows" | "texel" | "left" | "top"> {
  const eyeZ = camera.distance * Math.cos(camera.tilt);
  const eyeY = camera.targetY + camera.distance * Math.sin(camera.tilt);
  const corners = [0, camera.width].flatMap((column) =>
    [0, camera.height].map((row) => {
      const ray = rayThrough(camera, column, row);
      const time = Math.min(3 * camera.distance, eyeZ / -ray.z);
      return { x: camera.targetX + ray.x * time, y: eyeY + ray.y * time };
    }),
  );
  const margin = 0.06;
  const left = Math.min(...corners.map(({ x }) => x)) - margin;
  const right = Math.max(...corners.map(({ x }) => x)) + margin;
  const top = Math.min(...corners.map(({ y }) => y)) - margin;
  const bottom = Math.max(...corners.map(({ y }) => y)) + margin;
  const texels = 1.1 * camera.width * camera.height;
  const texel = Math.sqrt(((right - left) * (bottom - top)) / texels);
  return { columns: Math.ceil((right - left) / texel), rows: Math.ceil((bottom - top) / texel), texel, left, top };
}

/** Side of the squares over which the greatest height is kept, to pass over empty space; a power of two. */
const blockShift = 3;

interface Blocks {
  readonly columns: number;
  readonly greatest: Float32Array;
}

function greatestHeights({ columns, rows, height }: Relief): Blocks {
  const blockColumns = (columns >> blockShift) + 1;
  const greatest = new Float32Array(blockColumns * ((rows >> blockShift) + 1));
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const block = (row >> blockShift) * blockColumns + (column >> blockShift);
      const value = height[row * columns + column]!;
      if (value > greatest[block]!) greatest[block] = value;
    }
  }
  return { columns: blockColumns, greatest };
}

/** Looks at the relief: every pixel's ray is followed down to where it meets the surface. */
export function photograph(relief: Relief, camera: Camera): Exposure {
  const { width, height } = camera;
  const plane = () => new Float32Array(width * height);
  const exposure = { width, height, red: plane(), green: plane(), blue: plane() };
  const blocks = greatestHeights(relief);
  const ceiling = blocks.greatest.reduce((a, b) => Math.max(a, b), 0) + 1e-4;
  const eyeZ = camera.distance * Math.cos(camera.tilt);
  const eyeY = camera.targetY + camera.distance * Math.sin(camera.tilt);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const ray = rayThrough(camera, column, row);
      const time = (eyeZ - ceiling) / -ray.z;
      const x = (camera.targetX + ray.x * time - relief.left) / relief.texel;
      const y = (eyeY + ray.y * time - relief.top) / relief.texel;
      sampleHit(relief, blocks, exposure, row * width + column, x, y, ceiling, ray);
    }
  }
  return exposure;
}

/** Texels along the ground that a step goes. */
const stride = 2;

/** Follows a ray from (x, y) in grid steps at height z and writes the colour of its hit into pixel `at`. */
function sampleHit(
  relief: Relief,
  blocks: Blocks,
  exposure: Exposure,
  at: number,
  startX: number,
  startY: number,
  startZ: number,
  ray: Ray,
): void {
  const { columns, rows, height, texel } = relief;
  let x = startX;
  let y = startY;
  let z = startZ;
  const ground = Math.sqrt(ray.x * ray.x + ray.y * ray.y);
  if (ground > 0.02) {
    const stepX = (stride * ray.x) / ground;
    const stepY = (stride * ray.y) / ground;
    const stepZ = (stride * texel * ray.z) / ground;
    let above = z;
    while (z > 0) {
      const column = x < 0 ? 0 : x > columns - 1 ? columns - 1 : x | 0;
      const row = y < 0 ? 0 : y > rows - 1 ? rows - 1 : y | 0;
      if (z <= blocks.greatest[(row >> blockShift) * blocks.columns + (column >> blockShift)]!) {
        const gap = z - height[row * columns + column]!;
        if (gap <= 0) {
          const back = gap / (gap - above);
          x -= stepX * back;
          y -= stepY * back;
          break;
        }
        above = gap;
      } else above = z;
      x += stepX;
      y += stepY;
      z += stepZ;
    }
  }
  const u = Math.min(columns - 1.001, Math.max(0, x));
  const v = Math.min(rows - 1.001, Math.max(0, y));
  const index = (v | 0) * columns + (u | 0);
  const fx = u - (u | 0);
  const fy = v - (v | 0);
  exposure.red[at] = bilinear(relief.red, index, columns, fx, fy);
  exposure.green[at] = bilinear(relief.green, index, columns, fx, fy);
  exposure.blue[at] = bilinear(relief.blue, index, columns, fx, fy);
}

function bilinear(plane: Float32Array, index: number, columns: number, fx: number, fy: number): number {
  const top = plane[index]! + (plane[index + 1]! - plane[index]!) * fx;
  const below = index + columns;
  const bottom = plane[below]! + (plane[below + 1]! - plane[below]!) * fx;
  return top + (bottom - top) * fy;
}
