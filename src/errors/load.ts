/** Errors of load generation and monitoring. */
import type { ErrorTable } from "./table.ts";

export const loadErrors = {
  LOAD_URL_INVALID: {
    message: "{url} is no address to load; allowed: an http or https address, as http://127.0.0.1:8080/test.",
    exit: "usage",
  },
  LOAD_HOST_UNKNOWN: {
    message: "The host {host} cannot be resolved: {problem}. Next: check the address.",
    exit: "input",
  },
  LOAD_SCENARIO_INVALID: {
    message: "{path} is no load scenario: {problem}. Next: write it like an entry of `loads` in fulcrum.yaml.",
    exit: "input",
  },
  LOAD_FILE_INVALID: { message: "{path} line {line} is no {expected}: {problem}.", exit: "input" },
  MONITOR_STATE_INVALID: {
    message:
      "{url} gave no state of a platform: {problem}. Next: give the admin address that `fulcrum deploy` printed.",
    exit: "input",
  },
} as const satisfies ErrorTable;
