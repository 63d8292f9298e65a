/** The door to a registry: blobs and manifests of one repository. Source: OCI distribution specification 1.1. */
import { setTimeout as sleep } from "node:timers/promises";
import { problemOf } from "../../../base/files.ts";
import { FulcrumError } from "../../../errors/index.ts";
import { type Descriptor, type Document, digestOf, manifestTypes } from "../oci.ts";
import { type Authorizer, createAuthorizer } from "./authorizer.ts";
import { type Credentials, readCredentials } from "./credentials.ts";
import { type ImageReference, originOf } from "./reference.ts";

export interface RegistryOptions {
  readonly reference: ImageReference;
  /** Speak HTTP also to registries that are not on this machine. */
  readonly plainHttp?: boolean;
  /** By default what `docker login` keeps. */
  readonly credentials?: () => Promise<Credentials | undefined>;
  /** Between tries, doubled each time; 500 where not given. */
  readonly retryMs?: number;
  readonly signal?: AbortSignal | undefined;
}

interface Request {
  readonly method: "GET" | "HEAD" | "POST" | "PUT";
  /** Path below the repository, or the whole address that the registry named. */
  readonly to: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Blob | Uint8Array<ArrayBuffer>;
}

/** Faults of the network and of the server's side are tried again. */
const tries = 4;

export class RegistryClient {
  readonly #options: RegistryOptions;
  readonly #authorizer: Authorizer;
  readonly #base: string;

  constructor(options: RegistryOptions) {
    const { reference, plainHttp = false, credentials, signal } = options;
    this.#options = options;
    const origin = originOf(reference.host, plainHttp);
    this.#base = `${origin}/v2/${reference.repository}/`;
    this.#authorizer = createAuthorizer(
      { name: reference.host, isSecure: origin.startsWith("https:") },
      credentials ?? (() => readCredentials(reference.host)),
      signal,
    );
  }

  async hasBlob(digest: string): Promise<boolean> {
    const response = await this.#send({ method: "HEAD", to: `blobs/${digest}` });
    if (response.ok) return true;
    if (response.status === 404) return false;
    throw await this.#refusal(response, `whether it has ${digest}`);
  }

  /** In one piece: the way that every registry supports. */
  async uploadBlob(digest: string, body: Blob): Promise<void> {
    const begun = await this.#send({ method: "POST", to: "blobs/uploads/", headers: { "content-length": "0" } });
    const location = begun.headers.get("location");
    if (begun.status !== 202 || location === null) throw await this.#refusal(begun, "to begin an upload");
    const url = new URL(location, this.#base);
    url.searchParams.set("digest", digest);
    const headers = { "content-type": "application/octet-stream" };
    const done = await this.#send({ method: "PUT", to: url.href, headers, body });
    if (done.status !== 201) throw await this.#refusal(done, `to take ${digest}`);
  }

  /** @param name tag or digest */
  async putManifest(name: string, { mediaType, bytes }: Document): Promise<void> {
    const headers = { "content-type": mediaType };
    const response = await this.#send({ method: "PUT", to: `manifests/${name}`, headers, body: new Uint8Array(bytes) });
    if (response.status !== 201) throw await this.#refusal(response, `to take the manifest ${name}`);
  }

  /** @throws IMAGE_REGISTRY_REFUSED, IMAGE_DIGEST_WRONG */
  async getManifest(digest: string): Promise<Document> {
    const headers = { accept: manifestTypes.join(", ") };
    const response = await this.#send({ method: "GET", to: `manifests/${digest}`, headers });
    if (!response.ok) throw await this.#refusal(response, `for the manifest ${digest}`);
    const mediaType = response.headers.get("content-type") ?? "";
    const bytes = await this.#checked(response, digest);
    return { mediaType, digest, size: bytes.length, bytes };
  }

  /** @throws IMAGE_REGISTRY_REFUSED, IMAGE_DIGEST_WRONG */
  async getBlob({ digest }: Pick<Descriptor, "digest">): Promise<Uint8Array> {
    const response = await this.#send({ method: "GET", to: `blobs/${digest}` });
    if (!response.ok) throw await this.#refusal(response, `for ${digest}`);
    return this.#checked(response, digest);
  }

  async #checked(response: Response, digest: string): Promise<Uint8Array> {
    const bytes = new Uint8Array(await response.arrayBuffer());
    const found = digestOf(bytes);
    if (found === digest) return bytes;
    throw new FulcrumError("IMAGE_DIGEST_WRONG", { registry: this.#options.reference.host, digest, found });
  }

  /**
   * Answers the registry's own challenge once or twice (a token may have ended), tries again what may pass. A host that
   * the registry sends us to gets no answer: its challenge could name any address for the password.
   */
  async #send(request: Request): Promise<Response> {
    let challenges = 0;
    for (let attempt = 1; ; attempt++) {
      const response = await this.#try(request, attempt === tries);
      if (response?.status === 401 && !this.#isHere(response.url)) return response;
      if (response?.status === 401 && challenges++ < 2) {
        const challenge = response.headers.get("www-authenticate") ?? "";
        await response.body?.cancel();
        if (await this.#authorizer.answer(challenge)) continue;
        throw this.#unauthorized();
      }
      if (response?.status === 401) throw this.#unauthorized();
      if (response && (response.status < 500 || attempt === tries)) return response;
      await response?.body?.cancel();
      await sleep((this.#options.retryMs ?? 500) * 2 ** (attempt - 1), undefined, {
        signal: this.#options.signal ?? undefined,
      });
    }
  }

  /** Undefined where the network failed and another try is left. */
  async #try({ method, to, headers, body }: Request, isLast: boolean): Promise<Response | undefined> {
    const { header } = this.#authorizer;
    const { signal, reference } = this.#options;
    const url = new URL(to, this.#base);
    // An upload may be sent to another host; it is not told who we are.
    try {
      return await fetch(url, {
        method,
        headers: { ...headers, ...(header && this.#isHere(url) ? { authorization: header } : {}) },
        ...(body === undefined ? {} : { body }),
        signal: signal ?? null,
      });
    } catch (cause) {
      signal?.throwIfAborted();
      if (!isLast) return undefined;
      const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
      throw new FulcrumError(
        "IMAGE_REGISTRY_UNREACHABLE",
        { registry: reference.host, problem: problemOf(reason) },
        { cause },
      );
    }
  }

  #isHere(url: string | URL): boolean {
    return new URL(url).origin === new URL(this.#base).origin;
  }

  async #refusal(response: Response, request: string): Promise<FulcrumError> {
    const text = (await response.text()).slice(0, 500).trim();
    const { host } = this.#options.reference;
    return new FulcrumError("IMAGE_REGISTRY_REFUSED", {
      registry: host,
      request,
      status: response.status,
      problem: text === "" ? "no reason given" : text,
    });
  }

  #unauthorized(): FulcrumError {
    return new FulcrumError("IMAGE_REGISTRY_UNAUTHORIZED", { registry: this.#options.reference.host });
  }
}
