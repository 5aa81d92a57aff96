import { mkdtemp, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { sqlite } from "../database/sqlite/sqlite.js";
import { mailNames } from "../mail/templates.js";
import { type PreviewServer, servePreview } from "./preview.js";

let server: PreviewServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function previewOf(mail: object = {}) {
  const sent: unknown[] = [];
  const config = {
    baseUrl: "https://api.example.com",
    database: sqlite("/no/such/folder/app.db"),
    locales: ["en", "de", "ar"],
    resetPasswordWithin: "20m",
    confirmWithin: "2d",
    models: {
      user: { mountAt: "/auth", fields: { name: { type: "string" as const } } },
      admin: { mountAt: "/admin_auth" },
    },
    mail: {
      from: "Acme <no-reply@example.com>",
      appName: "Acme",
      send: async (one: unknown) => void sent.push(one),
      ...mail,
    },
  };
  server = await servePreview(config, {}, 0);
  const { url } = server;
  return { sent, url, get: async (path: string) => (await fetch(url + path)).text() };
}

test("every mail is shown in every language, with subject, text and HTML, and nothing is sent", async () => {
  const { get, sent } = await previewOf();
  for (const mail of mailNames)
    for (const language of ["en", "de", "ar"]) {
      const page = await get(`/?mail=${mail}&language=${language}&model=admin`);
      expect(page).toMatch(/<h1 dir="auto" id="subject">[^<]*Acme[^<]*<\/h1>/);
      expect(page).toContain("<iframe");
      expect(await get(`/mail.html?mail=${mail}&language=${language}`)).toContain(`<html lang="${language}"`);
    }
  expect(sent).toEqual([]);
});

test("the first page leads to all others", async () => {
  const { get } = await previewOf();
  const page = await get("/");
  for (const part of [...mailNames.slice(1), "model=admin", "language=de", "language=ar", "size=long"])
    expect(page).toContain(part);
});

test.each([
  ["reset_password_instructions", "20 minutes"],
  ["unlock_instructions", "1 day"],
  ["confirmation_instructions", "2 days"],
  ["provider_confirmation_instructions", "2 days"],
  ["email_change_instructions", "2 days"],
])("%s says how long its own link is valid", async (mail, duration) => {
  const { get } = await previewOf();
  expect(await get(`/?mail=${mail}`)).toContain(`valid for ${duration}.`);
});

test("a long address and a long link are shown too", async () => {
  const { get } = await previewOf();
  expect(await get("/?mail=confirmation_instructions&size=long")).toMatch(
    /\nhttps:\/\/api\.example\.com\/auth\/sample\S{500,}\n/,
  );
});

test("a template that carries the words of whoever registers to an address that nobody has proven is marked", async () => {
  const templatesDirectory = await mkdtemp(join(tmpdir(), "keyturn-mail-"));
  const template = "Subject: Hi\n\nHi <%= it.account.name %>\n<%= it.url %>\n";
  await writeFile(join(templatesDirectory, "confirmation_instructions.text.eta"), template);
  await writeFile(join(templatesDirectory, "reset_password_instructions.text.eta"), template);
  const { get } = await previewOf({ templatesDirectory });
  expect(await get("/?mail=confirmation_instructions")).toContain("has proven yet, and prints name:");
  expect(await get("/?mail=reset_password_instructions")).not.toContain("has proven yet");
});

test("an edit shows when the page is loaded again, and a mistake is told there", async () => {
  const templatesDirectory = await mkdtemp(join(tmpdir(), "keyturn-mail-"));
  const { get } = await previewOf({ templatesDirectory });
  await writeFile(join(templatesDirectory, "button.html.eta"), '<a href="<%= it.url %>">Edited</a>');
  expect(await get("/mail.html?mail=confirmation_instructions")).toContain(">Edited</a>");
  await writeFile(join(templatesDirectory, "button.html.eta"), "\n<%= it.link %>");
  expect(await get("/mail.html?mail=confirmation_instructions")).toContain(
    "button.html.eta, line 2: it.link does not exist",
  );
});

test("a page of another site whose name was made to point here gets nothing", async () => {
  const { url } = await previewOf();
  const status = await new Promise((resolve, reject) => {
    request(url, { headers: { host: "evil.example" } }, ({ statusCode }) => resolve(statusCode))
      .on("error", reject)
      .end();
  });
  expect(status).toBe(404);
});
