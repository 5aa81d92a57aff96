import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import type { Auth } from "../auth.js";
import type { Accepted } from "../http/authenticate.js";
import { credentialsOf, testAuth } from "../testing/testing.js";
import { deferHead } from "./defer-head.js";

const models = { user: { mountAt: "/auth", confirmable: false } } as const;

/** Asks a server whose handler is given the answer and who was let in. */
async function answered(handler: (res: ServerResponse, admitted: Accepted) => void): Promise<Response> {
  const tested = await testAuth({ models });
  const auth: Auth<typeof models> = tested.auth;
  const held = credentialsOf(
    await tested.request("POST /auth", { body: { email: "ada@example.com", password: "a long passphrase" } }),
  );
  const server = createServer(async (req: IncomingMessage, res) => {
    const header = (name: string): string | undefined => req.headers[name]?.toString();
    const admitted = await auth.authenticate("user", { method: "GET", url: "/", peer: undefined, header });
    if (admitted.authentication) handler(res, admitted);
    else res.writeHead(401).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return fetch(`http://127.0.0.1:${port}/`, { headers: held });
}

test("once the headers are out, request and answer know nothing of each other", async () => {
  let after: unknown;
  const answer = await answered((res, admitted) => {
    const { writeHead } = res;
    deferHead(admitted, res);
    const during = [res.writeHead === writeHead, admitted.pending.listener === undefined];
    res.writeHead(200).end("done");
    after = [during, res.writeHead === writeHead, admitted.pending.listener];
  });
  expect(await answer.text()).toBe("done");
  expect(after).toEqual([[false, false], true, undefined]);
});

test("another middleware that waits for the headers is asked in its turn, whether it came before or after", async () => {
  const asked: string[] = [];
  const watch = (res: ServerResponse, name: string): void => {
    const { writeHead } = res;
    res.writeHead = ((...args: Parameters<ServerResponse["writeHead"]>) => {
      asked.push(name);
      return writeHead.apply(res, args);
    }) as ServerResponse["writeHead"];
  };
  const answer = await answered((res, admitted) => {
    watch(res, "before");
    deferHead(admitted, res);
    watch(res, "after");
    res.setHeader("cache-control", "public");
    res.end("done");
  });
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(asked).toEqual(["after", "before"]);
});
