/** Reads the one photo of a multipart upload into memory; nothing is written to disk, the file's name is not used. */
import type { FastifyRequest } from "fastify";
import { problemOf } from "../base/files.ts";
import { FulcrumError } from "../errors/index.ts";

const fileField = "file";
/** Beside the photo: what a form may carry, and never many parts. */
export const uploadLimits = { files: 1, fields: 10, parts: 11, fieldSize: 4096, fieldNameSize: 100 } as const;
/** Boundaries, headers and fields around a photo of the largest size. */
const envelopeBytes = 64 * 1024;

/**
 * The bytes of the file in the field "file".
 * @throws SERVE_WRONG_TYPE, SERVE_TOO_LARGE, SERVE_FILE_MISSING, SERVE_MALFORMED
 */
export async function readUpload(request: FastifyRequest, maxUploadBytes: number): Promise<Uint8Array> {
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > maxUploadBytes + envelopeBytes) throw new FulcrumError("SERVE_TOO_LARGE", { limit: maxUploadBytes });
  let photo: Uint8Array | undefined;
  const others: string[] = [];
  try {
    for await (const part of request.parts()) {
      if (part.type === "file" && part.fieldname === fileField) photo = await part.toBuffer();
      else {
        others.push(`${part.type} "${part.fieldname}"`);
        if (part.type === "file") part.file.resume();
      }
    }
  } catch (error) {
    throw uploadError(error, maxUploadBytes);
  }
  if (photo && photo.byteLength > 0) return photo;
  const found = photo ? "an empty file" : others.length > 0 ? others.join(", ") : "no parts";
  throw new FulcrumError("SERVE_FILE_MISSING", { found });
}

const tooManyCodes = ["FST_FILES_LIMIT", "FST_FIELDS_LIMIT", "FST_PARTS_LIMIT"];

/** The multipart parser's errors; what it has no code for is a broken body. */
function uploadError(error: unknown, maxUploadBytes: number): FulcrumError {
  const code = codeOf(error);
  const options = { cause: error };
  if (code === "FST_REQ_FILE_TOO_LARGE") return new FulcrumError("SERVE_TOO_LARGE", { limit: maxUploadBytes }, options);
  if (tooManyCodes.includes(code)) {
    const problem = `too many parts; allowed: ${uploadLimits.files} file and ${uploadLimits.fields} fields`;
    return new FulcrumError("SERVE_MALFORMED", { problem }, options);
  }
  return new FulcrumError("SERVE_MALFORMED", { problem: problemOf(error) }, options);
}

/** The `code` of a caught error, or "". */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
