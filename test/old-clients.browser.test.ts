import { execFileSync } from "node:child_process";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, launchChromium } from "./fixtures/browser.js";
import { type StepName, steps, walk } from "./fixtures/old-client-steps.js";
import {
  bundlePages,
  folder,
  isInstalled,
  type OldClientName,
  oldClients,
  openElsewhere,
  openRun,
} from "./fixtures/old-clients.js";
import { firstTable } from "./fixtures/pages.js";

const canRun = chromiumPath !== undefined && (isInstalled() || Boolean(process.env["CI"]));
if (!canRun)
  console.log(`skipped: old clients in a browser (needs Chromium, and "npm ci" in test/old-clients)`);

let browser: Browser;
let scripts: Awaited<ReturnType<typeof bundlePages>>;
beforeAll(async () => {
  if (!canRun) return;
  if (!isInstalled()) execFileSync("npm", ["ci", "--ignore-scripts"], { cwd: folder, stdio: "inherit" });
  scripts = await bundlePages();
  browser = await launchChromium();
}, 120_000);
afterAll(() => browser?.close());

const rows = firstTable("docs/clients.md");

/** What the table of docs/clients.md says of a client with these settings: whether each step works, or that it has no such call. */
function documented(client: OldClientName, lost: string, batch: string): Readonly<Record<string, string>> {
  const column = oldClients.indexOf(client) + 1;
  return Object.fromEntries(
    rows.map((row) => {
      const cell = (row[column] ?? "").replace(/ \(\d\)$/, "");
      const [word = "", ...values] = cell.replaceAll("`", "").split(/ (?:with )?/);
      if (word === "–") return [row[0], "none"];
      const isNamed = values.every((value) => value === lost || value === batch);
      const works = { yes: true, not: !isNamed, only: isNamed || lost === "off" }[word];
      return [row[0], works === undefined ? `unreadable: ${cell}` : works ? "yes" : "no"];
    }),
  );
}

describe.skipIf(!canRun)("ng-token-auth, angular-token, j-toker, redux-token-auth and vue-auth", () => {
  test.each([
    ["recover", "repeat"],
    ["recover", "omit"],
    ["expire", "repeat"],
    ["expire", "omit"],
    ["off", "repeat"],
  ] as const)(
    "work as docs/clients.md says, with lostResponses %s (off: no rotation) and batchResponses %s",
    async (lost, batchResponses) => {
      const rotation =
        lost === "off" ? { changeHeadersOnEachRequest: false } : { lostResponses: lost, batchResponses };
      const walked = await Promise.all(
        oldClients.map(async (name) => {
          const results = await walk(await openRun(browser, scripts, name, rotation));
          const expected = documented(name, lost, batchResponses);
          const wrong = (Object.keys(steps) as StepName[]).flatMap((step) => {
            const result = results[step] === "yes" || results[step] === "none" ? results[step] : "no";
            return result === expected[step] ? [] : [`${step}: ${results[step]}, not ${expected[step]}`];
          });
          expect(Object.keys(expected)).toEqual(Object.keys(steps));
          return [name, wrong] as const;
        }),
      );
      expect(Object.fromEntries(walked)).toEqual(Object.fromEntries(oldClients.map((name) => [name, []])));
    },
    240_000,
  );
});

describe.skipIf(!canRun)("at a server that is not Keyturn", () => {
  const set = (token: string, expiry: string): Record<string, string> => ({
    "access-token": token,
    "token-type": "Bearer",
    client: "c",
    expiry,
    uid: "ada@example.com",
  });
  const later = Math.floor(Date.now() / 1000) + 1000;
  /** As the gem does: a token at the sign-in, a new one, and the blanks of a batch. */
  const headers = (path: string) =>
    path === "/blank" ? set(" ", " ") : path === "/new" ? set("T1", `${later + 1}`) : set("T0", `${later}`);

  test("j-toker forgets its token at the blank one of a batch", async () => {
    const { ask, shown } = await openElsewhere(browser, scripts, "j-toker", headers);
    for (const path of ["/blank", "/any"]) await ask(path);
    expect(shown).toEqual(["T0", ""]);
  });

  test("redux-token-auth never shows the new token of an app's response", async () => {
    const { ask, shown } = await openElsewhere(browser, scripts, "redux-token-auth", headers);
    for (const path of ["/new", "/any"]) await ask(path);
    expect(shown).toEqual(["T0", "T0"]);
  });

  test.each(["ng-token-auth", "angular-token", "vue-auth"] as const)(
    "%s takes the new token, and keeps it at a blank one",
    async (name) => {
      const { ask, shown } = await openElsewhere(browser, scripts, name, headers);
      for (const path of ["/new", "/blank", "/any"]) await ask(path);
      expect(shown.slice(-3)).toEqual(["T0", "T1", "T1"]);
    },
  );
});
