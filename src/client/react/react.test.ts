import { createElement as h, type ReactNode, StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { createBrowser, openServer, person } from "../../../test/fixtures/client-world.js";
import type { Client } from "../types.js";
import { AuthProvider, useAccount, useAuth } from "./react.js";

function Door(): ReactNode {
  const state = useAuth();
  return h("p", null, `${state.status} ${state.account?.email ?? "nobody"}`);
}

function Member(): ReactNode {
  return h("p", null, useAccount({ required: true }).email);
}

function Own({ client }: { readonly client: Client }): ReactNode {
  return h("p", null, useAuth({ client }).status);
}

async function signedInClient() {
  const server = await openServer();
  const client = createBrowser(server).openTab().client();
  await client.signIn(person);
  return client as unknown as Client;
}

describe("on a server", () => {
  test("the snapshot is constant: loading, whatever the client holds", async () => {
    const client = await signedInClient();
    const page = () => renderToString(h(StrictMode, null, h(AuthProvider, { client }, h(Door))));
    expect(page()).toBe("<p>loading nobody</p>");
    await client.signOut();
    expect(page()).toBe("<p>loading nobody</p>");
  });

  test("initial is what is drawn: an account, or nobody", async () => {
    const client = await signedInClient();
    const initial = { id: 7, provider: "email", uid: "x", email: "bob@example.com" };
    expect(renderToString(h(AuthProvider, { client, initial }, h(Door)))).toBe(
      "<p>signed-in bob@example.com</p>",
    );
    expect(renderToString(h(AuthProvider, { client, initial: null }, h(Door)))).toBe(
      "<p>signed-out nobody</p>",
    );
  });

  test("a required account of a stranger throws signed_out", async () => {
    const client = await signedInClient();
    expect(() => renderToString(h(AuthProvider, { client, initial: null }, h(Member)))).toThrow(
      expect.objectContaining({ code: "signed_out" }),
    );
  });

  test("a hook without a provider says so; a client of its own needs none", async () => {
    const client = await signedInClient();
    expect(renderToString(h(Own, { client }))).toBe("<p>loading</p>");
    expect(() => renderToString(h(Door))).toThrow(/AuthProvider/);
  });
});
