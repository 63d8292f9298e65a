/** Times as people and siege's log write them: local time of this machine, without a zone. */

/** "2026-11-24 02:09:45", with ".123" where milliseconds are asked for; pandas.to_datetime reads both. */
export function formatLocalTime(epochMs: number, precision: "seconds" | "milliseconds" = "seconds"): string {
  const time = new Date(epochMs);
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  const fraction = precision === "seconds" ? "" : `.${String(time.getMilliseconds()).padStart(3, "0")}`;
  return `${date} ${clock}${fraction}`;
}

/** Milliseconds since the Unix epoch, or undefined where the text is no such time. */
export function parseLocalTime(text: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?$/.exec(text.trim());
  if (!match) return undefined;
  const [year, month, day, hour, minute, second, ms] = match.slice(1).map((part) => Number(part ?? 0));
  return new Date(year!, month! - 1, day!, hour!, minute!, second!, ms!).getTime();
}
