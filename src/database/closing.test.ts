import { expect, onTestFinished, test } from "vitest";
import { engines } from "../../test/fixtures/databases.js";
import { openProxy } from "../../test/fixtures/tcp-proxy.js";
import { createAuth } from "../auth.js";
import { mysql } from "./mysql/database.js";
import { postgres } from "./postgres/database.js";

const open = { postgres, mysql };

// SQLite is in this process: it always responds. A machine without the servers skips the tests, and the file is not an empty one.
const servers = engines.flatMap(({ name, ...one }) => (name === "sqlite" ? [] : [{ name, ...one }]));

test.for(servers)(
  "on $name, close() ends although the database does not respond, and a statement waits for it (security 54)",
  { timeout: 30_000 },
  async ({ name, missing, create }, { skip }) => {
    skip(missing, "no server");
    const own = await create();
    const proxy = await openProxy(own.url);
    onTestFinished(async () => {
      await proxy.close();
      await own.drop();
    });
    const auth = createAuth({
      baseUrl: "http://localhost:3000",
      environment: "test",
      closeTimeout: "1s",
      database: open[name](proxy.url),
      models: { user: { mountAt: "/auth", confirmable: false } },
    });
    await auth.ready();
    expect(await auth.accounts.find("user", 1)).toBeUndefined();
    proxy.stall();
    const waiting = auth.accounts.find("user", 1).catch(() => "given up");
    const began = performance.now();
    await auth.close();
    expect(performance.now() - began).toBeLessThan(5000);
    await proxy.stop();
    expect(await waiting).toBe("given up");
  },
);
