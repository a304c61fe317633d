import { spawnSync } from "node:child_process";
import { statfsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** More than any trial needs. */
const ROOM = "1g";

function mount(...args: string[]): { status: number | null; stderr: string } {
  return spawnSync("mount", args, { encoding: "utf8" });
}

function mustMount(...args: string[]): void {
  const { status, stderr } = mount(...args);
  if (status !== 0) throw new Error(`mount ${args.join(" ")}: ${stderr}`);
}

/** Mounts a file system in memory at a folder. */
export function mountDisk(folder: string): void {
  mustMount("-t", "tmpfs", "-o", `size=${ROOM}`, "tmpfs", folder);
}

export function unmountDisk(folder: string): void {
  // Lazily: a process that was killed may not be gone from it yet.
  spawnSync("umount", ["--lazy", folder]);
}

/** Leaves so many bytes free. */
export function leaveRoom(folder: string, bytes: number): void {
  const { bsize, blocks, bfree } = statfsSync(folder);
  mustMount("-o", `remount,size=${(blocks - bfree) * bsize + bytes}`, folder);
}

export function makeRoom(folder: string): void {
  mustMount("-o", `remount,size=${ROOM}`, folder);
}

export function lockDisk(folder: string): void {
  mustMount("-o", "remount,ro", folder);
}

export function unlockDisk(folder: string): void {
  mustMount("-o", "remount,rw", folder);
}

/** Why disks cannot be mounted here; undefined where they can. */
export async function whyNoDisk(): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "fer-bench-disk-"));
  try {
    const { status, stderr } = mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", folder);
    if (status !== 0) return `no tmpfs can be mounted (root may): ${stderr?.trim() ?? ""}`;
    unmountDisk(folder);
    return undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
