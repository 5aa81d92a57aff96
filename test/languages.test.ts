import { createServer } from "node:http";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { authenticate as honoAuthenticate, keyturn as honoKeyturn } from "../src/adapters/hono.js";
import { authenticateNode, toNodeListener } from "../src/adapters/node.js";
import type { AuthConfig } from "../src/config/config.js";
import { AuthError } from "../src/errors.js";
import { testAuth } from "../src/testing/testing.js";
import { bodyOf } from "./fixtures/http.js";

const locale = { type: "string", writable: true } as const;
const models = { user: { mountAt: "/auth", fields: { name: locale, locale } } } as const;
const ada = {
  email: "ada@example.com",
  password: "a quiet violet hour",
  confirm_success_url: "http://localhost:5173/",
};
const locales = ["en", "de", "pt-BR", "zh-CN", "ar", "ja"];
const german = { "accept-language": "de-AT, en;q=0.5" };
const start = (settings: Partial<AuthConfig<typeof models>> = {}) =>
  testAuth({ models, locales, ...settings });

/** The language of a response, and by what it varies. */
const told = ({ headers }: Response) => [headers.get("content-language"), headers.get("vary")];

describe("without locales", () => {
  test("whatever a browser asks for, everything is English, and no header tells of languages", async () => {
    const { auth, request, outbox } = await testAuth();
    const answer = await request("POST /auth/sign_in", { body: ada, headers: german });
    expect((await bodyOf(answer)).errors).toEqual(["Invalid login credentials. Please try again."]);
    expect(told(answer)).toEqual([null, "Origin"]);
    await request("POST /auth", { body: ada, headers: german });
    expect(outbox.messages()[0]?.subject).toBe("Confirmation instructions");
    expect(outbox.messages()[0]?.text).not.toContain("locale=");
    await auth.close();
  });
});

