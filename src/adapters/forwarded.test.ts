import { createServer, request } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { models, mounts, type OurAuth } from "../../test/fixtures/adapter-apps.js";
import { silent } from "../../test/fixtures/http.js";
import { testAuth } from "../testing/testing.js";

/** Behind a proxy that is listed, several header lines are one list, whichever framework reads them (case 1). */

const loopback = ["127.0.0.0/8", "::1"];

test.each(
  Object.entries(mounts).flatMap(([name, mount]) => [
    { name, mount, trustedProxies: loopback, address: "198.51.100.7" },
    { name, mount, trustedProxies: [], address: "127.0.0.1" },
  ]),
)("$name, proxies $trustedProxies: the address is $address", async ({ mount, trustedProxies, address }) => {
  const tested = await testAuth({
    models,
    groups: { member: ["user", "admin"] },
    logger: silent,
    trustedProxies,
  });
  const server = createServer(mount(tested.auth as unknown as OurAuth));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await tested.auth.close();
  });
  const at = server.address();
  const port = typeof at === "object" && at ? at.port : 0;
  const body = JSON.stringify({ email: "ada@example.com", password: "a wrong guess" });
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const headers = {
      "content-type": "application/json",
      "content-length": String(body.length),
      // The first two are the client's own; the proxy added a line of its own.
      "x-forwarded-for": ["66.6.6.6, 66.6.6.7", "198.51.100.7"],
    };
    request({ port, host: "127.0.0.1", path: "/auth/sign_in", method: "POST", headers }, (answer) => {
      answer.resume().on("end", () => resolve(answer.statusCode));
    })
      .on("error", reject)
      .end(body);
  });
  expect(status).toBe(401);
  expect(tested.events.at(-1)).toMatchObject({ name: "sign_in.failed", address });
});
