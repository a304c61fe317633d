import type { Job } from "./jobs.ts";
import type { ClusterSettings } from "./settings.ts";
import { quote } from "./shell.ts";

/** How a node comes by the workspace's files. */
export type SnapshotPlace =
  /** A file that it sees. */
  | { readonly kind: "file"; readonly path: string; readonly sha256: string }
  /** An artifact of the shared cache, by its name there. */
  | { readonly kind: "cache"; readonly name: string; readonly sha256: string };

export interface ScriptRequest {
  readonly submission: string;
  readonly job: Job;
  readonly snapshot: SnapshotPlace;
  readonly settings: ClusterSettings;
  /** The workspace as the submitting machine sees it. */
  readonly root: string;
  readonly progressFolder: string;
  /** Where each task's states are written, a line each, by the tasks' places; undefined where no node sees it. */
  readonly stateFiles: readonly string[] | undefined;
}

/**
 * The batch script of a job. Each task works in a copy of the workspace on its node, with an Nx database and cache of its
 * own: results come and go through the shared cache, and tasks cannot tread on each other. Data are quoted words of the
 * script, which no shell reads again.
 */
export function jobScript(request: ScriptRequest): string {
  const { job, submission, settings, progressFolder, stateFiles } = request;
  return `#!/bin/bash
# fer-bench, submission ${submission}: ${job.stage}
set -euo pipefail
tasks=(
${job.tasks.map(({ id }) => `  ${quote(id)}`).join("\n")}
)
states=(
${(stateFiles ?? job.tasks.map(() => "/dev/null")).map((file) => `  ${quote(file)}`).join("\n")}
)
task=\${tasks[\${SLURM_ARRAY_TASK_ID:-0}]}
state_file=\${states[\${SLURM_ARRAY_TASK_ID:-0}]}
state() { printf '%s %s %s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "\${SLURMD_NODENAME:-$(hostname)}" "$1" | tee -a -- "$state_file"; }

export FER_BENCH_THREADS=\${SLURM_CPUS_PER_TASK:-1}
export FER_BENCH_PROGRESS_DIR=${quote(progressFolder)}
export NX_DAEMON=false
work=${quote(settings.workFolder)}/fer-bench-$(id -u)-$SLURM_JOB_ID
nx=
clean() { cd /; rm -rf -- "$work"; }
stop() {
  trap - TERM INT
  if [ -n "$nx" ]; then kill -TERM "$nx" 2>/dev/null || true; wait "$nx" || true; fi
  state stopped
  exit 143
}
trap clean EXIT
trap stop TERM INT
state started

# Of this job's own, should it have been killed here before.
rm -rf -- "$work"
mkdir -m 700 -- "$work" "$work/tmp"
cd -- "$work"
# A job in a container does not see the processes of others, and takes their files in a common folder for abandoned.
export TMPDIR=$work/tmp
${fetchSnapshot(request.snapshot)}
tar -xzf workspace.tgz
rm workspace.tgz
${installModules(request)}
export NX_WORKSPACE_ROOT_PATH=$work NX_CACHE_DIRECTORY=$work/.nx/cache NX_WORKSPACE_DATA_DIRECTORY=$work/.nx/workspace-data
status=0
node node_modules/nx/dist/bin/nx.js run "$task" --outputStyle=stream &
nx=$!
wait "$nx" || status=$?
if [ "$status" -eq 0 ]; then
  state done
elif [ "\${SLURM_RESTART_COUNT:-0}" -lt ${settings.retries} ]; then
  state again
  scontrol requeue "$SLURM_JOB_ID"
  sleep 60
else
  state failed
fi
exit "$status"
`;
}

function fetchSnapshot(snapshot: SnapshotPlace): string {
  const check = `printf '%s  %s\\n' ${quote(snapshot.sha256)} workspace.tgz | sha256sum --check --quiet`;
  if (snapshot.kind === "file") return `cp -- ${quote(snapshot.path)} workspace.tgz\n${check}`;
  return `node --input-type=module -e '
  import { writeFile } from "node:fs/promises";
  const { NX_SELF_HOSTED_REMOTE_CACHE_SERVER: server, NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: token } = process.env;
  const answer = await fetch(new URL("/v1/cache/" + process.argv[1], server), { headers: { authorization: "Bearer " + token } });
  if (answer.status !== 200) throw new Error("the shared cache does not give the workspace: status " + answer.status);
  await writeFile("workspace.tgz", answer.body);
' -- ${quote(snapshot.name)}
${check}`;
}

/** Installed packages are shared or installed anew; those of the workspace itself are the copy's. */
function installModules({ settings, root }: ScriptRequest): string {
  const shared = settings.sharedHome ? `rm -rf data\nln -s -- ${quote(`${root}/data`)} data\n` : "";
  if (modulesOf(settings) === "install") return `${shared}npm ci --prefer-offline --no-audit --no-fund`;
  return `${shared}from=${quote(root)}
mkdir node_modules
ln -s -- "$from"/node_modules/* "$from"/node_modules/.bin node_modules/
rm -f node_modules/@fer-bench
mkdir node_modules/@fer-bench
for package in packages/*/; do
  package=\${package%/}
  ln -s -- "../../$package" node_modules/@fer-bench/
  [ ! -e "$from/$package/node_modules" ] || ln -s -- "$from/$package/node_modules" "$package/node_modules"
done`;
}

export function modulesOf({ modules, sharedHome }: ClusterSettings): "link" | "install" {
  return modules ?? (sharedHome ? "link" : "install");
}
