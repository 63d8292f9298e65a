/** Errors of the command line and of fulcrum.yaml. */
import type { ErrorTable } from "./table.ts";

export const cliErrors = {
  CLI_UNKNOWN_VERB: { message: 'Unknown command "{verb}".{hint} Next: run `fulcrum --help`.', exit: "usage" },
  CLI_UNKNOWN_FLAG: {
    message: "Unknown flag {flag} for `fulcrum {verb}`.{hint} Next: run `fulcrum {verb} --help`.",
    exit: "usage",
  },
  CLI_BAD_VALUE: { message: "{flag} got {value}; allowed: {allowed}.", exit: "usage" },
  CLI_USAGE: { message: "{problem} Next: run `fulcrum {verb} --help`.", exit: "usage" },
  CONFIG_MISSING: {
    message: "No project file at {path}. Next: run `fulcrum init`, or name one with --config.",
    exit: "usage",
  },
  CONFIG_INVALID: { message: "{path} has {count} problem(s):\n{problems}", exit: "usage" },
} as const satisfies ErrorTable;
