/**
 * The last hand on a PPTX from pptxgenjs: charts in our own XML, notes a paragraph a sentence, and workbooks whose table
 * has the names of its columns and no empty cells, as spreadsheets demand. Pure.
 */
import assert from "node:assert/strict";
import { strFromU8, strToU8, unzipSync, type Zippable, zipSync } from "fflate";
import { escapeXml } from "./xml.ts";

export interface ChartPart {
  /** The chart's XML. */
  readonly xml: string;
  /** Names of the worksheet's columns. */
  readonly columns: readonly string[];
}

/**
 * @param charts in the order in which they were added
 * @param notes sentences of each slide, in the order of slides
 */
export function finishPackage(
  pptx: Uint8Array,
  charts: readonly ChartPart[],
  notes: readonly (readonly string[])[],
): Uint8Array {
  const files = unzipSync(pptx);
  const numbered = (pattern: RegExp) =>
    Object.keys(files)
      .filter((path) => pattern.test(path))
      .toSorted((a, b) => numberIn(a) - numberIn(b));
  const chartFiles = numbered(/^ppt\/charts\/chart\d+\.xml$/);
  const workbooks = numbered(/^ppt\/embeddings\/.*\.xlsx$/);
  const noteFiles = numbered(/^ppt\/notesSlides\/notesSlide\d+\.xml$/);
  assert.equal(chartFiles.length, charts.length, "a file a chart");
  assert.equal(workbooks.length, charts.length, "a workbook a chart");
  assert.equal(noteFiles.length, notes.length, "notes a slide");
  charts.forEach(({ xml, columns }, i) => {
    files[chartFiles[i]!] = strToU8(xml);
    files[workbooks[i]!] = tidyWorkbook(files[workbooks[i]!]!, columns);
  });
  notes.forEach((sentences, i) => {
    files[noteFiles[i]!] = strToU8(withNotes(strFromU8(files[noteFiles[i]!]!), sentences));
  });
  return zipSync(files as Zippable, { level: 6 });
}

const numberIn = (path: string) => Number(/(\d+)\.\w+$/.exec(path)?.[1]);

/** Replaces the one paragraph of the notes' text by one a sentence. */
function withNotes(xml: string, sentences: readonly string[]): string {
  const body = /(<p:ph type="body" idx="1"\/>.*?<a:lstStyle\/>)<a:p>.*?<\/a:p>(<\/p:txBody>)/s;
  assert(body.test(xml), "a notes page has a body");
  const paragraphs = sentences.map(
    (text) => `<a:p><a:r><a:rPr lang="en-US"/><a:t>${escapeXml(text)}</a:t></a:r></a:p>`,
  );
  const content = paragraphs.length > 0 ? paragraphs.join("") : "<a:p/>";
  return xml.replace(body, (_, before: string, after: string) => before + content + after);
}

/** Names of a table's columns are those in its first row, each once. */
function tidyWorkbook(xlsx: Uint8Array, columns: readonly string[]): Uint8Array<ArrayBuffer> {
  const files = unzipSync(xlsx);
  const names = uniqueNames(columns).map(escapeXml);
  const change = (path: string, edit: (xml: string) => string) => {
    assert(files[path], `${path} of a chart's workbook`);
    files[path] = strToU8(edit(strFromU8(files[path])));
  };
  change("xl/worksheets/sheet1.xml", (xml) => xml.replace(/<c r="[A-Z]+\d+"><v><\/v><\/c>/g, ""));
  change("xl/tables/table1.xml", (xml) =>
    xml.replace(/<tableColumn id="(\d+)" name="[^"]*"\/>/g, (_, id: string) => {
      return `<tableColumn id="${id}" name="${names[Number(id) - 1]}"/>`;
    }),
  );
  change("xl/sharedStrings.xml", (xml) => {
    const items = names.map((name) => `<si><t>${name}</t></si>`).join("");
    return xml.replace(/(<sst [^>]*>).*<\/sst>/s, (_, start: string) => `${start}${items}</sst>`);
  });
  return new Uint8Array(zipSync(files as Zippable, { level: 6 }));
}

function uniqueNames(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let n = 2; seen.has(unique.toLowerCase()); n++) unique = `${name} ${n}`;
    seen.add(unique.toLowerCase());
    return unique;
  });
}
