/** Random changes of training photos: Keras' ImageDataGenerator, draw by draw and level by level, and more. Pure. */
export { applyTransform, type Picture } from "./apply.ts";
export { enhanceContrast, enhanceSaturation } from "./colour.ts";
export { contactSheet } from "./contact-sheet.ts";
export { type CropBox, drawCrop } from "./crop.ts";
export { type FlowItem, type FlowOptions, planEpoch } from "./flow.ts";
export { NumpyRandom } from "./numpy-random.ts";
export { type PhotoVersion, preparePhotoVersion } from "./photo.ts";
export { drawTransform, neutralTransform, type Transform } from "./transform.ts";
export type { FloatPicture, SplineOrder, WarpOptions } from "./warp.ts";
