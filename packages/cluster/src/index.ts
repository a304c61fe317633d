export { type AccessOf, readTokens } from "./cache/access.ts";
export { type ArtifactFolder, openArtifactFolder } from "./cache/artifact-folder.ts";
export { type CacheServer, type CacheServerRequest, serveCache } from "./cache/cache-server.ts";
export { type PlannedTask, planTasks } from "./plan.ts";
export { cancel, type JobState, readStates, type TaskState } from "./slurm/job-states.ts";
export { type ClusterSettings, readSettings } from "./slurm/settings.ts";
export type { RawStates } from "./slurm/snapshot.ts";
export { listSubmissions, readSubmission, type Submission } from "./slurm/submission.ts";
export { describeSubmission, type SubmitRequest, submit } from "./slurm/submit.ts";
