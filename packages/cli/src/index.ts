export { findWorkspace, type Workspace } from "./workspace.ts";
