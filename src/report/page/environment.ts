/** The last part: what it all ran on, and the files to check it with. Pure. */
import { type Facts, recordPaths } from "../facts/facts.ts";
import { escapeHtml, fileLink, heading, list, section, table } from "./html.ts";

export function environmentSection(facts: Facts): string {
  return section("9", "Environment and raw data", environment(facts), heading("Files"), files(facts));
}

function environment({ input }: Facts): string {
  const records = [input.dataset, ...input.trainings, ...input.evaluations, ...input.measurements].flatMap(
    (record) => record ?? [],
  );
  const rows = [...Map.groupBy(records, ({ machine }) => JSON.stringify(machine)).values()].map((group) => {
    const { machine, fulcrum } = group[0]!;
    const { cpuModel, cpuCount, cpuFeatures, memoryBytes, platform, kernel, node } = machine;
    return [
      `${cpuCount} x ${cpuModel}`,
      cpuFeatures.join(", "),
      `${(memoryBytes / 1024 ** 3).toFixed(1)} GiB`,
      `${platform}, kernel ${kernel}`,
      `fulcrum ${fulcrum}, Node ${node}`,
      group
        .map(({ kind }) => kind)
        .filter((kind, i, all) => all.indexOf(kind) === i)
        .join(", "),
    ];
  });
  const header = ["CPU", "instructions", "memory", "system", "software", "records"];
  const limits = [
    ...new Set(
      input.measurements.map(({ body: { enforcement: e } }) =>
        e.reason === null
          ? `CPU limits enforced by ${e.cpu}, memory limits by ${e.memory}`
          : `limits not enforced: ${e.reason}`,
      ),
    ),
  ];
  return table({ header, rows, comparedColumns: 0 }) + (limits.length > 0 ? list(limits) : "");
}

function files({ input, measured }: Facts): string {
  const records = [
    ...(input.dataset ? [recordPaths.dataset] : []),
    ...input.trainings.map(({ body }) => recordPaths.training(body.candidate)),
    ...input.evaluations.map(({ body }) => recordPaths.evaluation(body.candidate)),
  ];
  const measurements = measured.map(({ path, body }) => {
    const dir = path.slice(0, path.lastIndexOf("/"));
    const links = Object.values(body.files).map((file) => fileLink(`${dir}/${file}`));
    return `<li>${fileLink(path)}${links.length > 0 ? `: ${links.join(", ")}` : ""}</li>`;
  });
  const note = escapeHtml("Links work where this page lies in the folder of its run.");
  return `<ul class="files">${records.map((path) => `<li>${fileLink(path)}</li>`).join("")}${measurements.join("")}</ul><p class="basis">${note}</p>`;
}
