export { folders as default, folders } from "./folders.ts";
export { type FoldersOptions, foldersOptions } from "./options.ts";
