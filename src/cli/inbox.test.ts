import type { Hono } from "hono";
import { expect, test } from "vitest";
import type { MailMessage } from "../mail/message.js";
import { createOutbox } from "../mail/outbox.js";
import { createInbox } from "./inbox.js";

const mail: MailMessage = {
  to: "ada@example.com",
  from: "demo@example.com",
  subject: "Confirm",
  text: "Hello",
  html: '<!doctype html><html><head lang="en"><title>x</title></head><body><a href="/there">go</a></body></html>',
  headers: { "x-kind": "confirmation" },
};

async function inboxOf(...mails: readonly MailMessage[]) {
  const outbox = createOutbox();
  for (const one of mails) await outbox.sendMail(one);
  return createInbox(outbox);
}

async function newestId(inbox: Hono): Promise<string> {
  const mails = JSON.parse(await (await inbox.request("/messages")).text());
  return mails[0].id;
}

test("mails are listed newest first, with every part and never from a cache", async () => {
  const inbox = await inboxOf(mail, { ...mail, subject: "Second" });
  const answer = await inbox.request("/messages");

  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(await answer.json()).toMatchObject([{ subject: "Second" }, { ...mail, sentAt: expect.any(String) }]);
});

test("the list can be narrowed to one address, blanks and case aside", async () => {
  const inbox = await inboxOf(mail, { ...mail, to: "bob@example.com" });
  const answer = await inbox.request("/messages?to=%20ADA%40example.com");

  expect(await answer.json()).toMatchObject([{ to: "ada@example.com" }]);
});

test("a mail's HTML is a document without scripts and without an origin, whose links leave the frame", async () => {
  const inbox = await inboxOf(mail);
  const id = await newestId(inbox);
  const answer = await inbox.request(`/messages/${id}/html`);
  const policy = answer.headers.get("content-security-policy") ?? "";

  expect(policy).toContain("default-src 'none'");
  expect(policy).toMatch(/sandbox (?!.*allow-scripts)(?!.*allow-same-origin)/);
  expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
  expect(await answer.text()).toBe(
    mail.html.replace('<head lang="en">', '<head lang="en"><base target="_top">'),
  );
});

test("a mail without a head opens its links outside the frame as well", async () => {
  const inbox = await inboxOf({ ...mail, html: "<p>Hello</p>" });
  const id = await newestId(inbox);

  expect(await (await inbox.request(`/messages/${id}/html`)).text()).toBe('<base target="_top"><p>Hello</p>');
});

test("a mail that is not there is a JSON 404", async () => {
  const inbox = await inboxOf();
  const answer = await inbox.request("/messages/nothing/html");

  expect(answer.status).toBe(404);
  expect(await answer.json()).toEqual({ success: false, errors: ["There is no such mail."] });
});

test("the page lists mails newest first, and what stands in them is text and no markup", async () => {
  const inbox = await inboxOf(
    mail,
    { ...mail, subject: "<script>alert(1)</script>" },
    { ...mail, to: '"><img src=x onerror=alert(1)>@example.com', text: "a </pre><b>bold</b> & more" },
  );
  const response = await inbox.request("/");
  const page = await response.text();
  expect(response.headers.get("content-security-policy")).toMatch(/^default-src 'none'; (?!.*script-src)/);
  expect(page).not.toMatch(/<script|<img|<b>bold/);
  expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(page.match(/<iframe/g)).toHaveLength(3);
});

test("the page can be narrowed to one address, and keeps it in the form without running it", async () => {
  const inbox = await inboxOf(mail, { ...mail, to: "bob@example.com", subject: "For Bob" });
  const page = await (await inbox.request("/?to=BOB%40example.com")).text();
  expect(page).toContain("For Bob");
  expect(page).not.toContain("ada@example.com");
  const hostile = await (await inbox.request(`/?to=${encodeURIComponent('"><script>x</script>')}`)).text();
  expect(hostile).not.toContain("<script>");
  expect(hostile).toContain("No mail yet");
});
