/** One synthetic photo from a seed: camera, table, dish, things beside it, light, film. Pure and repeatable. */
import { Rng } from "../../base/rng.ts";
import type { Pixels } from "../../images/index.ts";
import { chooseCamera, coveringGrid, photograph } from "./camera.ts";
import { dishes } from "./dishes/index.ts";
import { layBeside } from "./garnish.ts";
import { chooseLight, shade } from "./light.ts";
import { createRelief } from "./relief.ts";
import { chooseDevelopment, develop } from "./sensor.ts";
import { layTable } from "./table.ts";

/**
 * Draws a photo of the named dish.
 * @param seed everything in the photo follows from it
 * @param longSide pixels of the longer side
 */
export function drawPhoto(className: string, seed: string, longSide: number): Pixels {
  const rng = new Rng(seed);
  const camera = chooseCamera(rng.fork("camera"), longSide);
  const relief = createRelief(coveringGrid(camera));
  layTable(relief, rng.fork("table"));
  const place = { x: 0, y: 0, size: rng.uniform(0.8, 1.1) };
  layBeside(relief, rng.fork("beside"), place, place.size);
  dishes[className]!(relief, rng.fork("dish"), place);
  shade(relief, chooseLight(rng.fork("light")), camera.tilt);
  const exposure = photograph(relief, camera);
  return develop(exposure, chooseDevelopment(rng.fork("development")), rng.fork("noise"));
}
