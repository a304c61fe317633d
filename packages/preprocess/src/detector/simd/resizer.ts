import { columnPlan } from "../column-plan.ts";
import type { Size } from "../pyramid.ts";
import type { Arena } from "./arena.ts";
import type { Kernels } from "./kernels.ts";

const GROUP_BYTES = 80;
const REST_BYTES = 16;

/** Resizes `channels` planes, dlib's way, to new ones at `out`. */
export function resizePlanes(
  kernels: Kernels,
  arena: Arena,
  planes: number,
  channels: number,
  from: Size,
  to: Size,
  out: number,
): void {
  const mark = arena.mark();
  const table = writeColumns(arena, from.width, to.width);
  for (let channel = 0; channel < channels; channel++) {
    kernels.resize(
      planes + channel * from.width * from.height,
      from.width,
      from.height,
      out + channel * to.width * to.height,
      to.width,
      to.height,
      table.groups,
      table.groupCount,
      table.rest,
      channels === 1,
    );
  }
  arena.release(mark);
}

/** The plan of the columns as the kernel reads it. */
function writeColumns(arena: Arena, from: number, to: number) {
  const plan = columnPlan(from, to);
  const groupCount = plan.grouped / 4;
  const groups = arena.take(groupCount * GROUP_BYTES);
  const rest = arena.take((to - plan.grouped) * REST_BYTES);
  const integers = arena.integers(groups, (groupCount * GROUP_BYTES) / 4);
  const floats = arena.floats(groups, (groupCount * GROUP_BYTES) / 4);
  for (let column = 0; column < plan.grouped; column++) {
    const lane = column % 4;
    const group = (GROUP_BYTES / 4) * ((column - lane) / 4);
    const first = plan.left[column - lane]!;
    if (lane === 0) integers[group] = first;
    // Bytes beyond the eight that are loaded read as zero.
    const pick = 0x80808000 | (plan.left[column]! - first);
    integers[group + 4 + lane] = pick;
    integers[group + 8 + lane] = pick + 1;
    floats[group + 12 + lane] = plan.share[column]!;
    floats[group + 16 + lane] = 1 - plan.share[column]!;
  }
  const view = new DataView(arena.bytes(rest, 0).buffer);
  for (let column = plan.grouped; column < to; column++) {
    const at = rest + (column - plan.grouped) * REST_BYTES;
    view.setInt32(at, plan.left[column]!, true);
    view.setInt32(at + 4, plan.right[column]!, true);
    view.setFloat64(at + 8, plan.share[column]!, true);
  }
  return { groups, groupCount, rest };
}
