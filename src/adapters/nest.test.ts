import "reflect-metadata";
import { Controller, Get, Module, Req } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import { expect, onTestFinished, test } from "vitest";
import { frontEnd, person, signedInAuth } from "../../test/fixtures/guarded.js";
import { authenticate, keyturn } from "./fastify.js";

/** A module whose one controller tells who asks. Decorators are called as functions: the test runner does not compile them. */
class Members {
  show(request: { readonly account?: { readonly email: string } }): object {
    return { email: request.account?.email ?? null };
  }
}
const decorated = Object.getOwnPropertyDescriptor(Members.prototype, "show") ?? {};
Req()(Members.prototype, "show", 0);
Get(["members_only", "open"])(Members.prototype, "show", decorated);
Controller()(Members);
class AppModule {}
Module({ controllers: [Members] })(AppModule);

test("Nest on Fastify mounts the auth routes, and a hook lets accounts in", async () => {
  const { auth, held, carriesNext } = await signedInAuth();
  // As `keyturn init` and docs/adapters.md have it.
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), {
    logger: false,
  });
  await app.register(keyturn(auth));
  const members = authenticate(auth, "user");
  app
    .getHttpAdapter()
    .getInstance()
    .addHook("onRequest", async (request, reply) =>
      request.url.startsWith("/members_only") ? members(request, reply) : undefined,
    );
  await app.listen(0, "127.0.0.1");
  onTestFinished(() => app.close());
  const origin = await app.getUrl();
  const signedIn = await fetch(`${origin}/auth/sign_in`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(person),
  });
  expect([signedIn.status, signedIn.headers.has("access-token")]).toEqual([200, true]);
  const own = await fetch(`${origin}/members_only`, { headers: { ...held, origin: frontEnd } });
  expect([own.status, await own.json(), carriesNext(own)]).toEqual([200, { email: person.email }, true]);
  expect(own.headers.get("access-control-allow-origin")).toBe(frontEnd);
  const refused = await fetch(`${origin}/members_only`);
  expect([refused.status, await refused.json()]).toMatchObject([401, { code: "unauthenticated" }]);
  expect(await (await fetch(`${origin}/open`)).json()).toEqual({ email: null });
});
