/**
 * Draws assets/test-photo.jpg, the photo that the service's GET /test classifies.
 * Run: node tools/draw-test-photo.ts
 */
import { join } from "node:path";
import { writeFileAtomic } from "../src/base/files.ts";
import { projectDir } from "../src/config/paths.ts";
import { markJpeg } from "../src/data/synth/marker.ts";
import { drawPhoto } from "../src/data/synth/scene.ts";
import { encodeJpeg } from "../src/images/index.ts";

const pixels = drawPhoto("pizza", "d/18", 340);
await writeFileAtomic(join(projectDir, "assets/test-photo.jpg"), markJpeg(await encodeJpeg(pixels, 90)));
