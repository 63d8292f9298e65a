/**
 * ONNX Runtime 1.30 sends usage events to its maker and keeps a device number in the user's cache folder, unless this is
 * set before it is loaded (onnxruntime/core/platform/posix/telemetry.cc). fulcrum tells nobody anything. A worker thread's
 * environment is a copy that native code does not see, so ./fulcrum and the container image set it for the whole process
 * as well.
 */
process.env.ORT_DISABLE_TELEMETRY = "1";
