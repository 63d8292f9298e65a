/**
 * Reads the photos of an upload into memory, as a form or as raw bytes. Nothing is written to disk and no file's name
 * is used.
 */
import type { Readable } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { problemOf } from "../base/files.ts";
import { FulcrumError } from "../errors/index.ts";
import { GatheredBytes } from "./gathered-bytes.ts";
import type { UploadLease } from "./upload-memory.ts";

export interface UploadBounds {
  /** Of one photo. */
  readonly maxUploadBytes: number;
  /** In one request. */
  readonly maxPhotos: number;
  /** Of one request, all photos together. */
  readonly maxRequestBytes: number;
}

export interface Upload {
  /** Encoded, in the order sent; at least one. */
  readonly photos: readonly Uint8Array[];
  /** Text fields of the form, by name; the first of a name counts. */
  readonly fields: ReadonlyMap<string, string>;
}

const fileField = "file";
/** Beside the photos: what a form may carry, and never many parts. */
const fieldLimits = { fields: 10, fieldSize: 4096, fieldNameSize: 100 } as const;
/** Boundaries, headers and fields around photos of the largest size. */
const envelopeBytes = 64 * 1024;

/** Limits for the multipart parser. */
export function multipartLimits({ maxUploadBytes, maxPhotos }: UploadBounds) {
  return { ...fieldLimits, files: maxPhotos, parts: maxPhotos + fieldLimits.fields, fileSize: maxUploadBytes };
}

/** Content types whose body is the photo itself. It is not parsed: readUpload reads the stream. */
export function acceptRawPhotos(app: FastifyInstance): void {
  for (const type of [/^image\//, "application/octet-stream"])
    app.addContentTypeParser(type, (_request, _payload, done) => done(null));
}

/**
 * The photos of a request: files in the form's field "file", or the body itself where its type is image/... or
 * application/octet-stream.
 * @param lease counts what is held; the caller gives it back when the photos are answered
 * @throws SERVE_WRONG_TYPE, SERVE_TOO_LARGE, SERVE_FILE_MISSING, SERVE_MALFORMED, SERVE_UPLOADS_FULL
 */
export async function readUpload(request: FastifyRequest, bounds: UploadBounds, lease: UploadLease): Promise<Upload> {
  const { maxUploadBytes, maxRequestBytes } = bounds;
  const isForm = request.isMultipart();
  const type = request.headers["content-type"] ?? "";
  if (!isForm && !/^(image\/|application\/octet-stream)/i.test(type))
    throw new FulcrumError("SERVE_WRONG_TYPE", { type });
  const declared = Number(request.headers["content-length"] ?? 0);
  const limit = isForm ? maxRequestBytes : maxUploadBytes;
  if (declared > limit + (isForm ? envelopeBytes : 0)) throw new FulcrumError("SERVE_TOO_LARGE", { limit });
  if (isForm) return readForm(request, bounds, lease);
  const photo = await readBounded(request.raw, maxUploadBytes, lease);
  if (photo.byteLength === 0) throw new FulcrumError("SERVE_FILE_MISSING", { found: "an empty body" });
  return { photos: [photo], fields: new Map() };
}

async function readForm(request: FastifyRequest, bounds: UploadBounds, lease: UploadLease): Promise<Upload> {
  const photos: Uint8Array[] = [];
  const fields = new Map<string, string>();
  const others: string[] = [];
  try {
    for await (const part of request.parts()) {
      if (part.type === "file" && part.fieldname === fileField) {
        photos.push(await readBounded(part.file, bounds.maxUploadBytes, lease));
        if (part.file.truncated) throw new FulcrumError("SERVE_TOO_LARGE", { limit: bounds.maxUploadBytes });
      } else {
        others.push(`${part.type} "${part.fieldname.slice(0, fieldLimits.fieldNameSize)}"`);
        if (part.type === "file") part.file.resume();
        else if (!fields.has(part.fieldname)) fields.set(part.fieldname, String(part.value));
      }
    }
  } catch (error) {
    throw uploadError(error, bounds);
  }
  if (photos.length > 0 && photos.every(({ byteLength }) => byteLength > 0)) return { photos, fields };
  const found = photos.length > 0 ? "an empty file" : others.length > 0 ? others.join(", ") : "no parts";
  throw new FulcrumError("SERVE_FILE_MISSING", { found });
}

/**
 * A stream's bytes.
 * @throws SERVE_TOO_LARGE, SERVE_UPLOADS_FULL; SERVE_MALFORMED where the client leaves in the middle
 */
export async function readBounded(stream: Readable, limit: number, lease: UploadLease): Promise<Uint8Array> {
  const gathered = new GatheredBytes();
  let length = 0;
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      const bytes = chunk as Uint8Array;
      length += bytes.byteLength;
      if (length > limit) throw new FulcrumError("SERVE_TOO_LARGE", { limit });
      lease.take(bytes.byteLength);
      gathered.add(bytes);
    }
  } catch (error) {
    // The rest is let through unseen, so that the client gets to read the answer.
    stream.resume();
    if (error instanceof FulcrumError) throw error;
    throw new FulcrumError("SERVE_MALFORMED", { problem: problemOf(error) }, { cause: error });
  }
  return gathered.all();
}

const tooManyCodes = ["FST_FILES_LIMIT", "FST_FIELDS_LIMIT", "FST_PARTS_LIMIT"];

/** The multipart parser's errors; what it has no code for is a broken body. */
function uploadError(error: unknown, { maxUploadBytes, maxPhotos }: UploadBounds): FulcrumError {
  if (error instanceof FulcrumError) return error;
  const code = codeOf(error);
  const options = { cause: error };
  if (code === "FST_REQ_FILE_TOO_LARGE") return new FulcrumError("SERVE_TOO_LARGE", { limit: maxUploadBytes }, options);
  if (tooManyCodes.includes(code)) {
    const problem = `too many parts; allowed: ${maxPhotos} files and ${fieldLimits.fields} fields`;
    return new FulcrumError("SERVE_MALFORMED", { problem }, options);
  }
  return new FulcrumError("SERVE_MALFORMED", { problem: problemOf(error) }, options);
}

/** The `code` of a caught error, or "". */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
