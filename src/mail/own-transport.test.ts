import { expect, test } from "vitest";
import { testAuth } from "../testing/testing.js";
import type { MailMessage } from "./message.js";

test("a function that sends is given the headers too, an id of the sender's domain among them, other for each mail (shape 21)", async () => {
  const sent: MailMessage[] = [];
  const { auth, request } = await testAuth({
    mail: { from: "Orchard <no-reply@mail.orchard.example>", send: async (mail) => void sent.push(mail) },
  });
  for (const name of ["ada", "bea"])
    await request("POST /auth", {
      body: {
        email: `${name}@example.com`,
        password: "a quiet violet hour",
        confirm_success_url: "http://localhost:5173/",
      },
    });
  const headers = sent.map((mail) => mail.headers);
  expect(headers).toHaveLength(2);
  for (const one of headers) {
    expect(one["message-id"]).toMatch(/^<[^<>@\s]+@mail\.orchard\.example>$/);
    expect(one["auto-submitted"]).toBe("auto-generated");
    expect(Object.keys(one).join()).not.toMatch(/unsubscribe/i);
  }
  for (const name of ["message-id", "x-entity-ref-id"])
    expect(headers[0]?.[name]).not.toBe(headers[1]?.[name]);
  await auth.close();
});
