import { expect, test } from "vitest";
import type { MailMessage } from "../mail/message.js";
import { chooseTransport } from "./mail-transport.js";

const warnings: string[] = [];
const logger = { info() {}, error() {}, warn: (_details: object, message: string) => warnings.push(message) };
const message: MailMessage = {
  to: "ada@example.com",
  from: "test@example.com",
  subject: "Hello",
  text: "Hello",
  html: "<p>Hello</p>",
  headers: {},
};
const development = { smtpUrl: undefined, production: false, logger };

test("outside production mails are caught if no transport is configured", async () => {
  const { mail, outbox } = chooseTransport({ from: "Me <me@example.com>", appName: "Mine" }, development);
  await mail.send?.(message);
  expect(outbox?.messages()).toMatchObject([{ subject: "Hello" }]);
  expect(mail).toMatchObject({ from: "Me <me@example.com>", appName: "Mine" });
});

test.each([
  ["the configuration's own transport", { from: "a@example.com", send: async () => {} }, undefined],
  ["a URL of an SMTP server", undefined, "smtp://127.0.0.1:1"],
  ["both", { from: "a@example.com", send: async () => {} }, "smtp://127.0.0.1:1"],
])("with %s nothing is caught, and there is no inbox", (_name, configured, smtpUrl) => {
  expect(chooseTransport(configured, { ...development, smtpUrl }).outbox).toBeUndefined();
});

test("in production a missing transport is a warning at the start and an error with each mail", async () => {
  const { mail, outbox } = chooseTransport(undefined, { ...development, production: true });
  expect(outbox).toBeUndefined();
  expect(warnings).toEqual([expect.stringContaining("set SMTP_URL")]);
  await expect(mail.send?.(message)).rejects.toThrow("There is no mail transport");
});
