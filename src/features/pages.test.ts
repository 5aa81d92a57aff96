import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { createLanguage, english } from "../texts/language.js";
import { createPages } from "./pages.js";

const colors = { button: "#123456", buttonText: "#ffffff" };
const look = {
  appName: "émile & <Söhne>",
  light: colors,
  dark: { button: "#abcdef", buttonText: "#000000" },
};
const pages = createPages(look);
const asked = { status: 200, language: english, title: "A <title>", text: "A & text" };

function policyOf({ headers }: ReturnType<typeof pages.render>): string {
  return headers.find(([name]) => name === "content-security-policy")?.[1] ?? "";
}

function sourceOf(element: "style" | "script", html: string): string {
  const text = new RegExp(`<${element}>(.*)</${element}>`, "s").exec(html)?.[1] ?? "";
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

test("a page shows the app's name, its first letter and its colours in both schemes", () => {
  const { html } = pages.render(asked);
  expect(html).toContain("émile &amp; &lt;Söhne&gt;");
  expect(html).toContain('<span aria-hidden="true">É</span>');
  expect(html).toContain("--button: #123456; --on-button: #ffffff");
  expect(html).toContain("--button: #abcdef; --on-button: #000000");
});

test("title and text are escaped", () => {
  const { html } = pages.render(asked);
  expect(html).toContain("<title>A &lt;title&gt;</title>");
  expect(html).toContain("<h1>A &lt;title&gt;</h1>");
  expect(html).toContain('<p id="text">A &amp; text</p>');
});

test("the browser runs what is in the page and nothing else, and sends its form nowhere", () => {
  const page = pages.render(asked);
  expect(policyOf(page)).toBe(
    `default-src 'none'; style-src ${sourceOf("style", page.html)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  expect(page.html).not.toMatch(/url\(|@import|src=|<link/);
});

test("a script is named by its hash, and a form's targets are named", () => {
  const page = pages.render({ ...asked, script: "close()", formTargets: ["'self'", "https://app.example"] });
  expect(policyOf(page)).toContain(`script-src ${sourceOf("script", page.html)};`);
  expect(policyOf(page)).toContain("form-action 'self' https://app.example;");
});

test("a language that runs from right to left does so, and an app's name in letters of its own direction", () => {
  const { html } = pages.render({ ...asked, language: createLanguage("ar", []) });
  expect(html).toContain('<html lang="ar" dir="rtl">');
  expect(html).toContain('<p class="brand" dir="auto">');
});
