/** Convolutions of pictures with channels last, as matrix products. */
import { noGradient } from "../autodiff/rule.ts";
import { elementCount, type GraphBuilder, type Node, type OperationNode, type TensorData } from "../graph/index.ts";

export interface Convolution {
  /** The convolution that this was, for messages. */
  readonly node: OperationNode;
  /** [N,H,W,C] */
  readonly x: Node;
  /** [M,C/groups,kH,kW] */
  readonly weight: Node;
  /** [M] or null. */
  readonly bias: Node | null;
  /** Top, left, bottom, right. */
  readonly pads: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly groups: number;
}

/** A depthwise convolution is written as a matrix a channel up to so many values, which is fastest for small pictures. */
const largestMatrices = 16_000_000;

/** The convolution's result [N,H',W',M]. @throws ENGINE_NO_GRADIENT */
export function lowerConvolution(b: GraphBuilder, convolution: Convolution): Node {
  const { node, x, weight, groups } = convolution;
  if (groups === 1) return lowerDense(b, convolution);
  const channels = x.shape[3] as number;
  if (groups !== channels || weight.shape[0] !== channels) noGradient(node, "only depthwise groups have one");
  const { rows, columns } = outputSize(convolution);
  const values = channels * rows * columns * elementCount([x.shape[1] as number, x.shape[2] as number]);
  return values <= largestMatrices ? lowerByMatrices(b, convolution) : lowerByShifts(b, convolution);
}

/** Every window as a row; the kernel is then one matrix. */
function lowerDense(b: GraphBuilder, convolution: Convolution): Node {
  const { weight, bias } = convolution;
  const [filters, channels, kernelRows, kernelColumns] = weight.shape as number[];
  const windows = positionsOf(convolution).map(({ pick }) => pick(b, padded(b, convolution)));
  const patches = windows.length === 1 ? windows[0]! : b.concat(windows, 3);
  const size = kernelRows! * kernelColumns! * channels!;
  const rows = b.reshape(patches, [-1, size]);
  const ordered = windows.length === 1 ? weight : b.transpose(weight, [0, 2, 3, 1]);
  const product = b.gemm(rows, b.reshape(ordered, [filters!, size]), bias, { transB: true });
  const output = outputSize(convolution);
  return b.reshape(product, [-1, output.rows, output.columns, filters!]);
}

/** A sum over the kernel's positions of shifted pictures times a weight a channel. */
function lowerByShifts(b: GraphBuilder, convolution: Convolution): Node {
  const { weight, bias } = convolution;
  const [channels, , kernelRows, kernelColumns] = weight.shape as number[];
  const vectors = b.transpose(b.reshape(weight, [channels!, kernelRows! * kernelColumns!]), [1, 0]);
  const whole = padded(b, convolution);
  const terms = positionsOf(convolution).map(({ pick }, i) => {
    const vector = b.slice(vectors, { axes: [0], starts: [i], ends: [i + 1] });
    return b.mul(pick(b, whole), b.reshape(vector, [channels!]));
  });
  const sum = terms.reduce((left, right) => b.add(left, right));
  return bias ? b.add(sum, bias) : sum;
}

/**
 * For each channel the matrix [HW, H'W'] that does to a picture what the kernel does: the kernel times a constant 0/1
 * matrix that says which weight each pair of positions has. Batched products over channels do the rest; rows of pixels
 * become rows of channels by a plain transposition, the only one that ONNX Runtime does fast.
 */
function lowerByMatrices(b: GraphBuilder, convolution: Convolution): Node {
  const { x, weight, bias, node } = convolution;
  const [height, width, channels] = x.shape.slice(1) as [number, number, number];
  const { rows, columns } = outputSize(convolution);
  const kernelSize = (weight.shape[2] as number) * (weight.shape[3] as number);
  const [outputs, inputs] = [rows * columns, height * width];
  const selection = b.constant(
    `${node.name}/selection`,
    x.dtype,
    [kernelSize, inputs * outputs],
    selectionOf(convolution),
  );
  const flat = b.gemm(b.reshape(weight, [channels, kernelSize]), selection);
  const matrices = b.reshape(flat, [channels, inputs, outputs]);
  const byChannel = b.reshape(b.transpose(b.reshape(x, [-1, channels]), [1, 0]), [channels, -1, inputs]);
  const moved = b.reshape(b.matMul(byChannel, matrices), [channels, -1]);
  const picture = b.reshape(b.transpose(moved, [1, 0]), [-1, rows, columns, channels]);
  return bias ? b.add(picture, bias) : picture;
}

/** [kernel position, input position * output position]: 1 where that weight joins the two. */
function selectionOf(convolution: Convolution): TensorData {
  const { x, weight, pads, strides, dilations } = convolution;
  const [height, width] = x.shape.slice(1, 3) as [number, number];
  const [kernelRows, kernelColumns] = weight.shape.slice(2) as [number, number];
  const { rows, columns } = outputSize(convolution);
  const positions = rows * columns * height * width;
  const selection = new (x.dtype === "float64" ? Float64Array : Float32Array)(kernelRows * kernelColumns * positions);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let i = 0; i < kernelRows; i++) {
        for (let j = 0; j < kernelColumns; j++) {
          const v = row * strides[0]! + i * dilations[0]! - pads[0]!;
          const u = column * strides[1]! + j * dilations[1]! - pads[1]!;
          if (v < 0 || v >= height || u < 0 || u >= width) continue;
          const at = (v * width + u) * rows * columns + row * columns + column;
          selection[(i * kernelColumns + j) * positions + at] = 1;
        }
      }
    }
  }
  return selection;
}

function padded(b: GraphBuilder, { x, pads }: Convolution): Node {
  const [top, left, bottom, right] = pads as [number, number, number, number];
  return pads.every((pad) => pad === 0) ? x : b.pad(x, [0, top, left, 0, 0, bottom, right, 0]);
}

/** For each position of the kernel, row by row: takes what lies under it from a padded picture. */
function positionsOf(convolution: Convolution): { pick: (b: GraphBuilder, whole: Node) => Node }[] {
  const { weight, strides, dilations } = convolution;
  const [kernelRows, kernelColumns] = weight.shape.slice(2) as [number, number];
  const { rows, columns } = outputSize(convolution);
  const steps = [strides[0]!, strides[1]!];
  return Array.from({ length: kernelRows * kernelColumns }, (_, index) => {
    const starts = [Math.floor(index / kernelColumns) * dilations[0]!, (index % kernelColumns) * dilations[1]!];
    const ends = [starts[0]! + (rows - 1) * steps[0]! + 1, starts[1]! + (columns - 1) * steps[1]! + 1];
    const pick = (b: GraphBuilder, whole: Node): Node => {
      const isWhole = ends[0]! - starts[0]! === whole.shape[1] && ends[1]! - starts[1]! === whole.shape[2];
      if (isWhole && steps.every((step) => step === 1)) return whole;
      return b.slice(whole, { axes: [1, 2], starts, ends, steps });
    };
    return { pick };
  });
}

function outputSize({ x, weight, pads, strides, dilations }: Convolution): { rows: number; columns: number } {
  const count = (axis: 0 | 1): number => {
    const extent = dilations[axis]! * ((weight.shape[axis + 2] as number) - 1) + 1;
    return Math.floor(((x.shape[axis + 1] as number) + pads[axis]! + pads[axis + 2]! - extent) / strides[axis]!) + 1;
  };
  return { rows: count(0), columns: count(1) };
}
