/** The request that a load repeats, and its bytes on the wire. Pure. */
import { FulcrumError } from "../errors/index.ts";

export interface LoadRequest {
  readonly url: URL;
  readonly method: "GET" | "POST";
  readonly body: { readonly bytes: Uint8Array; readonly contentType: string } | null;
}

/**
 * The address of a load test.
 * @throws LOAD_URL_INVALID for anything but an http or https address
 */
export function parseLoadUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol))
    throw new FulcrumError("LOAD_URL_INVALID", { url: text });
  return url;
}

/** GET of an address. */
export function getRequest(url: string): LoadRequest {
  return { url: parseLoadUrl(url), method: "GET", body: null };
}

const photoTypes: Readonly<Record<string, string>> = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
};

/** POST of a file as the upload page sends it: multipart/form-data with the one field `file`. */
export function uploadRequest(url: string, fileName: string, bytes: Uint8Array): LoadRequest {
  const boundary = "fulcrum-load-4b1d7e0c9a52";
  const type = photoTypes[fileName.split(".").at(-1)!.toLowerCase()] ?? "application/octet-stream";
  const name = fileName.replace(/["\r\n]/g, "_");
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return {
    url: parseLoadUrl(url),
    method: "POST",
    body: { bytes: body, contentType: `multipart/form-data; boundary=${boundary}` },
  };
}

/**
 * Bytes of the request. The headers are siege 4.0.7's, but for the name of the agent.
 * @param keepAlive ask the server to keep the connection; false (as siege) asks it to close
 */
export function renderRequest({ url, method, body }: LoadRequest, keepAlive: boolean, agent: string): Buffer {
  const headers = [
    `${method} ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    ...(url.username === "" ? [] : [`Authorization: Basic ${basicCredentials(url)}`]),
    "Accept: */*",
    "Accept-Encoding: gzip, deflate",
    `User-Agent: ${agent}`,
    ...(body === null ? [] : [`Content-Type: ${body.contentType}`, `Content-Length: ${body.bytes.length}`]),
    `Connection: ${keepAlive ? "keep-alive" : "close"}`,
  ];
  const head = Buffer.from(`${headers.join("\r\n")}\r\n\r\n`, "latin1");
  return body === null ? head : Buffer.concat([head, body.bytes]);
}

function basicCredentials(url: URL): string {
  return Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString("base64");
}
