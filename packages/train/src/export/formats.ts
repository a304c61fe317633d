/** What a classifier can be exported as. */
export const EXPORT_FORMATS = ["onnx", "safetensors"] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];
