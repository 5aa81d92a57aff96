import { expect, test } from "vitest";
import { en } from "../texts/en.js";
import { english } from "../texts/language.js";
import { escapeHtml } from "./compile.js";
import { mailNames } from "./templates.js";
import { htmlWords, textWords } from "./words.js";

const values = {
  app: "Or&chard",
  to: "ada@example.com",
  provider: "Ex&mple",
  newEmail: "<b>@example.com",
  duration: "1 hour",
};

test("every mail has its words, and every word belongs to a mail", () => {
  expect(Object.keys(en.mails).sort()).toEqual([...mailNames].sort());
});

test.each(mailNames)("%s: no place stays empty, and plain text fits into 72 columns", (name) => {
  const words = textWords(english, name, values);
  for (const text of Object.values(words)) expect(text).not.toMatch(/\{|\}|undefined/);
  const lines = Object.values(words).flatMap((text) => text.split("\n"));
  expect(lines.filter((line) => line.length > 72)).toEqual([]);
});

test("in HTML the values are escaped, and the addresses of the text are bold", () => {
  const words = htmlWords(english, "email_change_notice", values, escapeHtml);
  expect(words["text"]).toMatch(
    /your Or&amp;chard account from <strong [^>]*>ada@example\.com<\/strong> to <strong [^>]*>&lt;b&gt;@example\.com<\/strong>/,
  );
  expect(words["sent_to"]).toBe("Or&amp;chard sent this mail to ada@example.com.");
});

test("without a time limit there is no sentence about it", () => {
  const words = textWords(english, "reset_password_instructions", { ...values, duration: undefined });
  expect(words["valid_for"]).toBeUndefined();
});

test("a word that is longer than a line stands on one of its own", () => {
  const to = `${"a".repeat(60)}@${"b".repeat(60)}.example`;
  const text = textWords(english, "password_changed_notice", { ...values, to })["text"] ?? "";
  expect(text.split("\n")).toContain(to);
});
