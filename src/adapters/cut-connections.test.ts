import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { models, mounts } from "../../test/fixtures/adapter-apps.js";
import { silent } from "../../test/fixtures/http.js";
import { testAuth } from "../testing/testing.js";

/** Sends a request and cuts the connection off (RST), so that the server can read no address of it any more. */
function sendAndCut(port: number, path: string, body: object): Promise<void> {
  const json = JSON.stringify(body);
  const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${json.length}`;
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined).on("close", () => resolve());
    socket.on("connect", () => socket.write(`${head}\r\n\r\n${json}`, () => socket.resetAndDestroy()));
  });
}

test.each(Object.entries(mounts))(
  "%s: who cuts the connection off has no address, and is limited all the same (security 29)",
  async (_name, mount) => {
    const t = await testAuth({
      models,
      groups: { member: ["user", "admin"] },
      rateLimits: true,
      logger: silent,
    });
    const server = createServer(mount(t.auth));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(async () => {
      server.closeAllConnections();
      server.close();
      await t.auth.close();
    });
    const { port } = server.address() as AddressInfo;
    for (let i = 0; i < 25; i++)
      await sendAndCut(port, "/auth/password", {
        email: `p${i}@example.com`,
        redirect_url: "http://localhost:5173/",
      });
    const met = () => t.events.filter(({ name }) => name === "limit.met").map(({ reason }) => reason);
    await vi.waitFor(() => expect(met().length).toBeGreaterThanOrEqual(15), 4000);
    expect(new Set(met())).toEqual(new Set(["mailRequestsByAddress"]));
    // Nobody else is shut out by that.
    const response = await fetch(`http://127.0.0.1:${port}/auth/password`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: "ada@example.com", redirect_url: "http://localhost:5173/" }),
    });
    expect(response.status).toBe(404);
  },
);
