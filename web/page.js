/**
 * The upload page's behaviour: a photo comes by choice, drop or paste, goes to POST predict, and the answer is shown
 * as class, confidence bars and time. The address is relative, so the page works below any path.
 */

const byId = (id) => document.getElementById(id);
const input = byId("photo");
const drop = byId("drop");
const states = ["hint", "busy", "failure", "question", "result"];

/** The photo shown last, and the request for it: a newer photo ends an older request. */
let current = { photo: undefined, category: undefined, request: new AbortController() };

input.addEventListener("change", () => take(input.files));
byId("upload").addEventListener("submit", (event) => event.preventDefault());
byId("again").addEventListener("click", () => classify(current.photo, current.category));
byId("question").addEventListener("submit", (event) => event.preventDefault());
byId("skip").addEventListener("click", () => classify(current.photo, ""));
document.addEventListener("photo-taken", (event) => take([event.detail]));
document.addEventListener("paste", (event) => take(event.clipboardData?.files));
for (const name of ["dragenter", "dragover"]) document.addEventListener(name, (event) => hover(event, true));
for (const name of ["dragleave", "drop"]) document.addEventListener(name, (event) => hover(event, false));
document.addEventListener("drop", (event) => take(event.dataTransfer?.files));

/** A dropped photo must not replace the page, wherever it falls. */
function hover(event, isOver) {
  event.preventDefault();
  drop.classList.toggle("over", isOver);
}

function take(files) {
  const photo = files?.[0];
  if (!photo) return;
  showPreview(photo);
  classify(photo);
}

/** Shows the photo where the browser can; the answer does not depend on it. */
function showPreview(photo) {
  const preview = byId("preview");
  if (preview.src) URL.revokeObjectURL(preview.src);
  const isShown = (shown) => {
    preview.hidden = !shown;
    drop.classList.toggle("filled", shown);
  };
  preview.onload = () => isShown(true);
  preview.onerror = () => isShown(false);
  preview.src = URL.createObjectURL(photo);
  drop.querySelector(".button").textContent = "Choose another";
}

/** @param category what the user says it shows, once asked; "" for no answer */
async function classify(photo, category) {
  current.request.abort();
  const request = new AbortController();
  current = { photo, category, request };
  show("busy");
  const startMs = performance.now();
  try {
    const body = new FormData();
    if (category !== undefined) body.append("category", category);
    body.append("file", photo);
    const response = await fetch("predict?ask=true", {
      method: "POST",
      body,
      headers: { accept: "application/json" },
      signal: request.signal,
    });
    const answer = await response.json();
    if (response.ok && answer.question) showQuestion(answer);
    else if (response.ok) showResult(answer, performance.now() - startMs);
    else showFailure(answer.error.message);
  } catch {
    if (!request.signal.aborted) showFailure("The service cannot be reached.");
  }
  // The same file can be chosen again.
  input.value = "";
}

function show(state) {
  for (const name of states) byId(name).hidden = name !== state;
  byId("answer").scrollIntoView({ block: "nearest" });
}

function showFailure(message) {
  byId("failure-message").textContent = message;
  show("failure");
}

/** The category comes from the user first, unswayed by the model: that is what makes it a measurement. */
function showQuestion({ question, classes, keepsPhoto }) {
  byId("question-text").textContent = question;
  byId("question-note").textContent = keepsPhoto
    ? "Say it before you see what the model thinks. Your answer and the photo are kept to measure the model."
    : "Say it before you see what the model thinks. Your answer is kept to measure the model, the photo is not.";
  byId("choices").replaceChildren(
    ...classes.map((name) => {
      const choice = element("button", "choice", name);
      choice.type = "button";
      choice.addEventListener("click", () => classify(current.photo, name));
      return choice;
    }),
  );
  show("question");
  byId("choices").firstElementChild.focus();
}

function showResult(answer, roundTripMs) {
  byId("class").textContent = answer.class;
  byId("confidence").textContent = percent(answer.confidence);
  byId("bars").replaceChildren(...answer.probabilities.map(bar));
  const { decodeMs, inferenceMs } = answer.timing;
  byId("timing").textContent =
    `Answered in ${milliseconds(roundTripMs)}: ` +
    `${milliseconds(decodeMs)} to decode the photo, ${milliseconds(inferenceMs)} for the model.`;
  show("result");
}

/** A list item: name, share in words, and a bar of that length. */
function bar({ class: name, probability }) {
  const item = document.createElement("li");
  const row = element("div", "row", element("span", "", name), element("span", "", percent(probability)));
  const fill = element("div", "fill");
  const track = element("div", "track", fill);
  track.setAttribute("aria-hidden", "true");
  item.append(row, track);
  // After the first paint, so that the bar grows.
  requestAnimationFrame(() => requestAnimationFrame(() => fill.style.setProperty("width", `${100 * probability}%`)));
  return item;
}

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function percent(ratio) {
  return `${(100 * ratio).toFixed(ratio < 0.0995 ? 1 : 0)} %`;
}

function milliseconds(ms) {
  return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}
