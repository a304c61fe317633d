import { expect, test } from "vitest";
import { naturalOrder } from "./natural-order.ts";

test("numbers in names count as numbers", () => {
  const names = ["im10.png", "im2.png", "im1.png", "im02.png", "a/im3.png"];
  expect([...names].sort(naturalOrder)).toEqual(["a/im3.png", "im1.png", "im02.png", "im2.png", "im10.png"]);
});