describe("responses", () => {
  test("speak the language that the browser asks for, and their codes stay", async () => {
    const { auth, request } = await start();
    const answer = await request("POST /auth/sign_in", { body: ada, headers: german });
    expect(await bodyOf(answer)).toMatchObject({
      errors: ["Die Anmeldedaten sind ungültig. Bitte versuchen Sie es noch einmal."],
      code: "invalid_credentials",
    });
    expect(told(answer)).toEqual(["de", "Origin, Accept-Language"]);
    await auth.close();
  });

  test("tell their language also where nobody asked for one, on redirects, and where there is no such route", async () => {
    const { auth, request, linkTo } = await start({ defaultLocale: "de" });
    await request("POST /auth", { body: ada });
    const redirect = await auth.handle(new Request(linkTo(ada.email)));
    expect(redirect.status).toBe(302);
    for (const answer of [
      redirect,
      await request("GET /auth/nowhere"),
      await request("GET /elsewhere"),
      await request("DELETE /auth/sign_in"),
    ])
      expect(told(answer)).toEqual(["de", "Origin, Accept-Language"]);
    await auth.close();
  });

  test("speak the account's language before the browser's once somebody is signed in", async () => {
    const { auth, request } = await start({
      models: { user: { ...models.user, confirmable: false } } as never,
    });
    const signedUp = await request("POST /auth", { body: { ...ada, locale: "pt-PT" } });
    const names = ["access-token", "client", "uid"];
    const held = Object.fromEntries(names.map((name) => [name, signedUp.headers.get(name) ?? ""]));
    const answer = await request("PUT /auth", { body: {}, headers: { ...held, ...german } });
    expect((await bodyOf(answer)).errors).toEqual([
      "Envie os dados da alteração da conta no corpo da requisição.",
    ]);
    expect(told(answer)).toEqual(["pt-BR", "Origin, Accept-Language"]);
    await auth.close();
  });

  test("speak the language that the app's function names; one that throws or names nonsense is passed over", async () => {
    const { auth, request } = await start({
      logger: { info() {}, warn() {}, error() {} },
      chooseLocale({ header }) {
        if (header("x-app-language") === "broken") throw new Error("no idea");
        return header("x-app-language");
      },
    });
    const languageFor = async (named: string) =>
      told(await request("GET /auth/nowhere", { headers: { ...german, "x-app-language": named } }))[0];
    expect([await languageFor("ja"), await languageFor("xx-nonsense"), await languageFor("broken")]).toEqual([
      "ja",
      "de",
      "de",
    ]);
    await auth.close();
  });

  test("stay English as JSON where an app wants that, while mails and pages do not", async () => {
    const { auth, request, outbox } = await start({ translateResponses: false });
    const answer = await request("POST /auth/sign_in", { body: ada, headers: german });
    expect((await bodyOf(answer)).errors).toEqual(["Invalid login credentials. Please try again."]);
    expect(told(answer)[0]).toBe("en");
    await request("POST /auth", { body: ada, headers: german });
    expect(outbox.messages()[0]?.subject).toBe("Bestätigen Sie Ihre E-Mail-Adresse");
    await auth.close();
  });

  test("of a guard on the app's own route do the same, and the app's own Vary is kept", async () => {
    const { auth } = await start();
    const server = createServer(
      toNodeListener(auth, async (req, res) => {
        res.setHeader("vary", "Accept-Encoding");
        if (await authenticateNode(auth, "user", req, res)) res.end("in");
      }),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const answer = await fetch(`http://127.0.0.1:${port}/own`, { headers: german });
    expect(answer.status).toBe(401);
    expect(told(answer)).toEqual(["de", "Accept-Encoding, Origin, Accept-Language"]);
    expect((await bodyOf(answer)).errors).toEqual([
      "Bitte melden Sie sich an oder registrieren Sie sich, um fortzufahren.",
    ]);
    await new Promise((resolve) => server.close(resolve));
    const app = new Hono()
      .use(honoKeyturn(auth))
      .get("/own", honoAuthenticate(auth, "user"), (context) => context.text("in"));
    expect(told(await app.request("/own", { headers: german }))).toEqual(["de", "Origin, Accept-Language"]);
    await auth.close();
  });
});

describe("validation", () => {
  const wrong = { email: "x", password: "short", password_confirmation: "other", name: "n".repeat(300) };

  test("has a short text beside each field and whole sentences with its label, in the order of the model", async () => {
    const { auth, request } = await start({ texts: { ja: { fields: { name: "お名前" } } } });
    const answer = await request("POST /auth", {
      body: { ...ada, ...wrong },
      headers: { "accept-language": "ja" },
    });
    expect((await bodyOf(answer)).errors).toEqual({
      email: ["メールアドレスではありません"],
      password: ["短すぎます（8 文字以上）"],
      password_confirmation: ["パスワードと一致しません"],
      name: ["長すぎます（255 文字以内）"],
      full_messages: [
        "メールアドレスがメールアドレスではありません",
        "パスワードは 8 文字以上で入力してください",
        "パスワード（確認）がパスワードと一致しません",
        "お名前は 255 文字以内で入力してください",
      ],
    });
    await auth.close();
  });

  test("a refusal of the app has its own words in each language, and its message where there are none", async () => {
    const { auth, request } = await start({
      texts: {
        de: {
          refusals: {
            not_invited: { short: "ist nicht eingeladen", whole: "{field} ist leider nicht eingeladen" },
          },
        },
      },
      hooks: {
        user: {
          beforeCreate() {
            throw new AuthError("invalid", {
              problems: { email: { code: "not_invited", message: "is not invited" } },
            });
          },
        },
      },
    });
    const full = async (language: string) => {
      const { errors, codes } = await bodyOf(
        await request("POST /auth", { body: ada, headers: { "accept-language": language } }),
      );
      return [errors["email"], errors["full_messages"], codes["email"]];
    };
    expect(await full("de")).toEqual([
      ["ist nicht eingeladen"],
      ["E-Mail-Adresse ist leider nicht eingeladen"],
      ["not_invited"],
    ]);
    expect(await full("en")).toEqual([["is not invited"], ["Email is not invited"], ["not_invited"]]);
    expect(await full("ja")).toEqual([
      ["is not invited"],
      ["メールアドレス: is not invited"],
      ["not_invited"],
    ]);
    await auth.close();
  });

  test("a page escapes the words of an app, and a misspelt key does not compile", async () => {
    const { auth, request } = await start({
      texts: { de: { pages: { link_unusable: { title: "A < B & C" } } } },
    });
    const page = await request("GET /auth/confirmation?confirmation_token=wrong", { headers: german });
    expect(await page.text()).toContain("<h1>A &lt; B &amp; C</h1>");
    // @ts-expect-error There is no text of this name.
    await expect(start({ texts: { de: { errors: { lockd: "x" } } } })).rejects.toThrow(
      "did you mean locked?",
    );
    await auth.close();
  });

  test("an English sentence that an app has changed is changed without locales too", async () => {
    const { auth, request } = await testAuth({ texts: { en: { problems: { not_an_email: "looks odd" } } } });
    const answer = await request("POST /auth", { body: { ...ada, email: "x" } });
    expect((await bodyOf(answer)).errors["email"]).toEqual(["looks odd"]);
    await auth.close();
  });
});
