export { type FerPlusOptions, ferPlus as default, ferPlus, ferPlusOf } from "./ferplus.ts";
