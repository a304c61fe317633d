export { ckPlus as default, ckPlus } from "./ck-plus.ts";
export type { CkPlusOptions } from "./protocol.ts";
