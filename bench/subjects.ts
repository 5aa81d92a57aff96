import type { RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import { Hono } from "hono";
import { authenticate as expressAuthenticate, keyturn as expressKeyturn } from "keyturn/express";
import { authenticate as honoAuthenticate, keyturn as honoKeyturn } from "keyturn/hono";
import { authenticateNode, toNodeListener } from "keyturn/node";
import { type Access, authOf, floorOf } from "./auth.js";
import { expressFloor, honoFloor, nodeFloor } from "./floors/frameworks.js";

export const frameworks = ["node", "express", "hono"] as const;
export type Framework = (typeof frameworks)[number];
export type Work = "bare" | "verify" | "rotate";

export interface Subject {
  readonly framework: Framework;
  readonly by: "keyturn" | "floor";
  readonly work: Work;
}

/** In the order of the table; a floor stands before what is measured against it. */
export const subjects: readonly Subject[] = frameworks.flatMap((framework) => [
  { framework, by: "floor", work: "bare" },
  { framework, by: "floor", work: "verify" },
  { framework, by: "keyturn", work: "verify" },
  { framework, by: "floor", work: "rotate" },
  { framework, by: "keyturn", work: "rotate" },
]);

export function nameOf({ framework, by, work }: Subject): string {
  return work === "bare" ? `${framework} bare` : `${framework} ${work} ${by}`;
}

/** The server of a subject: `GET /me` answers one user as JSON. */
export function listenerOf({ framework, by, work }: Subject, access: Access): RequestListener {
  if (work === "bare") return bare[framework]();
  const rotating = work === "rotate";
  return by === "floor"
    ? floors[framework](floorOf(access, rotating))
    : keyturns[framework](access, rotating);
}

const someone = {
  id: 1,
  provider: "email",
  uid: "person0@example.com",
  email: "person0@example.com",
  name: "Person 0",
  nickname: "p0",
  image: "https://images.example.com/0.png",
  created_at: "2026-11-22T00:00:00.000Z",
  updated_at: "2026-11-22T00:00:00.000Z",
};

const bare: Record<Framework, () => RequestListener> = {
  node: () => (_req, res) => sendJson(res, { data: someone }),
  express() {
    const app = express();
    app.get("/me", (_req, res) => void res.json({ data: someone }));
    return app;
  },
  hono() {
    const app = new Hono();
    app.get("/me", (c) => c.json({ data: someone }));
    return getRequestListener(app.fetch);
  },
};

const floors = { node: nodeFloor, express: expressFloor, hono: honoFloor };

// As the quick start says: the auth routes are mounted, and one route is guarded.
const keyturns: Record<Framework, (access: Access, rotating: boolean) => RequestListener> = {
  node(access, rotating) {
    const auth = authOf(access, rotating);
    return toNodeListener(auth, async (req, res) => {
      const signedIn = await authenticateNode(auth, "user", req, res);
      if (signedIn) sendJson(res, { data: signedIn.account });
    });
  },
  express(access, rotating) {
    const auth = authOf(access, rotating);
    const app = express();
    app.use(expressKeyturn(auth));
    app.get("/me", expressAuthenticate(auth, "user"), (req, res) => void res.json({ data: req.account }));
    return app;
  },
  hono(access, rotating) {
    const auth = authOf(access, rotating);
    const app = new Hono();
    app.use(honoKeyturn(auth));
    app.get("/me", honoAuthenticate(auth, "user"), (c) => c.json({ data: c.var.account }));
    return getRequestListener(app.fetch);
  },
};

function sendJson(res: Parameters<RequestListener>[1], value: unknown): void {
  const body = JSON.stringify(value);
  res.writeHead(200, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
  });
  res.end(body);
}
