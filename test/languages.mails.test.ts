import { describe, expect, test } from "vitest";
import { builtInLanguages } from "../src/config/languages.js";
import { testAuth } from "../src/testing/testing.js";

const locale = { type: "string", writable: true } as const;
const models = { user: { mountAt: "/auth", lockable: true, fields: { locale } } } as const;
const ada = {
  email: "ada@example.com",
  password: "a quiet violet hour",
  confirm_success_url: "http://localhost:5173/",
};
const german = { "accept-language": "de" };
const japanese = { "accept-language": "ja" };
const start = () => testAuth({ models, locales: ["en", "de", "ja", "ar"], maximumAttempts: 3 });
type Started = Awaited<ReturnType<typeof start>>;

const subjects = ({ outbox }: Started): readonly string[] => outbox.messages().map(({ subject }) => subject);

async function register(started: Started, more: object = {}): Promise<void> {
  await started.request("POST /auth", { body: { ...ada, ...more }, headers: german });
  await started.auth.handle(new Request(started.linkTo(ada.email)));
}

describe("a mail", () => {
  test("speaks the account's language before that of the browser that asks", async () => {
    const started = await start();
    await register(started, { locale: "ja" });
    await started.request("POST /auth/password", {
      body: { email: ada.email, redirect_url: "http://localhost:5173/" },
      headers: german,
    });
    expect(subjects(started)).toEqual(["新しいパスワードの設定", "メールアドレスの確認"]);
    await started.auth.close();
  });

  test("speaks the language of the browser where its recipient asks, and the account says nothing", async () => {
    const started = await start();
    await register(started);
    await started.request("POST /auth/password", {
      body: { email: ada.email, redirect_url: "http://localhost:5173/" },
      headers: japanese,
    });
    expect(subjects(started)).toEqual(["新しいパスワードの設定", "Bestätigen Sie Ihre E-Mail-Adresse"]);
    await started.auth.close();
  });

  test("that a stranger has caused speaks the default, never the stranger's language", async () => {
    const started = await start();
    await register(started);
    for (let i = 0; i < 3; i++)
      await started.request("POST /auth/sign_in", {
        body: { ...ada, password: `wrong guess ${i}` },
        headers: japanese,
      });
    await started.settled();
    expect(subjects(started)[0]).toBe("Unlock instructions");
    await started.auth.close();
  });

  test("leads to a page in its own language, whatever the browser that opens it speaks", async () => {
    const started = await start();
    await started.request("POST /auth", { body: ada, headers: { "accept-language": "ar" } });
    const link = new URL(started.linkTo(ada.email));
    expect(link.searchParams.get("locale")).toBe("ar");
    link.searchParams.delete("redirect_url");
    const page = await started.auth.handle(new Request(link, { headers: german }));
    const html = await page.text();
    expect(html).toContain('<html lang="ar" dir="rtl">');
    expect(html).toContain("تم تأكيد العنوان");
    expect(page.headers.get("content-language")).toBe("ar");
    await started.auth.close();
  });

  test("names its language for its own page alone: another route reads no locale of its address", async () => {
    const started = await start();
    for (const route of ["GET /auth/validate_token?locale=ar", "GET /auth/sessions?locale=ar"]) {
      const response = await started.request(route, { headers: german });
      expect([route, response.headers.get("content-language")]).toEqual([route, "de"]);
    }
    const link = await started.request("GET /auth/confirmation?locale=ar", { headers: german });
    expect(link.headers.get("content-language")).toBe("ar");
    await started.auth.close();
  });

  test("in Arabic runs from right to left, with addresses that stay whole and the link alone on its line", async () => {
    const started = await start();
    await started.request("POST /auth", { body: ada, headers: { "accept-language": "ar" } });
    const [mail] = started.outbox.messages();
    expect(mail?.html).toContain('<html lang="ar" dir="rtl">');
    expect(mail?.html).toContain("<bdi>ada@example.com</bdi>");
    expect(mail?.html).toContain("text-align:right");
    expect(mail?.text).toContain("\u2068ada@example.com\u2069");
    expect(mail?.text.split("\n")).toContain(started.linkTo(ada.email));
    await started.auth.close();
  });
});

test.each(builtInLanguages)(
  "nothing that the registering person wrote is in any mail in %s",
  async (language) => {
    const started = await testAuth({
      models: { user: { mountAt: "/auth", fields: { name: locale } } },
      locales: [...builtInLanguages],
      mail: {
        from: "Acme <no-reply@example.com>",
        appName: "Acme",
        send: async (mail) => void sent.push(mail),
      },
    });
    const sent: { subject: string; text: string; html: string }[] = [];
    const body = { ...ada, name: "Win a prize at evil.example" };
    await started.request("POST /auth", { body, headers: { "accept-language": language } });
    expect(sent).toHaveLength(1);
    for (const { subject, text, html } of sent) {
      expect(subject).toContain("Acme");
      expect(subject + text + html).not.toMatch(/evil\.example|\{\w+\}|undefined/);
    }
    await started.auth.close();
  },
);
