import { type RequestListener, request } from "node:http";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { describe, expect, test } from "vitest";
import { listenerOf } from "../../test/fixtures/adapter-apps.js";
import { frontEnd, signedInAuth } from "../../test/fixtures/guarded.js";
import { listen } from "../../test/fixtures/listening.js";
import * as onExpress from "./express.js";
import * as onFastify from "./fastify.js";
import * as onHono from "./hono.js";
import { afterNodeResponse } from "./kit-node-response.js";
import * as onKoa from "./koa.js";
import { toNodeListener } from "./node.js";

type Fixture = Awaited<ReturnType<typeof signedInAuth>>;

const mounts: Record<string, (auth: Fixture["auth"]) => RequestListener> = {
  "node:http": (auth) => toNodeListener(auth, (_req, res) => res.end("own")),
  Express: (auth) => express().use(onExpress.keyturn(auth)),
  Koa: (auth) => new Koa().use(onKoa.keyturn(auth)).callback(),
  Fastify: (auth) => listenerOf(Fastify().register(onFastify.keyturn(auth))),
  Hono: (auth) => getRequestListener(new Hono().use(onHono.keyturn(auth)).fetch),
};

describe.each(Object.entries(mounts))("an auth route that fails on %s", (_name, mount) => {
  const failures: Record<string, (auth: Fixture["auth"]) => Fixture["auth"]> = {
    "because it throws": (auth) => ({ ...auth, handle: () => Promise.reject(new Error("the disk is full")) }),
    "because its response cannot be read": (auth) => ({
      ...auth,
      handle: async () =>
        new Response(
          new ReadableStream({ start: (controller) => controller.error(new Error("the disk is full")) }),
        ),
    }),
  };
  test.each(Object.entries(failures).slice(0, _name === "Hono" ? 1 : 2))(
    "%s is a 500 in JSON that the front end can read, and a line in the log",
    async (_why, fail) => {
      const { auth, lines } = await signedInAuth();
      const { ask } = await listen(mount(fail(auth)));
      const response = await ask("/auth/sign_in", { method: "POST", headers: { origin: frontEnd } });
      expect(response.status).toBe(500);
      const body = await response.text();
      expect(JSON.parse(body)).toMatchObject({ success: false, errors: [expect.any(String)] });
      expect(body).not.toContain("disk");
      expect(response.headers.get("access-control-allow-origin")).toBe(frontEnd);
      expect(response.headers.get("cache-control")).toContain("no-store");
      expect(lines.map(({ error }) => String(error))).toEqual(["Error: the disk is full"]);
    },
  );
});

describe("work behind a response", () => {
  test("runs once the response is out, in order (security 55)", async () => {
    const done: string[] = [];
    const { ask } = await listen((_req, res) => {
      const afterResponse = afterNodeResponse(res);
      for (const name of ["first", "second"])
        afterResponse(() => void done.push(`${name} ${res.writableFinished}`));
      setImmediate(() => {
        done.push("sent");
        res.end("own");
      });
    });
    await (await ask("/")).text();
    await expect.poll(() => done).toEqual(["sent", "first true", "second true"]);
  });

  test("runs where the client has gone before it got anything, and where it is asked for too late", async () => {
    const done: string[] = [];
    const { port } = await listen((_req, res) => {
      afterNodeResponse(res)(() => {
        done.push("gone");
        afterNodeResponse(res)(() => void done.push("late"));
      });
      asked.destroy();
    });
    const asked = request({ port }).on("error", () => undefined);
    asked.end();
    await expect.poll(() => done).toEqual(["gone", "late"]);
  });

  test("is told to auth.handle by every adapter on Node", async () => {
    for (const mount of Object.values(mounts)) {
      const { auth } = await signedInAuth();
      const seen: unknown[] = [];
      const spied: Fixture["auth"] = {
        ...auth,
        handle: (asked, info) => {
          seen.push(Reflect.get(info ?? {}, "afterResponse"));
          return auth.handle(asked, info);
        },
      };
      await (await listen(mount(spied))).ask("/auth/validate_token");
      expect(seen).toEqual([expect.any(Function)]);
    }
  });
});
