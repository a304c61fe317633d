import { resolve } from "node:path";
import { openArtifactFolder, readTokens, serveCache } from "@fer-bench/cluster";
import type { CommandContext } from "../context.ts";

export interface CacheOptions {
  readonly dir: string;
  /** Bytes. */
  readonly sizeLimit: number;
  readonly host: string;
  readonly port: number;
  readonly tokens?: string;
}

/** Serves a folder as Nx's remote cache until it is interrupted. */
export async function serve({ print }: CommandContext, options: CacheOptions): Promise<void> {
  const { dir, sizeLimit: limitBytes, host, port } = options;
  const folder = await openArtifactFolder(resolve(dir), limitBytes);
  const tokens = resolve(options.tokens ?? `${dir}.tokens`);
  const server = await serveCache({ folder, accessOf: await readTokens(tokens), limitBytes, host, port });
  print(`${server.address} serves ${resolve(dir)}; tokens: ${tokens}`);
  await new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, done);
  });
  await server.close();
}
