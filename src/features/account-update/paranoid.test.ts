import { afterEach, describe, expect, test } from "vitest";
import { bodyOf, password } from "../../../test/fixtures/http.js";
import { credentialsOf, testAuth } from "../../testing/testing.js";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Two accounts; the second one asks for an address. */
async function start(reconfirmable: boolean, paranoid: boolean) {
  const models = { user: { mountAt: "/auth", reconfirmable } } as const;
  const t = await testAuth({ models, paranoid, checkCurrentPasswordBeforeUpdate: false });
  closing.push(() => t.auth.close());
  for (const email of ["taken@example.com", "eve@example.com"])
    await t.auth.accounts.create("user", { email, password }, { confirmed: true });
  const body = { email: "eve@example.com", password };
  const headers = credentialsOf(await t.request("POST /auth/sign_in", { body }));
  const ask = async (email: string) => {
    const response = await t.request("PUT /auth", { headers, body: { email } });
    const { data, errors } = await bodyOf(response);
    return { status: response.status, email: data?.["email"], errors };
  };
  const mailsTo = async (to: string) => {
    await t.settled();
    return t.outbox.messages({ to }).map(({ subject }) => subject);
  };
  return { ...t, ask, mailsTo };
}

describe("paranoid: a change of address", () => {
  test("is answered alike for a free address and a taken one, whose owner is told (security 30)", async () => {
    const { ask, mailsTo, auth } = await start(true, true);
    const [free, taken] = [await ask("free@example.com"), await ask("taken@example.com")];
    expect(taken).toEqual(free);
    expect(taken).toEqual({ status: 200, email: "eve@example.com", errors: undefined });
    expect(await mailsTo("free@example.com")).toEqual(["Email change instructions"]);
    expect(await mailsTo("taken@example.com")).toEqual(["You already have an account"]);
    expect(await mailsTo("eve@example.com")).toEqual(["Email change requested", "Email change requested"]);
    expect(await auth.accounts.findByEmail("user", "taken@example.com")).toMatchObject({ id: 1 });
  });

  test("says that it is taken where no link has to prove it, and out of paranoid mode", async () => {
    for (const [reconfirmable, paranoid] of [
      [false, true],
      [true, false],
    ] as const) {
      const { ask, mailsTo } = await start(reconfirmable, paranoid);
      expect((await ask("taken@example.com")).status).toBe(422);
      expect(await mailsTo("taken@example.com")).toEqual([]);
    }
  });

  test("to a taken address is refused to your own code, which may know", async () => {
    const { auth } = await start(true, true);
    await expect(auth.accounts.update("user", 2, { email: "taken@example.com" })).rejects.toMatchObject({
      code: "invalid",
    });
  });
});
