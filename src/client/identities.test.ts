import { describe, expect, test } from "vitest";
import { ada, password } from "../../test/fixtures/http.js";
import { app, startOAuth } from "../../test/fixtures/oauth.js";
import { createClientIn } from "./create-client.js";
import { identities, removeIdentity } from "./identities.js";

/** Somebody who has signed in with a provider, by the redirect that it led to. */
async function signedInWithProvider(registered: boolean) {
  const { auth, request, linkTo, clock, browser } = await startOAuth();
  if (registered) {
    await request("POST /auth", { body: { ...ada, confirm_success_url: app } });
    await auth.handle(new Request(linkTo(ada.email)));
  }
  const place = {
    fetch: (sent: Request) => auth.handle(sent),
    setTimeout,
    clearTimeout,
    Date: { now: () => clock.now },
  };
  const client = createClientIn(place, { apiUrl: "http://localhost:3000", storage: "memory" });
  const handed = await browser().signIn("/auth/example");
  await client.handleUrl(handed.headers.get("location") ?? "");
  return { client, clock };
}

describe("identities", () => {
  test("are listed, and one is removed: with the password where the sign-in was long ago", async () => {
    const { client, clock } = await signedInWithProvider(true);
    const [identity] = await identities(client);
    expect(identity).toMatchObject({ provider: "example", uid: "ada-1815", email: ada.email });
    clock.forward("11m");
    const id = identity?.id ?? "";
    await expect(removeIdentity(client, id)).rejects.toMatchObject({ code: "reauthentication_required" });
    await removeIdentity(client, id, { currentPassword: password });
    expect(await identities(client)).toEqual([]);
    expect(client.state.status).toBe("signed-in");
  });

  test("the last way in stays, an unknown one is named, and a stranger has none", async () => {
    const { client } = await signedInWithProvider(false);
    const [identity] = await identities(client);
    await expect(removeIdentity(client, identity?.id ?? "")).rejects.toMatchObject({
      code: "last_sign_in_method",
      status: 422,
    });
    await expect(removeIdentity(client, "a/b")).rejects.toMatchObject({ code: "identity_not_found" });
    await client.signOut();
    await expect(identities(client)).rejects.toMatchObject({ code: "signed_out" });
  });

  test("an abort passes through", async () => {
    const { client } = await signedInWithProvider(false);
    await expect(identities(client, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});
