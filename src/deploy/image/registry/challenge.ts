/** What a registry asks for when it refuses a request: the header WWW-Authenticate. Pure. Source: RFC 9110, section 11.6.1. */

export interface Challenge {
  /** In lower case: "basic", "bearer". */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const parameter = new RegExp(`^(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}))`);

/** Every challenge of the header, in order; the first that is understood is to be answered. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let rest = header.trim();
  while (rest !== "") {
    const pair = parameter.exec(rest);
    const current = challenges.at(-1);
    if (pair && current) {
      current.parameters[pair[1]!.toLowerCase()] = pair[2]?.replace(/\\(.)/g, "$1") ?? pair[3]!;
      rest = rest.slice(pair[0].length);
    } else {
      const scheme = new RegExp(`^${token}`).exec(rest)?.[0];
      if (scheme === undefined) return challenges;
      challenges.push({ scheme: scheme.toLowerCase(), parameters: {} });
      rest = rest.slice(scheme.length);
    }
    rest = rest.replace(/^[\s,]+/, "");
  }
  return challenges;
}
