import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { crc32c } from "./crc32c.ts";

/*
 * TensorBoard's event files: TFRecords (tensorflow/core/lib/io/record_writer.h) of Event messages
 * (tensorflow/core/util/event.proto), of which scalars need four fields each, written here by hand:
 *
 *   Event         1 wall_time: double   2 step: int64   3 file_version: string   5 summary: Summary
 *   Summary       1 value: repeated Value
 *   Summary.Value 1 tag: string   2 simple_value: float
 */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

export interface EventWriter {
  /** Appends scalars of one step under their tags. */
  scalars(step: number, values: Readonly<Record<string, number>>): void;
}

/**
 * Starts an event file, which TensorBoard finds by the `tfevents` in its name. Every call of `scalars` appends,
 * so a run can be watched while it trains.
 *
 * @param now seconds since 1970, the events' wall time
 */
export function openEventWriter(path: string, now: () => number = () => Date.now() / 1000): EventWriter {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, tfRecord(concat(double(1, now()), bytes(3, utf8("brain.Event:2")))));
  return {
    scalars(step, values) {
      const summary = Object.entries(values).map(([tag, value]) =>
        bytes(1, concat(bytes(1, utf8(tag)), float(2, value))),
      );
      const event = concat(double(1, now()), integer(2, step), bytes(5, concat(...summary)));
      appendFileSync(path, tfRecord(event));
    },
  };
}

/** uint64 length, masked CRC of the length, data, masked CRC of the data; little-endian. */
export function tfRecord(data: Uint8Array): Uint8Array {
  const record = Buffer.alloc(8 + 4 + data.length + 4);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(maskedCrc(record.subarray(0, 8)), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedCrc(data), 12 + data.length);
  return record;
}

/** A CRC that may itself be stored in checked data: rotated right by 15 bits, plus a constant. */
function maskedCrc(data: Uint8Array): number {
  const crc = crc32c(data);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function integer(field: number, value: number): Uint8Array {
  return concat(key(field, VARINT), varint(value));
}

function double(field: number, value: number): Uint8Array {
  const fixed = Buffer.alloc(8);
  fixed.writeDoubleLE(value);
  return concat(key(field, FIXED64), fixed);
}

function float(field: number, value: number): Uint8Array {
  const fixed = Buffer.alloc(4);
  fixed.writeFloatLE(value);
  return concat(key(field, FIXED32), fixed);
}

function bytes(field: number, value: Uint8Array): Uint8Array {
  return concat(key(field, BYTES), varint(value.length), value);
}

function key(field: number, wireType: number): Uint8Array {
  return varint(field * 8 + wireType);
}

/** Seven bits a byte, least significant first, of a whole number that is not negative. */
function varint(value: number): Uint8Array {
  const groups: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) groups.push((rest % 0x80) | 0x80);
  groups.push(rest);
  return Uint8Array.from(groups);
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
