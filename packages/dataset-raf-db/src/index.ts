export { type RafDbOptions, rafDb as default, rafDb } from "./raf-db.ts";
