/**
 * "Use the camera": on a phone the camera's own application, elsewhere a dialog with what the camera sees. The photo
 * goes to the page as the event "photo-taken".
 */

const byId = (id) => document.getElementById(id);
const dialog = byId("camera-dialog");
const viewfinder = byId("viewfinder");
const capture = byId("capture");
const jpegQuality = 0.92;

const isPhone = matchMedia("(pointer: coarse)").matches;
// Browsers hand the camera to secure pages only; the phone's application needs no permission.
byId("camera").hidden = !isPhone && !navigator.mediaDevices?.getUserMedia;

byId("camera").addEventListener("click", () => (isPhone ? capture.click() : openDialog()));
capture.addEventListener("change", () => {
  if (capture.files[0]) give(capture.files[0]);
  capture.value = "";
});
byId("shoot").addEventListener("click", shoot);
byId("camera-close").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", stop);

async function openDialog() {
  showFailure("");
  byId("shoot").disabled = true;
  dialog.showModal();
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    // Closed while the browser asked for permission.
    if (!dialog.open) return end(stream);
    // Opened again meanwhile: the stream of the other time may be here already.
    stop();
    viewfinder.srcObject = stream;
    await viewfinder.play();
    byId("shoot").disabled = false;
    byId("shoot").focus();
  } catch (error) {
    showFailure(`The camera cannot be used: ${error.message || error.name}.`);
  }
}

function shoot() {
  const canvas = document.createElement("canvas");
  canvas.width = viewfinder.videoWidth;
  canvas.height = viewfinder.videoHeight;
  canvas.getContext("2d").drawImage(viewfinder, 0, 0);
  canvas.toBlob(
    (photo) => {
      dialog.close();
      give(photo);
    },
    "image/jpeg",
    jpegQuality,
  );
}

function stop() {
  if (viewfinder.srcObject) end(viewfinder.srcObject);
  viewfinder.srcObject = null;
}

function end(stream) {
  for (const track of stream.getTracks()) track.stop();
}

function give(photo) {
  document.dispatchEvent(new CustomEvent("photo-taken", { detail: photo }));
}

function showFailure(text) {
  byId("camera-failure").textContent = text;
  byId("camera-failure").hidden = text === "";
}
