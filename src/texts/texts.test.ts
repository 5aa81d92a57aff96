import { expect, test } from "vitest";
import { fill } from "./texts.js";

test("a sentence gets its values, each in its place", () => {
  expect(fill("from {low} to {high}, {low} again", { low: 1, high: "two" })).toBe("from 1 to two, 1 again");
});

test("a value that looks like a place is not filled again", () => {
  expect(fill("Redirect to '{subject}'", { subject: "{count} $& $1", count: 3 })).toBe(
    "Redirect to '{count} $& $1'",
  );
});

test("a place without a value stays, whatever objects inherit", () => {
  expect(fill("{constructor} {missing}", { missing: undefined })).toBe("{constructor} {missing}");
});
