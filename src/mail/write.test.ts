import { expect, test } from "vitest";
import { testAuth } from "../testing/testing.js";
import type { MailToWrite, WriteMail } from "./message.js";

const person = {
  email: "ada@example.com",
  password: "a quiet violet hour",
  confirm_success_url: "http://localhost:5173/",
};
const quiet = { info() {}, warn() {}, error() {} };

async function mailWrittenBy(write: WriteMail) {
  const sent: { subject: string; text: string; html: string }[] = [];
  const { auth, request, events } = await testAuth({
    logger: quiet,
    locales: ["en", "ar"],
    mail: {
      from: "Test <test@example.com>",
      appName: "Acme",
      write,
      send: async (mail) => void sent.push(mail),
    },
  });
  const answer = await request("POST /auth", { body: person, headers: { "accept-language": "ar" } });
  await auth.close();
  return { answer, mail: sent[0], events: events.map(({ name }) => name) };
}

test("a function is given all that a mail is made of, and its subject, text and HTML are sent", async () => {
  let given: MailToWrite | undefined;
  const { mail } = await mailWrittenBy(async (toWrite) => {
    given = toWrite;
    return { subject: "Mine\nBcc: x", text: `Open ${toWrite.url}`, html: "<p>Mine</p>" };
  });
  expect(mail).toMatchObject({ subject: "Mine Bcc: x", html: "<p>Mine</p>" });
  expect(given).toMatchObject({
    name: "confirmation_instructions",
    language: "ar",
    direction: "rtl",
    model: "user",
    appName: "Acme",
    to: "ada@example.com",
    validFor: "3 أيام",
    words: { button: "تأكيد حسابي", heading: "تأكيد عنوان بريدك الإلكتروني" },
  });
});

test("what it leaves out stays built in, and undefined leaves all of it", async () => {
  const { mail: changed } = await mailWrittenBy(({ name }) =>
    name === "confirmation_instructions" ? { subject: "Mine" } : undefined,
  );
  const { mail: same } = await mailWrittenBy(() => undefined);
  expect(changed?.subject).toBe("Mine");
  expect(changed?.html).toContain('dir="rtl"');
  expect(same?.subject).toBe("تأكيد عنوان بريدك الإلكتروني في Acme");
});

test.each<[string, WriteMail]>([
  ["throws", () => Promise.reject(new Error("no template"))],
  ["forgets the link", () => ({ text: "Welcome!" })],
  ["returns nothing for the HTML", () => ({ html: "" })],
])("a function that %s fails like a mail that was not accepted", async (_, write) => {
  const { answer, mail, events } = await mailWrittenBy(write);
  expect(answer.status).toBe(503);
  expect(mail).toBeUndefined();
  expect(events).toContain("mail.failed");
});
