import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { createLanguages } from "../config/languages.js";
import { ConfigError } from "../errors.js";
import { createMailComposer, type MailData } from "./render.js";

const languages = createLanguages({
  locales: ["en", "de", "ar"],
  defaultLocale: undefined,
  localeField: "locale",
  chooseLocale: undefined,
  translateResponses: true,
  texts: {},
}).all;
const data: MailData = {
  to: "ada@example.com",
  model: "user",
  account: {},
  url: "https://api.example.com/l",
};

async function composerOf(files: Readonly<Record<string, string>>) {
  const templatesDirectory = await mkdtemp(join(tmpdir(), "keyturn-mail-"));
  for (const [name, source] of Object.entries(files)) {
    await mkdir(dirname(join(templatesDirectory, name)), { recursive: true });
    await writeFile(join(templatesDirectory, name), source);
  }
  const compose = createMailComposer({
    from: "App <a@example.com>",
    appName: "App",
    models: ["user", "admin"],
    languages,
    templatesDirectory,
  });
  return (model: string, language: string) => {
    const spoken = languages.find(({ name }) => name === language);
    if (!spoken) throw new TypeError(`There is no ${language}`);
    return compose("confirmation_instructions", { ...data, model }, spoken).message;
  };
}

async function mistakesIn(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  try {
    await composerOf(files);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const text = (subject: string): string => `Subject: ${subject}\n\n<%~ it.words.text %>\n<%= it.url %>\n`;

test("a file without a language serves all of them, with the words of each", async () => {
  const mail = await composerOf({ "confirmation_instructions.text.eta": text("Mine") });
  expect(mail("user", "de")).toMatchObject({
    subject: "Mine",
    text: expect.stringContaining("Willkommen bei App!"),
  });
  expect(mail("admin", "ar").text).toContain("مرحبًا");
});

test("a file for a language, for a model, or for both serves that alone; the most special one wins", async () => {
  const mail = await composerOf({
    "confirmation_instructions.text.eta": text("all"),
    "confirmation_instructions.de.text.eta": text("German"),
    "admin/confirmation_instructions.text.eta": text("admin"),
    "admin/confirmation_instructions.de.text.eta": text("German admin"),
  });
  const subjects = [
    ["user", "en"],
    ["user", "de"],
    ["admin", "en"],
    ["admin", "de"],
    ["admin", "ar"],
  ] as const;
  expect(subjects.map(([model, language]) => mail(model, language).subject)).toEqual([
    "all",
    "German",
    "admin",
    "German admin",
    "admin",
  ]);
});

test("the page around all mails can be another one for a language", async () => {
  const mail = await composerOf({ "layout.ar.html.eta": "<main><%~ it.body %></main>" });
  expect(mail("user", "ar").html).toMatch(/^<main>/);
  expect(mail("user", "de").html).toMatch(/^<!doctype html>/);
});

test("a file of an unknown language or model is a mistake", async () => {
  const mistakes = await mistakesIn({
    "confirmation_instructions.fr.text.eta": text("x"),
    "guest/layout.html.eta": "<%~ it.body %>",
  });
  expect(mistakes.map((mistake) => mistake.slice(0, 75))).toEqual([
    "mail: confirmation_instructions.fr.text.eta: no mail has a template of this",
    "mail: guest/layout.html.eta: no mail has a template of this name. The names",
  ]);
  expect(mistakes[0]).toContain(
    "A language stands before .text or .html (en, de, ar), a model is a folder (user, admin)",
  );
});

test("a variable or a word that does not exist is a mistake with file and line, also for one language of one model", async () => {
  expect(
    await mistakesIn({
      "confirmation_instructions.html.eta": "<p>\n<%= it.urls %>\n</p>\n<%= it.url %>",
      "admin/unlock_instructions.de.text.eta": "Subject: x\n\n<%= it.url %>\n<%~ it.words.buton %>",
    }),
  ).toEqual([
    expect.stringMatching(
      /^mail: confirmation_instructions\.html\.eta, line 2: it\.urls does not exist\. There are: account, appName/,
    ),
    expect.stringMatching(
      /^mail: admin\/unlock_instructions\.de\.text\.eta, line 4: it\.words\.buton does not exist\./,
    ),
  ]);
});
