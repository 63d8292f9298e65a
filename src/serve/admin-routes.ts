/** PUT /admin/model: replaces the model under load. Off unless the service was started with a token. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { FulcrumError } from "../errors/index.ts";
import type { ServedModel } from "./messages.ts";
import { type ReloadAnswer, reloadRequest } from "./schemas.ts";

export interface AdminOptions {
  readonly token: string;
  /**
   * Serves the model file at `path`, or again that of now.
   * @throws SERVE_RELOAD_FAILED where it cannot be opened; SERVE_RELOADING, SERVE_NOT_READY
   */
  reload(path: string | undefined): Promise<{ readonly model: ServedModel; readonly previous: ServedModel }>;
}

const bodyLimit = 16 * 1024;

export async function addAdminRoutes(app: FastifyInstance, { token, reload }: AdminOptions): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string", bodyLimit }, (_request, body, done) => {
    if (body === "") return done(null, {});
    try {
      done(null, JSON.parse(body as string));
    } catch {
      done(new FulcrumError("SERVE_MALFORMED", { problem: "the body is not JSON" }));
    }
  });
  app.addHook("onRequest", (request, _reply, done) => {
    const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
    done(given !== undefined && isSame(given, token) ? undefined : new FulcrumError("SERVE_UNAUTHORIZED", {}));
  });
  app.put("/admin/model", async (request, reply) => {
    const body = reloadRequest.safeParse(request.body ?? {});
    if (!body.success) throw new FulcrumError("SERVE_MALFORMED", { problem: body.error.issues[0]!.message });
    const { model, previous } = await reload(body.data.path);
    const seconds = Number((reply.elapsedTime / 1000).toFixed(3));
    const answer: ReloadAnswer = {
      model: model.sha256,
      previous: previous.sha256,
      classes: [...model.classes],
      seconds,
    };
    return reply.send(answer);
  });
}

/** Takes the same time whatever differs. */
function isSame(given: string, wanted: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(wanted));
}
