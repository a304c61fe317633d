import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { listPhotographs } from "./list-photographs.ts";

const root = mkdtempSync(join(tmpdir(), "fer-bench-list-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function put(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), "");
  }
}

describe("listing photographs", () => {
  put("a/one.jpg", "a/b/two.PNG", "a/b/one.webp", "a/notes.txt", "a/.hidden/x.jpg", "a/out/one.faces.jpg");
  put("a/one.png", "c/ONE.jpg", "empty/notes.txt");

  it("takes the pictures of folders and of folders inside, in the order of their names", async () => {
    const listed = await listPhotographs([join(root, "a")], join(root, "a/out"));
    expect(listed).toEqual([
      { path: join(root, "a/b/one.webp"), name: "b/one" },
      { path: join(root, "a/b/two.PNG"), name: "b/two" },
      { path: join(root, "a/one.jpg"), name: "one" },
      { path: join(root, "a/one.png"), name: "one-2" },
    ]);
  });

  it("takes what is named as it is, whatever its ending and whether it is there, and gives each a name of its own", async () => {
    const paths = [
      join(root, "a/one.jpg"),
      join(root, "c/ONE.jpg"),
      join(root, "a/notes.txt"),
      "nowhere.jpg",
    ];
    const listed = await listPhotographs(paths);
    expect(listed.map(({ path }) => path)).toEqual(paths);
    expect(listed.map(({ name }) => name)).toEqual(["one", "ONE-2", "notes", "nowhere"]);
  });

  it("refuses a folder without any, and results among the photographs", async () => {
    const empty = join(root, "empty");
    await expect(listPhotographs([empty])).rejects.toMatchObject({ code: "missing", file: empty });
    const folder = join(root, "a");
    await expect(listPhotographs([folder], `${folder}/`)).rejects.toMatchObject({
      code: "bad-config",
      field: "--out",
    });
  });
});
