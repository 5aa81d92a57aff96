import { expect, test } from "vitest";
import type { Account, Model } from "../accounts/models.js";
import { createRegistry } from "../accounts/models.js";
import { createLanguages } from "../config/languages.js";
import type { MailContents } from "../features/services.js";
import { createMailer } from "./mailer.js";
import type { MailMessage } from "./message.js";
import { mailKindOf } from "./previews.js";
import { createMailComposer } from "./render.js";

const [model] = createRegistry(
  { user: { mountAt: "/auth", fields: { locale: { type: "string" } } } },
  {},
).models;
const account: Account = {
  id: 1,
  provider: "email",
  uid: "ada@example.com",
  email: "ada@example.com",
  created_at: "",
  updated_at: "",
};

/** Sends a mail, and returns it. */
async function sent(
  name: string,
  more: { account?: object; header?: MailContents["header"] },
): Promise<MailMessage> {
  const languages = createLanguages({
    locales: ["en", "de", "ja"],
    defaultLocale: undefined,
    localeField: "locale",
    chooseLocale: undefined,
    translateResponses: true,
    texts: {},
  });
  const mails: MailMessage[] = [];
  const mailer = createMailer({
    baseUrl: "https://api.example.com",
    compose: createMailComposer({ from: "App <a@example.com>", appName: "App", languages: languages.all }),
    languages,
    write: undefined,
    count: async () => undefined,
    send: async (mail) => void mails.push(mail),
    emit: () => undefined,
    onError: () => undefined,
  });
  const kind = mailKindOf(name);
  if (!kind) throw new TypeError(`There is no mail ${name}`);
  const link = kind.carriesLink
    ? { link: { path: "/unlock", query: { unlock_token: "abc" } }, validFor: 3_600_000 }
    : {};
  await mailer(
    kind,
    model as Model,
    { ...account, ...more.account },
    { to: "ada@example.com", ...link, ...(more.header ? { header: more.header } : {}) },
  );
  const [mail] = mails;
  if (!mail) throw new Error("No mail was sent");
  return mail;
}

test("a mail that nobody's request has caused speaks the account's language, or the default", async () => {
  expect((await sent("password_changed_notice", {})).subject).toBe("Password changed");
  expect((await sent("password_changed_notice", { account: { locale: "de-CH" } })).subject).toBe(
    "Ihr Passwort wurde geändert",
  );
});

test("a language that the account names and nobody speaks gives way to the browser's", async () => {
  const header = (name: string) => (name === "accept-language" ? "ja" : undefined);
  expect((await sent("password_changed_notice", { account: { locale: "sv" }, header })).subject).toBe(
    "パスワードの変更完了",
  );
});

test("the link carries the language of the mail, and its time is told in it", async () => {
  const { text } = await sent("unlock_instructions", { account: { locale: "de" } });
  expect(text.split("\n")).toContain("https://api.example.com/auth/unlock?unlock_token=abc&locale=de");
  expect(text).toContain("Der Link ist 1 Stunde lang gültig.");
});
