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
  const across = rng.uniform(1.6, 4);
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

/** Where the eye is and how the picture's axes lie in the world. */
interface Eye {
  readonly y: number;
  readonly z: number;
  readonly sin: number;
  readonly cos: number;
}

function eyeOf({ targetY, distance, tilt }: Camera): Eye {
  const sin = Math.sin(tilt);
  const cos = Math.cos(tilt);
  return { y: targetY + distance * sin, z: distance * cos, sin, cos };
}

/** The grid that covers what the camera sees of the table, with a texel a pixel. */
export function coveringGrid(camera: Camera): Pick<Relief, "columns" | "rows" | "texel" | "left" | "top"> {
  const eye = eyeOf(camera);
  const corners = [-camera.width / 2, camera.width / 2].flatMap((right) =>
    [-camera.height / 2, camera.height / 2].map((below) => {
      const down = below * camera.pixel;
      const time = Math.min(3 * camera.distance, eye.z / (eye.cos + down * eye.sin));
      return { x: camera.targetX + right * camera.pixel * time, y: eye.y + (down * eye.cos - eye.sin) * time };
    }),
  );
  const margin = 0.06;
  const left = Math.min(...corners.map(({ x }) => x)) - margin;
  const right = Math.max(...corners.map(({ x }) => x)) + margin;
  const top = Math.min(...corners.map(({ y }) => y)) - margin;
  const bottom = Math.max(...corners.map(({ y }) => y)) + margin;
  const texels = camera.width * camera.height;
  const texel = Math.sqrt(((right - left) * (bottom - top)) / texels);
  return { columns: Math.ceil((right - left) / texel), rows: Math.ceil((bottom - top) / texel), texel, left, top };
}

/** Side of the squares over which the greatest height is kept, to pass over empty space; a power of two. */
const blockShift = 3;

interface Blocks {
  readonly columns: number;
  /** Greatest height in a block and the eight around it: what a ray can meet within a block's side. */
  readonly around: Float32Array;
  readonly ceiling: number;
}

function greatestHeights({ columns, rows, height }: Relief): Blocks {
  const blockColumns = (columns >> blockShift) + 1;
  const blockRows = (rows >> blockShift) + 1;
  const own = new Float32Array(blockColumns * blockRows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const block = (row >> blockShift) * blockColumns + (column >> blockShift);
      const value = height[row * columns + column]!;
      if (value > own[block]!) own[block] = value;
    }
  }
  const across = own.map((value, i) => Math.max(value, own[i - 1] ?? 0, own[i + 1] ?? 0));
  const around = across.map((value, i) =>
    Math.max(value, across[i - blockColumns] ?? 0, across[i + blockColumns] ?? 0),
  );
  return { columns: blockColumns, around, ceiling: around.reduce((a, b) => Math.max(a, b), 0) + 1e-4 };
}

/** A ray in grid steps; moved along and read by reference, for there is one a pixel. */
interface Ray {
  x: number;
  y: number;
  z: number;
  /** Change a texel of ground covered. */
  stepX: number;
  stepY: number;
  stepZ: number;
}

/** Looks at the relief: every pixel's ray is followed down to where it meets the surface. */
export function photograph(relief: Relief, camera: Camera): Exposure {
  const { width, height, pixel } = camera;
  const { columns, rows, texel, left, top } = relief;
  const plane = () => new Float32Array(width * height);
  const exposure = { width, height, red: plane(), green: plane(), blue: plane() };
  const blocks = greatestHeights(relief);
  const eye = eyeOf(camera);
  const ray: Ray = { x: 0, y: 0, z: 0, stepX: 0, stepY: 0, stepZ: 0 };
  for (let row = 0; row < height; row++) {
    const down = (row + 0.5 - height / 2) * pixel;
    const forward = down * eye.cos - eye.sin;
    const falling = eye.cos + down * eye.sin;
    const time = (eye.z - blocks.ceiling) / falling;
    for (let column = 0; column < width; column++) {
      const right = (column + 0.5 - width / 2) * pixel;
      ray.x = (camera.targetX + right * time - left) / texel;
      ray.y = (eye.y + forward * time - top) / texel;
      ray.z = blocks.ceiling;
      const ground = Math.sqrt(right * right + forward * forward);
      ray.stepX = right / ground;
      ray.stepY = forward / ground;
      ray.stepZ = (-texel * falling) / ground;
      if (ground > 0.02) followRay(relief, blocks, ray);
      const u = Math.min(columns - 1.001, Math.max(0, ray.x));
      const v = Math.min(rows - 1.001, Math.max(0, ray.y));
      const index = (v | 0) * columns + (u | 0);
      const fx = u - (u | 0);
      const fy = v - (v | 0);
      const at = row * width + column;
      exposure.red[at] = bilinear(relief.red, index, columns, fx, fy);
      exposure.green[at] = bilinear(relief.green, index, columns, fx, fy);
      exposure.blue[at] = bilinear(relief.blue, index, columns, fx, fy);
    }
  }
  return exposure;
}

/** Texels along the ground that a step near a surface goes. */
const stride = 2;
/** And one through free space. */
const leap = 1 << blockShift;

/** Moves the ray to where it meets the surface or the table's plane. */
function followRay(relief: Relief, blocks: Blocks, ray: Ray): void {
  const { columns, rows, height } = relief;
  const { stepX, stepY, stepZ } = ray;
  let { x, y, z } = ray;
  let last = 0;
  while (z > 0) {
    const column = x < 0 ? 0 : x > columns - 1 ? columns - 1 : x | 0;
    const row = y < 0 ? 0 : y > rows - 1 ? rows - 1 : y | 0;
    if (z <= height[row * columns + column]!) break;
    const highest = blocks.around[(row >> blockShift) * blocks.columns + (column >> blockShift)]!;
    last = z + stepZ * leap > highest ? leap : stride;
    x += stepX * last;
    y += stepY * last;
    z += stepZ * last;
  }
  if (z < 0 && last === leap) {
    ray.x = x - (stepX * z) / stepZ;
    ray.y = y - (stepY * z) / stepZ;
    return;
  }
  for (let step = last / 2; step > 0.2; step /= 2) {
    const isBelow = z <= surfaceAt(relief, x, y);
    const sign = isBelow ? -step : step;
    x += stepX * sign;
    y += stepY * sign;
    z += stepZ * sign;
  }
  ray.x = x;
  ray.y = y;
}

/** Height between texels. */
function surfaceAt({ columns, rows, height }: Relief, x: number, y: number): number {
  const u = Math.min(columns - 1.001, Math.max(0, x));
  const v = Math.min(rows - 1.001, Math.max(0, y));
  return bilinear(height, (v | 0) * columns + (u | 0), columns, u - (u | 0), v - (v | 0));
}

function bilinear(plane: Float32Array, index: number, columns: number, fx: number, fy: number): number {
  const top = plane[index]! + (plane[index + 1]! - plane[index]!) * fx;
  const below = index + columns;
  const bottom = plane[below]! + (plane[below + 1]! - plane[below]!) * fx;
  return top + (bottom - top) * fy;
}
