import { describe, expect, test } from "vitest";
import { contrastOf } from "../config/mail-colors.js";
import { resolveConfig } from "../config/resolve.js";
import { sqlite } from "../database/sqlite/sqlite.js";
import { ConfigError } from "../errors.js";
import { createMailRenderer, type MailData } from "./render.js";
import { carriesLink, mailNames } from "./templates.js";

const sender = { from: "Orchard <no-reply@mail.orchard.example>", appName: "Orchard" };
const data: MailData = {
  to: "ada@example.com",
  model: "user",
  account: {},
  url: "https://api.orchard.example/auth/confirmation?confirmation_token=abc",
  newEmail: "new@example.com",
};

function mistakesIn(mail: object): readonly string[] {
  try {
    resolveConfig({
      baseUrl: "https://api.example.com",
      database: sqlite(":memory:"),
      models: { user: { mountAt: "/auth" } },
      mail: { from: "App <no-reply@example.com>", ...mail },
    });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test("subjects name the app where it has told its name", () => {
  const render = createMailRenderer({ ...sender, subjectsNameApp: true });
  expect(render("confirmation_instructions", data).subject).toBe("Confirm your email address for Orchard");
  for (const name of mailNames) expect(render(name, data).subject).toContain("Orchard");
});

describe("colours", () => {
  test.each([
    [{ button: "#0f6b5c" }, []],
    [{ button: "#ffd400" }, []],
    [{ button: "#777777", darkButton: "#000000" }, []],
    [{ button: "#ffd400", buttonText: "#ffffff" }, ["mail.colors.buttonText", "mail.colors.darkButtonText"]],
    [{ darkButton: "#ffd400", darkButtonText: "#eeeeee" }, ["mail.colors.darkButtonText"]],
  ])("%j: the button can be read in both schemes, or the start says where it cannot", (colors, places) => {
    expect(mistakesIn({ colors }).map((mistake) => mistake.split(":")[0])).toEqual(places);
  });

  test("a mistake says how far off it is, and what would do", () => {
    expect(
      mistakesIn({
        colors: {
          button: "#ffd400",
          buttonText: "#ffffff",
          darkButton: "#000000",
          darkButtonText: "#ffffff",
        },
      }),
    ).toEqual([
      "mail.colors.buttonText: #ffffff on button #ffd400 has a contrast of 1.4, and text needs 4.5 (WCAG 2.2 §1.4.3); #000000 has 14.7",
    ]);
  });

  test("contrast is that of the specification", () => {
    expect(contrastOf("#000000", "#ffffff")).toBeCloseTo(21);
    expect(contrastOf("#777777", "#ffffff")).toBeCloseTo(4.478, 3);
  });

  test("the button has them in both schemes, with a border that no scheme swallows; a link has those that can be read", () => {
    const { html } = createMailRenderer({ ...sender, colors: { button: "#ffd400", darkButton: "#333333" } })(
      "confirmation_instructions",
      data,
    );
    expect(html).toContain("border:1px solid #000000;border-radius:10px;background-color:#ffd400");
    expect(html).toContain(".button a, .tile { color: #ffffff !important; }");
    expect(html).toContain(
      'class="link" href="https://api.orchard.example/auth/confirmation?confirmation_token=abc" style="color:#1d2125',
    );
    expect(html).toContain(".link { color: #f3f5f6 !important; }");
  });
});

describe("a logo", () => {
  const logo = { src: "https://orchard.example/logo.png", width: 120, height: 32 };

  test("has its sizes, the app's name in its place, and a plate in the dark", () => {
    const { html } = createMailRenderer({ ...sender, logo })("confirmation_instructions", data);
    expect(html).toMatch(
      /background-color:#ffffff;"><img src="https:\/\/orchard\.example\/logo\.png" width="120" height="32" alt="Orchard"/,
    );
    expect(html.match(/<img /g)).toHaveLength(1);
  });

  test("may have a second picture for the dark", () => {
    const darkSrc = "https://orchard.example/dark.png";
    const { html } = createMailRenderer({ ...sender, logo: { ...logo, darkSrc } })(
      "unlock_instructions",
      data,
    );
    expect(html.match(/alt="Orchard"/g)).toHaveLength(2);
    expect(html).toContain(darkSrc);
  });

  test("is refused without a size, without https, or wider than a mail", () => {
    expect(mistakesIn({ logo: { src: "http://a.example/l.png", width: 900 } })).toEqual([
      "mail.logo.src: must be an absolute https URL",
      "mail.logo.width: must be at most 520, the width of a mail",
      "mail.logo.height: is missing",
    ]);
  });
});

describe("headers", () => {
  const render = createMailRenderer(sender);

  test("name the sender's domain, say that no person wrote, and differ for each mail", () => {
    const [one, other] = [
      render("unlock_instructions", data).headers,
      render("unlock_instructions", data).headers,
    ];
    expect(one["message-id"]).toMatch(/^<[\w-]{36}@mail\.orchard\.example>$/);
    expect(one["auto-submitted"]).toBe("auto-generated");
    expect(one["message-id"]).not.toBe(other["message-id"]);
    expect(one["x-entity-ref-id"]).not.toBe(other["x-entity-ref-id"]);
  });

  test("offer no way to unsubscribe from one's own account", () => {
    for (const name of mailNames)
      expect(Object.keys(render(name, data).headers).join()).not.toMatch(/unsubscribe|precedence/);
  });

  test.each(mailNames.filter(carriesLink))("%s has a link of 500 characters alone on its line", (name) => {
    const url = `${data.url}&redirect_url=${"x".repeat(500)}`;
    expect(render(name, { ...data, url }).text.split("\n")).toContain(url);
  });
});
