/**
 * The form of the error catalogue: an entry a code, with a message template whose `{placeholders}` are the
 * context that the thrower has to give. The compiler checks that the context is complete.
 */

/** What the process exits with. 130 (Ctrl-C) is the shell's convention, the rest are ours. */
export const exitCodes = { failure: 1, usage: 2, input: 3, environment: 4, interrupted: 130, bug: 70 } as const;

export interface ErrorEntry {
  /** Message template: what failed, the value received, what is allowed, and the next step. */
  readonly message: string;
  /** Why the process ends, if the error reaches the command line. */
  readonly exit: keyof typeof exitCodes;
  /** HTTP status, if the error reaches a client of the service. */
  readonly http?: number;
}

export type ErrorTable = Readonly<Record<string, ErrorEntry>>;

/** `{name}` placeholders of a message template, as a union of names. */
export type Placeholders<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** Context that a message template needs: one printable value a placeholder. */
export type ContextOf<Template extends string> = Readonly<Record<Placeholders<Template>, string | number>>;

/** Fills `{name}` placeholders; a name without a value stays visible. */
export function renderMessage(template: string, context: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(context[name] ?? whole));
}
