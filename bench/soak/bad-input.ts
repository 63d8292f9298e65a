/** Requests that must be refused, each with the statuses that are right for it. */
import { connect } from "node:net";
import { crc32, deflateSync } from "node:zlib";
import type { Dispatcher } from "undici";

export interface BadInput {
  readonly name: string;
  readonly statuses: readonly number[];
  /** Returns the status that came. */
  send(client: Dispatcher, photo: Uint8Array): Promise<number>;
}

const raw = (name: string, statuses: readonly number[], make: (photo: Uint8Array) => Uint8Array): BadInput => ({
  name,
  statuses,
  async send(client, photo) {
    const headers = { "content-type": "image/jpeg" };
    const { statusCode, body } = await client.request({ path: "/predict", method: "POST", headers, body: make(photo) });
    await body.dump();
    return statusCode;
  },
});

const longPng = pngOf(8, 8, Buffer.alloc(64e6));

/** Under load any of these may meet a full queue first. */
const busy = 503;

export const badInputs: readonly BadInput[] = [
  raw("text", [415, busy], () => Buffer.from("this is no photo")),
  raw("SVG", [415, busy], () =>
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
  ),
  raw("a photo cut in half", [400, busy], (photo) => photo.subarray(0, photo.length >> 1)),
  raw("a PNG of 60000 x 60000 pixels", [413, busy], () => pngOf(60_000, 60_000, Buffer.alloc(100))),
  raw("a PNG whose data ends early", [400, busy], () => pngOf(2000, 2000, Buffer.alloc(5000))),
  raw("a PNG with 64 MB behind its 8 x 8 pixels", [200, 400, busy], () => longPng),
  raw("25 MB of zeros", [413, busy], () => Buffer.alloc(25e6)),
  raw("nothing", [400, busy], () => new Uint8Array()),
  {
    name: "a form that is cut off",
    statuses: [400, busy],
    async send(client) {
      const headers = { "content-type": "multipart/form-data; boundary=x" };
      const body = '--x\r\ncontent-disposition: form-data; name="file"; filename="../../a"\r\n\r\nabc';
      const response = await client.request({ path: "/predict", method: "POST", headers, body });
      await response.body.dump();
      return response.statusCode;
    },
  },
  {
    name: "a tensor of the wrong shape",
    statuses: [400, 404, busy],
    async send(client) {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ inputs: [{ name: "image", datatype: "FP32", shape: [1, 2, 2, 3], data: [1] }] });
      const response = await client.request({ path: "/v2/models/live/infer", method: "POST", headers, body });
      await response.body.dump();
      return response.statusCode;
    },
  },
];

/** An 8-bit RGB PNG that declares a size and holds whatever it holds. */
export function pngOf(width: number, height: number, inflated: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const parts = [chunk("IHDR", header), chunk("IDAT", deflateSync(inflated)), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...parts]);
}

export function chunk(type: string, data: Uint8Array): Buffer {
  const whole = Buffer.alloc(data.length + 12);
  whole.writeUInt32BE(data.length, 0);
  whole.write(type, 4, "latin1");
  whole.set(data, 8);
  whole.writeUInt32BE(crc32(whole.subarray(4, data.length + 8)), data.length + 8);
  return whole;
}

/** An upload that stops in the middle; the client leaves after `ms`. */
export async function leaveInTheMiddle(port: number, ms: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write("POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: image/jpeg\r\ncontent-length: 1000000\r\n\r\n");
  socket.write(Buffer.alloc(10_000));
  await new Promise((resolve) => setTimeout(resolve, ms));
  socket.destroy();
}
