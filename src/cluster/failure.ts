/** What an answer of the API server that is no success means in fulcrum's words. Pure. */
import { FulcrumError } from "../errors/index.ts";

/** The server's `Status` object, as far as it is read. */
export interface Status {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly kind?: string; readonly name?: string };
}

export interface Answer {
  readonly server: string;
  readonly context: string;
  readonly path: string;
  readonly status: number;
  readonly body: Status;
  /** That was applied, where it was one: the server does not always name it. */
  readonly object?: { readonly kind: string; readonly name: string } | undefined;
}

/** The cause "not found" marks an object that is not there, which some callers expect. */
export function failureOf({ server, context, path, status, body, object }: Answer): FulcrumError {
  const problem = (body.message ?? `HTTP ${status}`).replace(/\.$/, "");
  const { kind = object?.kind ?? "object", name = object?.name ?? "" } = body.details ?? {};
  if (status === 401) return new FulcrumError("CLUSTER_UNAUTHORIZED", { server, context });
  if (status === 403 && /exceeded quota|must specify/.test(problem))
    return new FulcrumError("CLUSTER_QUOTA", { problem });
  if (status === 403) return new FulcrumError("CLUSTER_FORBIDDEN", { problem });
  if (status === 404 && kind === "namespaces") {
    return new FulcrumError("CLUSTER_NAMESPACE_MISSING", { namespace: name }, { cause: "not found" });
  }
  if (status === 409 && body.reason === "Conflict")
    return new FulcrumError("CLUSTER_CONFLICT", { kind, name, problem });
  if (status >= 500 || status === 429) return new FulcrumError("CLUSTER_UNREACHABLE", { server, problem });
  return new FulcrumError(
    "CLUSTER_REFUSED",
    { what: name === "" ? path : `${kind} ${name}`, problem },
    status === 404 ? { cause: "not found" } : {},
  );
}
