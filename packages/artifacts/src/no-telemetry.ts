/*
 * From 1.30 on, onnxruntime-node reports to its makers how it is used, and leaves a file in the temporary folder for every
 * process, unless this is set before it is loaded. Every package loads this one first. Who wants it sets it to 0.
 */
process.env.ORT_DISABLE_TELEMETRY ??= "1";
