import { describe, expect, test } from "vitest";
import { createHolder, readCredentials, replaces, writeCredentials } from "./page/credentials.js";
import { describeToken } from "./page/keys.js";
import { describeEntry, windowLeft } from "./page/traffic.js";

const held = {
  "access-token": "one",
  "token-type": "Bearer",
  client: "c1",
  expiry: "1000",
  uid: "ada@example.com",
};

describe("the page's credentials", () => {
  test("an answer's token replaces the one held unless its expiry is older", () => {
    expect(replaces({ ...held, "access-token": "two", expiry: "1001" }, held)).toBe(true);
    expect(replaces({ ...held, "access-token": "two" }, held)).toBe(true);
    expect(replaces({ ...held, "access-token": "zero", expiry: "999" }, held)).toBe(false);
  });

  test("a late answer of another session, or after sign-out, replaces nothing", () => {
    expect(replaces({ ...held, client: "c2", expiry: "9999" }, held)).toBe(false);
    expect(replaces(held, undefined)).toBe(false);
  });

  test("five headers or none: a blank or missing part means no credentials at all", () => {
    const read = (headers: Record<string, string>) => readCredentials((name) => headers[name] ?? null, {});

    expect(read(held)).toEqual(held);
    expect(read({ ...held, "access-token": " " })).toBeUndefined();
    expect(read({ ...held, uid: "" })).toBeUndefined();
  });

  test("headers follow the names that the server has configured", () => {
    const names = { "access-token": "x-token" };
    const written = writeCredentials(held, names);

    expect(written["x-token"]).toBe("one");
    expect(readCredentials((name) => written[name] ?? null, names)).toEqual(held);
  });

  test("credentials are kept in memory where the browser refuses its storage", () => {
    const refuse = () => {
      throw new Error("denied");
    };
    const holder = createHolder({ getItem: refuse, setItem: refuse, removeItem: refuse }, "name");
    holder.write(held);

    expect(holder.read()).toEqual(held);
    holder.clear();
    expect(holder.read()).toBeUndefined();
  });

  test("damaged storage counts as signed out", () => {
    const holder = createHolder({ getItem: () => '{"access-token":', setItem() {}, removeItem() {} }, "name");

    expect(holder.read()).toBeUndefined();
  });
});

describe("the page's traffic", () => {
  const answered = {
    kind: "answered",
    client: "user",
    method: "GET",
    path: "/",
    status: 200,
    fresh: true,
  } as const;

  test("a window is measured from the newest fresh token of that client", () => {
    const entries = [
      { ...answered, at: 1000, key: undefined },
      { ...answered, at: 3000, key: undefined },
      { ...answered, at: 3500, key: undefined, fresh: false },
      { ...answered, at: 9000, key: undefined, client: "admin" },
    ];

    expect(windowLeft(entries, "user", 5000, 4000)).toBe(4000);
    expect(windowLeft(entries, "user", 5000, 8000)).toBe(0);
    expect(windowLeft(entries, "nobody", 5000, 0)).toBe(0);
  });

  test("neighbouring tokens differ in number, colour and teeth, and never show more than their end", () => {
    const one = describeToken("aaaaaaaaaaaaaaaaabcdefgh", 1);
    const two = describeToken("aaaaaaaaaaaaaaaaaijklmno", 2);

    expect(one.hue).not.toBe(two.hue);
    expect(one.cuts).not.toEqual(two.cuts);
    expect(one.short).toBe("…defgh");
  });

  test("the table says of each entry what its arrow shows", () => {
    const key = describeToken("abcdefgh", 3);

    expect(describeEntry({ ...answered, at: 0, key })).toBe("Server answers 200 with a new one, token 3");
    expect(
      describeEntry({ ...answered, at: 0, key: undefined, status: 401, refusal: "token 1 was replaced" }),
    ).toBe("Server refuses: 401, token 1 was replaced");
    expect(describeEntry({ ...answered, at: 0, key, status: 422, refusal: "Name is too long" })).toBe(
      "Server refuses: 422, Name is too long; with a new one, token 3",
    );
  });
});
