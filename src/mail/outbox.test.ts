import { expect, test } from "vitest";
import { createOutbox } from "./outbox.js";

function mailTo(to: string, subject = "Hello") {
  return {
    to,
    from: "no-reply@example.com",
    subject,
    text: "text",
    html: "<p>html</p>",
    headers: { "client-config": "default" },
  };
}

test("an outbox keeps what is sent, newest first, in the shape of the demo's inbox", async () => {
  const outbox = createOutbox();
  await outbox.sendMail(mailTo("ada@example.com", "First"));
  await outbox.sendMail(mailTo("bob@example.com", "Second"));
  const before = Date.now();
  const messages = outbox.messages();
  expect(messages.map((mail) => mail.subject)).toEqual(["Second", "First"]);
  expect(messages[1]).toEqual({ ...mailTo("ada@example.com", "First"), sentAt: expect.any(String) });
  const sentAt = messages[1]?.sentAt ?? "";
  expect(new Date(sentAt).toISOString()).toBe(sentAt);
  expect(Math.abs(Date.parse(sentAt) - before)).toBeLessThan(5_000);
});

test("the filter by address does not care about case", async () => {
  const outbox = createOutbox();
  await outbox.sendMail(mailTo("Ada@Example.com"));
  await outbox.sendMail(mailTo("bob@example.com"));
  expect(outbox.messages({ to: "aDA@example.COM" }).map((mail) => mail.to)).toEqual(["Ada@Example.com"]);
  expect(outbox.messages({ to: "ada@example" })).toEqual([]);
});

test("the oldest mails go when the limit is reached", async () => {
  const outbox = createOutbox({ limit: 2 });
  for (const subject of ["1", "2", "3"]) await outbox.sendMail(mailTo("ada@example.com", subject));
  expect(outbox.messages().map((mail) => mail.subject)).toEqual(["3", "2"]);
});

test("500 mails are kept unless told otherwise", async () => {
  const outbox = createOutbox();
  for (let count = 0; count < 501; count++) await outbox.sendMail(mailTo("ada@example.com", String(count)));
  expect(outbox.messages()).toHaveLength(500);
  expect(outbox.messages().at(-1)?.subject).toBe("1");
});

test("a list that was handed out does not change later, and clear empties the outbox", async () => {
  const outbox = createOutbox();
  await outbox.sendMail(mailTo("ada@example.com"));
  const before = outbox.messages();
  await outbox.sendMail(mailTo("ada@example.com"));
  outbox.clear();
  expect(before).toHaveLength(1);
  expect(outbox.messages()).toEqual([]);
});

test("sendMail works when it is handed on without its outbox", async () => {
  const outbox = createOutbox();
  const { sendMail } = outbox;
  await sendMail(mailTo("ada@example.com"));
  expect(outbox.messages()).toHaveLength(1);
});

test.each([0, -1, 1.5, Number.NaN])("a limit of %s is refused", (limit) => {
  expect(() => createOutbox({ limit })).toThrow(TypeError);
});
