/**
 * The edge of the load generator: sends one request over a socket and tells what came of it. It never rejects: a
 * failure is an answer too. Sockets are used directly, for the reason given in response-reader.ts.
 */
import { lookup } from "node:dns/promises";
import { connect, isIP, type Socket, type TcpNetConnectOpts } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Clock } from "../base/clock.ts";
import { problemOf } from "../base/files.ts";
import { fulcrumVersion } from "../base/version.ts";
import { FulcrumError } from "../errors/index.ts";
import { hitErrors } from "./hit.ts";
import { type LoadRequest, renderRequest } from "./request.ts";
import { ResponseReader } from "./response-reader.ts";

/** What came of one request; times are the clock's monotonic milliseconds. */
export interface Answer {
  readonly sentMs: number;
  readonly firstByteMs: number | null;
  readonly finishedMs: number;
  readonly status: number | null;
  readonly bytes: number;
  readonly error: string | null;
}

export interface Attacker {
  /** Sends the request once. */
  send(): Promise<Answer>;
  /** Ends every request in flight now; each answers with this error. */
  cutOff(error: string): void;
  /** Closes connections that are kept for reuse. */
  close(): void;
}

export interface AttackerOptions {
  readonly clock: Clock;
  /** Reuse connections; false opens one for each request, as siege does. */
  readonly keepAlive: boolean;
  /** A request without a single byte for this long has failed. */
  readonly timeoutMs: number;
}

/**
 * Resolves the host once (siege does it for each request) and makes an attacker.
 * @throws LOAD_HOST_UNKNOWN
 */
export async function openAttacker(request: LoadRequest, options: AttackerOptions): Promise<Attacker> {
  const open = await connector(request.url);
  const bytes = renderRequest(request, options.keepAlive, `fulcrum/${fulcrumVersion}`);
  const idle: Socket[] = [];
  const inFlight = new Set<(error: string) => void>();
  return {
    send: () =>
      new Promise((resolve) => {
        const socket = takeUsable(idle) ?? prepare(open(), idle, options.timeoutMs);
        const finish = exchange(socket, bytes, options.clock, (answer, staysOpen) => {
          inFlight.delete(finish);
          if (options.keepAlive && staysOpen) idle.push(socket);
          else socket.destroy();
          resolve(answer);
        });
        inFlight.add(finish);
      }),
    cutOff(error) {
      for (const finish of inFlight) finish(error);
    },
    close() {
      for (const socket of idle.splice(0)) socket.destroy();
    },
  };
}

/** A kept connection that the server has not closed meanwhile. */
function takeUsable(idle: Socket[]): Socket | undefined {
  for (let socket = idle.pop(); socket !== undefined; socket = idle.pop()) {
    if (socket.readyState === "open") return socket;
  }
  return undefined;
}

/** Listeners that a socket needs for its whole life: those of a request come and go. */
function prepare(socket: Socket, idle: Socket[], timeoutMs: number): Socket {
  socket.setTimeout(timeoutMs);
  socket.on("error", () => {});
  socket.on("close", () => {
    const place = idle.indexOf(socket);
    if (place >= 0) idle.splice(place, 1);
  });
  return socket;
}

/**
 * One request and its answer on a socket.
 * @param done called once with the answer, and whether the server will take another request
 * @returns a function that ends the request now with an error
 */
function exchange(
  socket: Socket,
  request: Buffer,
  clock: Clock,
  done: (answer: Answer, staysOpen: boolean) => void,
): (error: string) => void {
  const reader = new ResponseReader();
  const sentMs = clock.nowMs();
  let firstByteMs: number | null = null;
  const finish = (error: string | null) => {
    socket.off("data", onData).off("end", onEnd).off("error", onError).off("timeout", onTimeout);
    const { status, bodyBytes: bytes, staysOpen } = reader;
    done({ sentMs, firstByteMs, finishedMs: clock.nowMs(), status, bytes, error }, error === null && staysOpen);
  };
  const onData = (chunk: Buffer) => {
    firstByteMs ??= clock.nowMs();
    reader.push(chunk);
    if (reader.problem !== null) finish(hitErrors.malformed);
    else if (reader.isComplete) finish(null);
  };
  const onEnd = () => {
    reader.end();
    finish(reader.isComplete ? null : hitErrors.truncated);
  };
  const onError = (error: NodeJS.ErrnoException) => finish(error.code ?? error.message);
  const onTimeout = () => finish(hitErrors.timeout);
  socket.on("data", onData).on("end", onEnd).on("error", onError).on("timeout", onTimeout);
  socket.write(request);
  return finish;
}

/** How to open a connection to the address; several addresses of a name are tried as RFC 8305 says. */
async function connector(url: URL): Promise<() => Socket> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isTls = url.protocol === "https:";
  const port = Number(url.port) || (isTls ? 443 : 80);
  const target = { port, ...(await resolveHost(host)) };
  if (!isTls) return () => connect(target);
  return () => connectTls({ ...target, ...(isIP(host) ? {} : { servername: host }) });
}

async function resolveHost(host: string): Promise<Pick<TcpNetConnectOpts, "host" | "lookup">> {
  if (isIP(host)) return { host };
  try {
    const addresses = await lookup(host, { all: true });
    if (addresses.length === 1) return { host: addresses[0]!.address };
    return { host, lookup: (_name, _options, callback) => callback(null, addresses) };
  } catch (cause) {
    throw new FulcrumError("LOAD_HOST_UNKNOWN", { host, problem: problemOf(cause) }, { cause });
  }
}
