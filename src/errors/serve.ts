/** Errors of the prediction service. */
import type { ErrorTable } from "./table.ts";

export const serveErrors = {
  SERVE_OVERLOADED: {
    message: "The service is busy ({waiting} requests wait). Next: try again in {seconds} s.",
    exit: "failure",
    http: 503,
  },
  SERVE_UPLOADS_FULL: {
    message: "Too many uploads are under way at once. Next: try again in {seconds} s.",
    exit: "failure",
    http: 503,
  },
  SERVE_NOT_READY: {
    message: "The service takes no work: {reason}. Next: try again in a moment.",
    exit: "failure",
    http: 503,
  },
  SERVE_RELOADING: {
    message: "Another reload of the model is under way. Next: try again when it is done.",
    exit: "failure",
    http: 409,
  },
  SERVE_WORKER_LOST: {
    message: "Inference of this photo was lost {attempts} times ({problem}). Next: try again, or another photo.",
    exit: "failure",
    http: 503,
  },
  SERVE_WORKER_HUNG: {
    message: "Inference of this photo took longer than {seconds} s and was stopped. Next: try again.",
    exit: "failure",
    http: 503,
  },
  SERVE_FILE_MISSING: {
    message:
      'The upload has no photo in the field "file" ({found}). Next: send multipart/form-data with a photo in it, or its bytes as image/jpeg.',
    exit: "input",
    http: 400,
  },
  SERVE_TOO_LARGE: {
    message: "The upload is larger than the {limit} bytes allowed. Next: send a smaller photo.",
    exit: "input",
    http: 413,
  },
  SERVE_WRONG_TYPE: {
    message:
      'Content type "{type}" is not accepted; allowed: multipart/form-data with photos in the field "file", image/... or application/octet-stream with the bytes of one.',
    exit: "input",
    http: 415,
  },
  SERVE_MALFORMED: { message: "The request cannot be understood: {problem}.", exit: "input", http: 400 },
  SERVE_BAD_PARAMETER: {
    message: "Parameter {name} cannot be {value}; {allowed}.",
    exit: "input",
    http: 400,
  },
  SERVE_TENSOR_INVALID: {
    message: "Input tensor {name} is not usable: {problem}; allowed: {allowed}.",
    exit: "input",
    http: 400,
  },
  SERVE_NO_SUCH_MODEL: {
    message: "There is no model {name}; served: {served}.",
    exit: "input",
    http: 404,
  },
  SERVE_ADMIN_TOKEN: {
    message: "{path} is no token file: {problem}. Allowed: one line of 16 characters or more.",
    exit: "input",
  },
  SERVE_CLIENT_LEFT: {
    message: "The client left before it was answered.",
    exit: "failure",
    http: 499,
  },
  SERVE_TIMEOUT: {
    message: "The request was not here whole in time. Next: send it again, faster or smaller.",
    exit: "failure",
    http: 408,
  },
  SERVE_HEADERS_TOO_LARGE: {
    message: "The request's headers are larger than the {limit} bytes allowed. Next: send fewer or shorter ones.",
    exit: "input",
    http: 431,
  },
  SERVE_UNAUTHORIZED: {
    message: "This needs the token that the service was started with. Next: send it as Authorization: Bearer TOKEN.",
    exit: "input",
    http: 401,
  },
  SERVE_RELOAD_FAILED: {
    message: "The model cannot be replaced: {problem} The one before serves on. Next: check the file, then try again.",
    exit: "input",
    http: 422,
  },
  SERVE_NOT_FOUND: { message: "Nothing answers {method} {path}; allowed: {allowed}.", exit: "input", http: 404 },
  SERVE_INTERNAL: {
    message: "The service failed unexpectedly; its log has the details under request {request}.",
    exit: "bug",
    http: 500,
  },
  SERVE_BOUNDS: {
    message: "{problem}: a request that is allowed would always be refused. Next: {next}.",
    exit: "usage",
  },
  SERVE_CANNOT_LISTEN: {
    message: "Cannot listen on {host}:{port}: {problem}. Next: choose another --port (0 takes any free one) or --host.",
    exit: "environment",
  },
  SERVE_CANNOT_START: {
    message: "Inference workers do not start: {problem}. Next: check the model file and free memory.",
    exit: "environment",
  },
} as const satisfies ErrorTable;
