/** How a photo becomes a model's input. Written into the model file, so that serving does what training did. */
import { z } from "zod";

export const preprocessing = z.object({
  /** Name of the model input that takes the result, uint8 [N, size, size, 3], RGB. */
  input: z.string(),
  /** Side of the square input, pixels. */
  size: z.int(),
  /** stretch: the whole photo to size x size. crop: short side to `shortSide`, then the centre. */
  resize: z.enum(["stretch", "crop"]),
  /** Short side before cropping, pixels; equals size for stretch. */
  shortSide: z.int(),
  /**
   * A JPEG photo may be decoded at a half, a quarter or an eighth of its size as long as its short side keeps this many
   * times `shortSide`; without it photos are always decoded in full.
   */
  shrinkMargin: z.number().min(1).optional(),
  /** Pillow's antialiased bicubic (a = -0.5). */
  interpolation: z.literal("bicubic"),
  /** Pixel scale inside the graph: (value - mean) / std on 0..255; for the record, the graph applies it itself. */
  mean: z.number(),
  std: z.number(),
});

export type Preprocessing = z.output<typeof preprocessing>;
