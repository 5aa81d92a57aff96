import { Readable } from "node:stream";
import compress from "@fastify/compress";
import cookie from "@fastify/cookie";
import cors from "@fastify/cors";
import etag from "@fastify/etag";
import helmet from "@fastify/helmet";
import multipart from "@fastify/multipart";
import session from "@fastify/session";
import Fastify, { type FastifyInstance } from "fastify";
import { describe, expect, test } from "vitest";
import { listenerOf } from "../../test/fixtures/adapter-apps.js";
import { frontEnd, person, signedInAuth } from "../../test/fixtures/guarded.js";
import { listen } from "../../test/fixtures/listening.js";
import { authenticate, keyturn } from "./fastify.js";

const plugins: Record<string, (app: FastifyInstance) => void> = {
  "@fastify/compress": (app) => void app.register(compress, { threshold: 0 }),
  "@fastify/etag": (app) => void app.register(etag),
  "@fastify/helmet": (app) => void app.register(helmet),
  "@fastify/cors": (app) => void app.register(cors, { origin: "*", exposedHeaders: ["x-total"] }),
  "@fastify/multipart": (app) => void app.register(multipart, { attachFieldsToBody: true }),
  "@fastify/session": (app) => {
    app.register(cookie);
    app.register(session, {
      secret: "a secret that is long enough for it",
      cookie: { secure: false },
    });
  },
  "a hook that makes responses public": (app) =>
    void app.addHook("onSend", async (_request, reply) => {
      reply.header("cache-control", "public, max-age=60");
    }),
};

async function start(place: "before" | "after", plug: (app: FastifyInstance) => void) {
  const fixture = await signedInAuth();
  const app = Fastify();
  if (place === "before") plug(app);
  app.register(keyturn(fixture.auth));
  if (place === "after") plug(app);
  // In a plugin of its own, so that its routes are made when the plugins are there.
  app.register(async (own) => {
    const onRequest = authenticate(fixture.auth, "user");
    own.get("/own", { onRequest }, () => "own".repeat(1000));
    own.get("/stream", { preHandler: onRequest }, () => Readable.from(["own", "own"]));
    own.get("/hijacked", { onRequest }, (_request, reply) => {
      reply.hijack();
      reply.raw.writeHead(200, {
        "set-cookie": "own=1",
        "access-token": "theirs",
        "cache-control": "public",
      });
      reply.raw.end("own");
    });
    own.get("/broken", { onRequest }, async () => {
      throw Object.assign(new Error("broken"), { statusCode: 418 });
    });
  });
  return { ...fixture, ...(await listen(listenerOf(app))) };
}

const signIn = (body: string, type?: string): RequestInit => ({
  method: "POST",
  headers: { origin: frontEnd, ...(type === undefined ? {} : { "content-type": type }) },
  body,
});

describe.each(Object.entries(plugins))("Fastify with %s", (_name, plug) => {
  test.each(["before", "after"] as const)(
    "%s ours: every response carries the credentials",
    async (place) => {
      const { ask, held, clock, carriesNext } = await start(place, plug);
      let next = held;
      let tag = "";
      for (const [path, status] of [
        ["/own", 200],
        ["/own", 304],
        ["/stream", 200],
        ["/hijacked", 200],
        ["/broken", 418],
      ] as const) {
        if (status === 304 && tag === "") continue;
        const revalidation = { "if-none-match": tag, "cache-control": "max-age=0" };
        const headers = { ...next, origin: frontEnd, ...(status === 304 ? revalidation : {}) };
        const response = await ask(path, { headers });
        expect([path, response.status, carriesNext(response)]).toEqual([path, status, true]);
        expect(response.headers.get("access-token")).not.toBe(next["access-token"]);
        expect(response.headers.get("cache-control")).toContain("no-store");
        expect(response.headers.get("access-control-allow-origin")).toBe(frontEnd);
        expect(response.headers.get("access-control-expose-headers")).toContain("access-token");
        tag ||= response.headers.get("etag") ?? "";
        await response.text();
        next = { ...next, "access-token": response.headers.get("access-token") ?? "" };
        clock.forward("6s");
      }
      const signedIn = await ask("/auth/sign_in", signIn(JSON.stringify(person), "application/json"));
      expect([signedIn.status, signedIn.headers.has("access-token")]).toEqual([200, true]);
      expect(await signedIn.json()).toMatchObject({ data: { uid: person.email } });
    },
  );
});

test("what plugins in front do with every response, they do with Keyturn's", async () => {
  const { ask } = await start("before", (app) => {
    plugins["@fastify/helmet"]?.(app);
    plugins["@fastify/session"]?.(app);
  });
  for (const path of ["/auth/validate_token", "/own"]) {
    const response = await ask(path);
    expect([response.status, response.headers.get("x-frame-options")]).toEqual([401, "SAMEORIGIN"]);
    expect(response.headers.getSetCookie()[0]).toMatch(/^sessionId=/);
  }
});
