/** Progress of long work, as the stages tell it; cli/ shows it as a bar or as plain lines. */

export interface ProgressTask {
  /**
   * `count` more units are done; `detail` is a short text beside the bar (a loss, a rate); `figures` are an epoch's, by
   * name, `epoch` among them, for who draws curves.
   */
  advance(count?: number, detail?: string, figures?: Readonly<Record<string, number>>): void;
  finish(detail?: string): void;
}

export interface Progress {
  /** Starts a task of `total` units (photos, epochs, seconds). */
  task(label: string, total: number, unit: string): ProgressTask;
  /** One line of information. */
  note(line: string): void;
}

export const noProgress: Progress = {
  task: () => ({ advance() {}, finish() {} }),
  note() {},
};
