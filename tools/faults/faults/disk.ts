import type { Fault } from "../fault.ts";
import { leaveRoom, lockDisk, makeRoom, unlockDisk } from "../own-disk.ts";
import { startStage } from "../stage-process.ts";

/** A disk that is full after some of what the stage writes, or before all of it. */
export const diskFull: Fault = {
  name: "disk-full",
  title: "disk full",
  ownDisk: true,
  async inject({ stage, workspace, undisturbed, random }) {
    const room = Math.floor(random.next() * 1.2 * undisturbed.bytes);
    leaveRoom(workspace.root, room);
    const ending = await startStage(stage, workspace).ended;
    makeRoom(workspace.root);
    return { how: `${room} bytes free`, endings: [ending] };
  },
};

/** A disk that can be read alone. */
export const readOnly: Fault = {
  name: "read-only",
  title: "read-only disk",
  ownDisk: true,
  async inject({ stage, workspace }) {
    lockDisk(workspace.root);
    const ending = await startStage(stage, workspace).ended;
    unlockDisk(workspace.root);
    return {
      how: "read-only",
      endings: [ending],
      problems: ending.status === 0 ? ["it says that it has written to a disk that is read-only"] : [],
    };
  },
};
