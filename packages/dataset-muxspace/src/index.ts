export { COMMIT } from "./facts.ts";
export { type MuxspaceOptions, muxspace as default, muxspace } from "./muxspace.ts";
