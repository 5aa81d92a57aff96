import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../errors.js";
import { createMailRenderer, type MailData } from "./render.js";
import { carriesLink, mailNames, templateFiles } from "./templates.js";
import { copyTemplates } from "./views.js";

const sender = { from: "Orchard <no-reply@orchard.example>", appName: "Orchard" };
const url = "https://api.orchard.example/auth/confirmation?config=default&confirmation_token=abc123";
const named = { newEmail: "new@example.com", provider: "GitHub" };
const data: MailData = { to: "ada@example.com", model: "user", account: { name: "Ada" }, url, ...named };

async function directoryWith(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "keyturn-mail-"));
  for (const [name, source] of Object.entries(files)) await writeFile(join(directory, name), source);
  return directory;
}

function problemsOf(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("the shipped mails", () => {
  const render = createMailRenderer(sender);

  test("have the subjects of devise_token_auth, and like ones for the mails it does not have", () => {
    expect(Object.fromEntries(mailNames.map((kind) => [kind, render(kind, data).subject]))).toEqual({
      confirmation_instructions: "Confirmation instructions",
      reset_password_instructions: "Reset password instructions",
      unlock_instructions: "Unlock instructions",
      invitation_instructions: "Invitation instructions",
      email_change_instructions: "Email change instructions",
      email_change_notice: "Email change requested",
      registration_attempt_notice: "You already have an account",
      email_changed_notice: "Email changed",
      new_device_notice: "New sign-in to your account",
      password_changed_notice: "Password changed",
      sign_in_failures_notice: "Many wrong passwords for your account",
      provider_confirmation_instructions: "Confirmation instructions",
      identity_added_notice: "GitHub was added to your account",
      identity_removed_notice: "GitHub was removed from your account",
    });
  });

  test.each(mailNames)(
    "%s names the app and the address in text and HTML, and leaves no placeholder",
    (kind) => {
      const mail = render(kind, data);
      expect(mail.to).toBe("ada@example.com");
      expect(mail.from).toBe(sender.from);
      for (const body of [mail.text, mail.html]) {
        expect(body).toContain("Orchard");
        expect(body).toContain("ada@example.com");
        expect(body).not.toMatch(/<%|%>|undefined|null|\[object/);
      }
      expect(mail.text).not.toContain("Subject:");
      expect(mail.html).toContain(`<title>${mail.subject}</title>`);
    },
  );

  test.each(mailNames.filter((name) => carriesLink(name)))(
    "%s has the link in the text, the button and beneath it",
    (kind) => {
      const mail = render(kind, { ...data, validFor: "1 hour" });
      const escaped = url.replaceAll("&", "&amp;");
      expect(mail.text.split("\n")).toContain(url);
      expect(mail.html.split(`href="${escaped}"`)).toHaveLength(3);
      expect(mail.html).toContain(`>${escaped}</a>`);
      expect(mail.text).toContain("The link is valid for 1 hour.");
      expect(mail.html).toContain("The link is valid for 1 hour.");
    },
  );

  test("leave the sentence about validity out when it is not known", () => {
    const mail = render("reset_password_instructions", data);
    expect(mail.text + mail.html).not.toContain("valid for");
  });

  test.each(mailNames.filter((kind) => !carriesLink(kind)))(
    "%s has no link and says what to do if it was not you",
    (kind) => {
      const mail = render(kind, data);
      expect(mail.text + mail.html).not.toContain("http");
      expect(mail.text).toContain("If it was not you");
      expect(mail.html).toContain("If it was not you");
    },
  );

  test.each(["email_change_notice", "email_changed_notice"] as const)(
    "%s tells the old address which address the new one is",
    (kind) => {
      const mail = render(kind, data);
      expect(mail.to).toBe("ada@example.com");
      expect(mail.text.replaceAll("\n", " ")).toContain("to new@example.com");
      expect(mail.html).toContain("new@example.com");
    },
  );

  test("carry the headers of devise_token_auth", () => {
    expect(render("confirmation_instructions", data).headers).toMatchObject({ "client-config": "default" });
    const admin = { ...data, config: "admin", redirectUrl: "https://app.example/in" };
    expect(render("confirmation_instructions", admin).headers).toMatchObject({
      "client-config": "admin",
      "redirect-url": "https://app.example/in",
    });
  });

  test("leave out a redirect-url that no mail header can hold", () => {
    const mail = render("confirmation_instructions", {
      ...data,
      redirectUrl: `https://app.example/${"a".repeat(900)}`,
    });
    expect(mail.headers).not.toHaveProperty("redirect-url");
  });

  test("do not carry a name that whoever registers the address has chosen", () => {
    const mail = render("confirmation_instructions", {
      ...data,
      account: { name: "Win a prize at evil.example" },
    });
    expect(mail.subject + mail.text + mail.html).not.toContain("evil.example");
  });
});

describe("hostile values", () => {
  const hostile = `<script>alert("x")</script>`;

  test("are escaped in HTML, in the shipped templates and in the user's own", async () => {
    const templatesDirectory = await directoryWith({
      "password_changed_notice.html.eta": '<% layout("@layout") %><p>Hello <%= it.account.name %></p>',
    });
    const render = createMailRenderer({ ...sender, appName: hostile, templatesDirectory });
    for (const kind of mailNames) {
      const { html } = render(kind, {
        ...data,
        newEmail: hostile,
        account: { name: hostile },
        validFor: hostile,
      });
      expect(html).not.toContain("<script");
      expect(html).toContain("&lt;script&gt;alert(&quot;x&quot;)");
    }
  });

  test("cannot close the attribute that holds the link", () => {
    const mail = createMailRenderer(sender)("confirmation_instructions", {
      ...data,
      url: 'https://a.example/"><b>x',
    });
    expect(mail.html).not.toContain("<b>");
  });

  test("cannot add a line to the text, the subject or a header", async () => {
    const templatesDirectory = await directoryWith({
      "confirmation_instructions.text.eta":
        "Subject: Hello <%= it.account.name %>\n\n<%= it.account.name %>\n<%= it.url %>\n",
    });
    const injection = "Ada\r\nBcc: all@example.com\u2028\u0000\u202eend";
    const mail = createMailRenderer({ ...sender, templatesDirectory })("confirmation_instructions", {
      ...data,
      account: { name: injection },
      config: injection,
      redirectUrl: injection,
    });
    const flat = "Ada Bcc: all@example.com end";
    expect(mail.subject).toBe(`Hello ${flat}`);
    expect(mail.text).toBe(`${flat}\n${url}\n`);
    expect(mail.headers).toMatchObject({ "client-config": flat, "redirect-url": flat });
  });

  test.each([
    "ada@example.com\r\nBcc: all@example.com",
    "ada@example.com, eve@example.com",
    "Ada <ada@example.com>",
    "ada@example.com;eve@example.com",
    "ada",
    "",
  ])("as the address to send to are refused without being repeated: %j", (to) => {
    expect(() => createMailRenderer(sender)("password_changed_notice", { ...data, to })).toThrow(
      new TypeError('"to" must be one e-mail address without a name'),
    );
  });

  test.each(["javascript:alert(1)", "/auth/confirmation", "https://a.example/\nx"])(
    "as the link are refused: %j",
    (link) => {
      expect(() => createMailRenderer(sender)("confirmation_instructions", { ...data, url: link })).toThrow(
        '"url" must be an absolute http or https URL',
      );
    },
  );

  test("do not include a missing link", () => {
    const { url: _, ...withoutLink } = data;
    expect(() => createMailRenderer(sender)("reset_password_instructions", withoutLink)).toThrow(
      '"url" is required for reset_password_instructions',
    );
  });
});

describe("templates of the user's own", () => {
  test("replace the shipped ones file by file, with a subject of their own, whatever line ends they have", async () => {
    const templatesDirectory = await directoryWith({
      "reset_password_instructions.text.eta":
        "Subject: Neues Passwort für <%= it.appName %>\r\n\r\nHallo,\r\n<%= it.url %>\r\n",
    });
    const mail = createMailRenderer({ ...sender, templatesDirectory })("reset_password_instructions", data);
    expect(mail.subject).toBe("Neues Passwort für Orchard");
    expect(mail.text).toBe(`Hallo,\n${url}\n`);
    expect(mail.html).toContain("Choose a new password");
    expect(mail.html).toContain("<title>Neues Passwort für Orchard</title>");
  });

  test("may replace the page around every mail and the button alone", async () => {
    const templatesDirectory = await directoryWith({
      "layout.html.eta": "<main><%~ it.body %></main>",
      "button.html.eta": '<a class="mine" href="<%= it.url %>"><%= it.label %></a>',
    });
    const { html } = createMailRenderer({ ...sender, templatesDirectory })("confirmation_instructions", data);
    expect(html).toMatch(/^<main>.*<a class="mine" href="https:[^"]*">Confirm my account<\/a>.*<\/main>$/s);
  });

  test("may hold any of the listed files and may be a whole copy", async () => {
    expect(templateFiles).toHaveLength(30);
    const templatesDirectory = join(await mkdtemp(join(tmpdir(), "keyturn-mail-")), "copy");
    await copyTemplates(templatesDirectory);
    expect(problemsOf(() => createMailRenderer({ ...sender, templatesDirectory }))).toEqual([]);
  });

  test("are reported with the options at creation, all mistakes together", async () => {
    const templatesDirectory = await directoryWith({
      "confirmation.html.eta": "",
      ".DS_Store": "",
      "confirmation_instructions.html.eta": "<p><%= it.url </p>",
      "reset_password_instructions.text.eta": "<%= it.url %>",
      "password_changed_notice.html.eta": "<% if ( { %>x<% } %>",
    });
    const problems = problemsOf(() =>
      createMailRenderer({ from: "nobody", appName: " ", templatesDirectory }),
    );
    expect(problems.map((problem) => problem.slice(0, 72))).toEqual([
      'mail: "from" must be an address: "App <no-reply@example.com>"',
      'mail: "appName" must not be empty',
      "mail: confirmation.html.eta: no mail has a template of this name. The na",
      "mail: confirmation_instructions.html.eta: unclosed tag at line 1 col 4::",
      'mail: reset_password_instructions.text.eta: the first line must be "Subj',
      "mail: password_changed_notice.html.eta: Bad template syntax: Unexpected ",
    ]);
  });

  test("that use a name which does not exist or forget the link are reported at creation", async () => {
    const templatesDirectory = await directoryWith({
      "confirmation_instructions.html.eta": "<p><%= url %></p>",
      "reset_password_instructions.html.eta": "<p>Open the link</p>",
      "email_change_instructions.html.eta": '<% layout("@page") %><%= it.url %>',
    });
    expect(problemsOf(() => createMailRenderer({ ...sender, templatesDirectory }))).toEqual([
      "mail: confirmation_instructions.html.eta, line 1: url is not defined",
      "mail: reset_password_instructions.html.eta: it.url is never printed",
      "mail: email_change_instructions.html.eta, line 1: Failed to get template '@page'",
    ]);
  });

  test("that wrap every mail in a page without its body are reported once, for the page", async () => {
    const templatesDirectory = await directoryWith({ "layout.html.eta": "<main></main>" });
    expect(problemsOf(() => createMailRenderer({ ...sender, templatesDirectory }))).toEqual([
      "mail: layout.html.eta: it.body is never printed",
    ]);
  });

  test("may rely on fields that only a real account has", async () => {
    const templatesDirectory = await directoryWith({
      "password_changed_notice.text.eta": "Subject: Changed\n\nHello <%= it.account.name.toUpperCase() %>",
    });
    const render = createMailRenderer({ ...sender, templatesDirectory });
    expect(render("password_changed_notice", data).text).toBe("Hello ADA\n");
  });

  test("in a directory that cannot be read are one clear mistake", () => {
    const unreadable = /^mail: the templates directory cannot be read: ENOENT.*no\/such\/place/;
    const create = () => createMailRenderer({ ...sender, templatesDirectory: "no/such/place" });
    expect(problemsOf(create)).toEqual([expect.stringMatching(unreadable)]);
  });
});

test("a sender with a line break is refused at creation", () => {
  const made = () => createMailRenderer({ ...sender, from: "a@example.com\r\nBcc: b@example.com" });
  expect(problemsOf(made)).toEqual(['mail: "from" must be one line']);
});
