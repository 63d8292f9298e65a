/** Which headers go through the load balancer. Pure. */

/** As node:http and undici give them: lower-case names, repeated headers as lists. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;
export type ForwardedHeaders = Record<string, string | string[]>;

/** They belong to one connection, not to the message (RFC 9110, section 7.6.1). */
const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What goes on to the replica: the end-to-end headers, the client's address, and the length of the kept body. */
export function requestHeaders(headers: Headers, clientAddress: string, bodyBytes: number | null): ForwardedHeaders {
  const kept = endToEnd(headers);
  // The balancer has answered "100-continue" itself and holds the whole body.
  delete kept.expect;
  const before = kept["x-forwarded-for"];
  kept["x-forwarded-for"] = before === undefined ? clientAddress : `${String(before)}, ${clientAddress}`;
  if (bodyBytes === null) delete kept["content-length"];
  else kept["content-length"] = String(bodyBytes);
  return kept;
}

/** All but the hop-by-hop headers and those that `connection` names. */
export function endToEnd(headers: Headers): ForwardedHeaders {
  const named = String(headers.connection ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase());
  const kept: ForwardedHeaders = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || hopByHop.has(name) || named.includes(name)) continue;
    kept[name] = typeof value === "string" ? value : [...value];
  }
  return kept;
}
