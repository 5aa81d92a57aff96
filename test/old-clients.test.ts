import { createServer } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { authenticateNode, toNodeListener } from "../src/adapters/node.js";
import { testAuth } from "../src/testing/testing.js";

/** How an old client keeps what answers carry, as wire.md section 1 tells: our words for their code. */
interface OldClient {
  /** The headers of the next request. */
  headers(): Record<string, string>;
  /** `kind`: only some clients read every answer. */
  read(answer: Headers, kind: "account" | "other"): void;
}

const five = ["access-token", "token-type", "client", "expiry", "uid"] as const;
const set = (headers: Headers): Record<string, string> =>
  Object.fromEntries(five.map((name) => [name, headers.get(name) ?? ""]));

/** ng-token-auth and angular-token: whole sets only, and none that ends before the one in hand. */
function ngTokenAuth(): OldClient {
  let held: Record<string, string> = {};
  return {
    headers: () => held,
    read(answer) {
      const got = set(answer);
      const isComplete = five.every((name) => (got[name] ?? "").trim() !== "");
      const isOlder = held["expiry"] !== undefined && Number(got["expiry"]) < Number(held["expiry"]);
      if (isComplete && !isOlder) held = got;
    },
  };
}

/** j-toker: a response in which one of the five is not blank takes the place of everything, blanks included. */
function jToker(): OldClient {
  let held: Record<string, string> = {};
  return {
    headers: () => held,
    read(answer) {
      if (Object.values(set(answer)).some((value) => value.trim() !== "")) held = set(answer);
    },
  };
}

/** redux-token-auth: one header after the other, and only after registration, sign-in and validation. */
function reduxTokenAuth(): OldClient {
  const held: Record<string, string> = {};
  return {
    headers: () => ({ ...held }),
    read(answer, kind) {
      if (kind !== "account") return;
      for (const name of five) {
        held[name] = answer.get(name) ?? "undefined";
      }
    },
  };
}

/** vue-auth's driver for devise: packs all five by position into one text, and loses the lot when one is missing. */
function vueAuth(): OldClient {
  let packed = "";
  return {
    headers() {
      const values = packed.split("|");
      return values.length === five.length
        ? Object.fromEntries(five.map((name, i) => [name, values[i] ?? ""]))
        : {};
    },
    read(answer) {
      const values = five.map((name) => answer.get(name));
      if ((values[0] ?? "").trim() === "") return;
      packed = values.filter((value) => value !== null).join("|");
    },
  };
}

const window = 200;
const quietly = { info() {}, warn() {}, error() {} };
let app: Awaited<ReturnType<typeof start>>;

async function start(batchResponses: "repeat" | "omit" = "repeat") {
  const tested = await testAuth({
    models: { user: { mountAt: "/auth", confirmable: false } },
    batchRequestBufferThrottle: window,
    lostResponses: "recover",
    batchResponses,
    now: () => Date.now(),
    logger: quietly,
  });
  const { auth } = tested;
  const server = createServer(
    toNodeListener(auth, async (req, res) => {
      const signedIn = await authenticateNode(auth, "user", req, res);
      if (!signedIn) return;
      // Answers overtake each other.
      await wait(Math.random() * 30);
      if (req.url === "/fails") res.statusCode = 422;
      res.end("in");
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  return {
    origin,
    async close() {
      server.closeAllConnections();
      server.close();
      await auth.close();
    },
  };
}

beforeAll(async () => {
  app = await start();
});
afterAll(() => app.close());

let accounts = 0;

/** A user's hour: bursts of a page's requests, single clicks, pauses, reloads that lose an answer. Returns the statuses. */
async function live(origin: string, client: OldClient, requests: number): Promise<number[]> {
  const statuses: number[] = [];
  const ask = async (path: string, init: RequestInit = {}, isLost = false): Promise<void> => {
    const kind = path.startsWith("/auth") ? "account" : "other";
    const headers = { "content-type": "application/json", ...client.headers() };
    const answer = await fetch(origin + path, { ...init, headers });
    await answer.text();
    statuses.push(answer.status);
    if (!isLost) client.read(answer.headers, kind);
  };
  const account = { email: `old${++accounts}@example.com`, password: "correct horse battery staple" };
  // Registration sends what an empty store holds.
  const junk = { "access-token": "undefined", client: "undefined", uid: "undefined" };
  const registered = await fetch(`${origin}/auth`, {
    method: "POST",
    headers: { "content-type": "application/json", ...junk },
    body: JSON.stringify(account),
  });
  client.read(registered.headers, "account");
  const first = client.headers()["access-token"];
  for (let i = 0; statuses.length < requests; i++) {
    const burst = [1, 2, 1, 8, 3, 1][i % 6] ?? 1;
    const isLost = i % 5 === 4;
    await Promise.all(
      Array.from({ length: burst }, (_, n) => ask(n === 1 ? "/fails" : "/members", {}, isLost)),
    );
    if (i % 6 === 5) await ask("/auth/validate_token");
    await wait([0, 60, 1.2 * window, 10, 0][i % 5]);
  }
  expect(client.headers()["access-token"]).not.toBe(first);
  return statuses;
}

const clients = { ngTokenAuth, jToker, reduxTokenAuth, vueAuth };

describe("an old client that recovers lost answers", () => {
  test.concurrent.each(Object.entries(clients))(
    "is never logged out in a hundred requests with bursts: %s (security 8)",
    async (_name, make) => {
      const client = make();
      const statuses = await live(app.origin, client, 100);
      expect(new Set(statuses)).toEqual(new Set([200, 422]));
      expect(Object.keys(client.headers()).sort()).toEqual([...five].sort());
    },
    30_000,
  );

  test("is not logged out either where the other answers of a batch carry blanks", async () => {
    const omitting = await start("omit");
    const outcomes = await Promise.all(
      // Not j-toker and redux-token-auth, which store the blanks (docs/clients.md).
      [ngTokenAuth(), vueAuth()].map((client) => live(omitting.origin, client, 50)),
    );
    for (const statuses of outcomes) expect(new Set(statuses)).toEqual(new Set([200, 422]));
    await omitting.close();
  }, 30_000);
});
