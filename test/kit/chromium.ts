/** A headless Chromium for tests of pages; they skip with a reason where there is none. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const executablePath = "/usr/bin/chromium";

/** For a test's `skip`: false where Chromium is there, else the reason. */
export const chromiumMissing: string | false = existsSync(executablePath)
  ? false
  : `needs Chromium at ${executablePath}, which is missing here`;

export function openChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // A camera that shows a test picture, and may be used.
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
    ],
  });
}
