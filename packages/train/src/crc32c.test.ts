import { describe, expect, it } from "vitest";
import { crc32c } from "./crc32c.ts";

describe("crc32c", () => {
  // RFC 3720, appendix B.4.
  const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);
  it.each([
    ["32 bytes of zeros", new Uint8Array(32), 0x8a9136aa],
    ["32 bytes of ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ["32 bytes ascending", ascending, 0x46dd794e],
    ["32 bytes descending", ascending.toReversed(), 0x113fdb5c],
  ])("gives RFC 3720's value for %s", (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });
});
