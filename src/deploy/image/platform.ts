/** The platforms that an image can be made for, by the names that each outside world has for them. Pure. */

export const architectures = ["amd64", "arm64"] as const;
export type Architecture = (typeof architectures)[number];

/** As npm and Node name the processor. */
export const npmCpu: Readonly<Record<Architecture, string>> = { amd64: "x64", arm64: "arm64" };
