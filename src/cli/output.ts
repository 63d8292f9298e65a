/** Standard output and error of the process. A reader that has gone (`| head`) ends the command quietly. */

const gone = new AbortController();
/** Aborted when nobody reads any more. */
export const readerGone: AbortSignal = gone.signal;

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    gone.abort();
  });
}

export function writeOut(text: string): void {
  process.stdout.write(text);
}

export function writeError(text: string): void {
  process.stderr.write(text);
}
