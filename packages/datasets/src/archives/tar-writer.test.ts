import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { createTarWriter } from "./tar-writer.ts";

// Linux has a file that is always full.
test.runIf(existsSync("/dev/full"))(
  "a disk that is full is an error of whoever adds or closes, and of nobody else",
  async () => {
    const adding = createTarWriter("/dev/full");
    const fill = async () => {
      for (let i = 0; i < 100; i++) await adding.add(`${i}.png`, Buffer.alloc(100_000));
    };
    await expect(fill()).rejects.toMatchObject({ code: "ENOSPC" });
    await expect(adding.add("later.png", Buffer.alloc(10))).rejects.toMatchObject({ code: "ENOSPC" });
    adding.abort();
    const closing = createTarWriter("/dev/full");
    await closing.add("one.png", Buffer.alloc(10));
    await expect(closing.close()).rejects.toMatchObject({ code: "ENOSPC" });
    // What nobody listened to would end the process now.
    await new Promise((resolve) => setTimeout(resolve, 50));
  },
);
