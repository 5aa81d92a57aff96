import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestAuth, testAuth } from "../testing/testing.js";
import { toNodeListener } from "./node.js";

const models = { user: { mountAt: "/auth", confirmable: false } } as const;
const server = createServer((req, res) => listener(req, res));
let tested: TestAuth<typeof models, Record<never, never>>;
let listener: ReturnType<typeof toNodeListener>;
let port: number;

beforeAll(async () => {
  tested = await testAuth({ models });
  listener = toNodeListener(tested.auth, (_req, res) => res.end("the app's own"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await tested.auth.close();
});

/** Sends a body of blanks, piece by piece, as slow or large ones arrive. Without a length, the body is chunked. */
function post(agent: Agent, path: string, size: number, length?: number): Promise<number | undefined> {
  const headers = { "content-type": "application/json", ...(length ? { "content-length": length } : {}) };
  return new Promise((resolve, reject) => {
    const req = request({ port, host: "127.0.0.1", path, method: "POST", agent, headers }, (res) => {
      res.resume().on("end", () => resolve(res.statusCode));
    });
    req.on("error", reject).setTimeout(5000, () => req.destroy(new Error("No answer came")));
    let left = size;
    const more = (): void => {
      while (left > 0) {
        left -= 16_384;
        if (!req.write(Buffer.alloc(16_384, 0x20))) return void req.once("drain", more);
      }
      req.end();
    };
    more();
  });
}

const megabyte = 64 * 16_384;

test.each([
  ["a route that is not there", "/auth/nowhere", 404],
  ["a body that is too large", "/auth/sign_in", 413],
])("a connection goes on behind %s, however much of the body nobody read", async (_why, path, status) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (const length of [megabyte, undefined]) {
    expect(await post(agent, path, megabyte, length)).toBe(status);
    expect(await post(agent, "/auth/sign_in", 16_384)).toBe(400);
  }
  agent.destroy();
});
