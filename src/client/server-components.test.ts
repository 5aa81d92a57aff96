import { describe, expect, test } from "vitest";
import { apiUrl, createBrowser, openServer, person } from "../../test/fixtures/client-world.js";
import type { Settings } from "../config/config.js";
import { cookieStorageIn } from "./cookie-storage.js";
import { createClientIn } from "./create-client.js";

/** A page that a server draws: the statuses of its requests, each time with the cookie of a browser that is given no newer one. */
async function draw(settings: Partial<Settings>, requests: number): Promise<readonly number[]> {
  const server = await openServer(settings);
  const browser = createBrowser(server);
  const tab = browser.openTab();
  await tab.client({ storage: cookieStorageIn(tab.globals) }).signIn(person);
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const place = {
    fetch: (request: Request) => server.answer(request),
    setTimeout,
    clearTimeout,
    Date: { now: () => server.clock.now },
  };
  const onServer = createClientIn(place, { apiUrl, storage: cookieStorageIn({}) });
  const statuses: number[] = [];
  for (let page = 0; page < 4; page++) {
    server.clock.forward("6s");
    const own = onServer.forRequest(new Headers({ cookie }));
    for (let i = 0; i < requests; i++) statuses.push((await own.fetch("/members_only")).status);
  }
  return statuses;
}

describe("pages that a server draws, and that cannot set cookies", () => {
  test.each<[string, Partial<Settings>]>([
    ['with "recover"', { lostResponses: "recover" }],
    ['with "recover", where a batch has one token', { lostResponses: "recover", batchResponses: "omit" }],
    ["without rotation", { changeHeadersOnEachRequest: false }],
  ])("stay signed in, however many requests each of them makes: %s", async (_name, settings) => {
    expect(new Set(await draw(settings, 3))).toEqual(new Set([200]));
  });

  test('are signed out after the first one with "expire", as docs/client.md says', async () => {
    expect(await draw({ lostResponses: "expire" }, 2)).toEqual([200, 200, 401, 401, 401, 401, 401, 401]);
  });
});
