import { describe, expect, test } from "vitest";
import { newEmail, startAccounts } from "../../test/fixtures/accounts.js";
import { password } from "../../test/fixtures/http.js";

describe("accounts.list", () => {
  test("shows accounts with their state and no hash, page by page, and how many a search finds (shape 31)", async () => {
    const one = await startAccounts();
    const names = ["Ann_1", "ANNA", "Bea", "ann", "Cleo"];
    for (const name of names) {
      const values = { email: newEmail(), password, name };
      await one.auth.accounts.create("user", values, { confirmed: name !== "ann" });
    }
    const list = one.auth.accounts.list;
    const first = await list("user", { search: "ann", limit: 2 });
    expect(first.accounts.map(({ account }) => account.name)).toEqual(["Ann_1", "ANNA"]);
    expect([first.total, first.next]).toEqual([3, first.accounts[1]?.account.id]);
    const last = await list("user", { search: "ann", limit: 2, after: first.next ?? "" });
    expect(last).toMatchObject({ total: 3, next: undefined, accounts: [{ confirmedAt: null }] });
    expect((await list("user", { search: "n_1" })).total).toBe(1);
    expect((await list("user")).total).toBe(5);
    expect((await list("user", { search: "\0" })).total).toBe(0);
    expect(JSON.stringify(await list("user"))).not.toMatch(/argon2|hash/);
    for (const limit of [0, -1, 1.5, 1001, Number.NaN])
      await expect(list("user", { limit })).rejects.toThrow('"limit"');
    const wrong = [null, "ann", { search: {} }, { search: null }, { search: ["ann"] }] as never[];
    for (const query of wrong) await expect(list("user", query)).rejects.toThrow(/"(search|query)" must be/);
    expect((await list("user", { search: "a".repeat(255) })).total).toBe(0);
    for (const length of [256, 100_000])
      await expect(list("user", { search: "a".repeat(length) })).rejects.toThrow(
        new TypeError('"search" must be a text of at most 255 characters'),
      );
    await expect(list("user", { after: "x" })).rejects.toThrow('"after"');
    await one.auth.close();
  });
});
