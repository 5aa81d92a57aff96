import { github } from "keyturn/providers";
import { sqlite } from "keyturn/sqlite";
import { describe, expect, test } from "vitest";
import { createAuth } from "../auth.js";
import { ConfigError } from "../errors.js";
import { settingsFromEnvironment } from "./environment.js";

/** What somebody who is new writes, and what they are told. As a JavaScript file gives it: nothing has checked the types. */
function problemsOf(settings: object): readonly string[] {
  const config = {
    baseUrl: "http://localhost:3000",
    database: sqlite(":memory:"),
    models: { user: { mountAt: "/auth" } },
  };
  try {
    createAuth({ ...config, ...settings });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const hook = (): undefined => undefined;
const provider = github({ clientId: "app", clientSecret: "secret" });
const user = (more: object) => ({ models: { user: { mountAt: "/auth", ...more } } });

describe("a setting that stands in the wrong place is told where it belongs", () => {
  test.each<[string, object, string]>([
    ["confirmable", { confirmable: false }, "models.user.confirmable"],
    ["mountAt", { mountAt: "/auth" }, "models.user.mountAt"],
    ["omniauthable", { omniauthable: true }, "models.user.omniauthable"],
    ["permittedParameters", { permittedParameters: {} }, "models.user.permittedParameters"],
    ["fields", { fields: {} }, "models.user.fields"],
    ["models.user.baseUrl", user({ baseUrl: "http://localhost" }), "baseUrl"],
    ["models.user.paranoid", user({ paranoid: true }), "paranoid"],
    ["models.user.redirect_allowlist", user({ redirect_allowlist: [] }), "redirectAllowlist"],
    ["models.user.providers", user({ providers: {} }), "providers"],
    ["models.user.afterCreate", user({ afterCreate: hook }), "hooks.user.afterCreate"],
    ["models.user.signIn", user({ signIn: hook }), "overrides.user.signIn"],
    ["models.user.email", user({ email: "mail_address" }), "models.user.columns.email"],
    ["from", { from: "a@example.com" }, "mail.from"],
    ["appName", { appName: "Example" }, "mail.appName"],
    ["origins", { origins: [] }, "cors.origins"],
    ["darkButton", { darkButton: "#000000" }, "mail.colors.darkButton"],
    ["mail.baseUrl", { mail: { from: "a@example.com", baseUrl: "http://localhost" } }, "baseUrl"],
    ["mail.button", { mail: { from: "a@example.com", button: "#000000" } }, "mail.colors.button"],
    ["cors.cookieEnabled", { cors: { cookieEnabled: true } }, "cookieEnabled"],
    ["signInsByAddress", { signInsByAddress: false }, "rateLimitRules.signInsByAddress"],
    ["rateLimitRules.rateLimits", { rateLimitRules: { rateLimits: true } }, "rateLimits"],
    ["beforeCreate", { beforeCreate: hook }, "hooks.user.beforeCreate"],
    ["validateToken", { validateToken: hook }, "overrides.user.validateToken"],
  ])("%s", (place, settings, right) => {
    expect(problemsOf(settings)).toEqual([`${place}: does not belong here; write it as ${right}`]);
  });

  test.each<[string, object, string]>([
    ["hooks.beforeCreate", { hooks: { beforeCreate: hook } }, "hooks.user.beforeCreate"],
    ["overrides.signIn", { overrides: { signIn: hook } }, "overrides.user.signIn"],
    ["models.mountAt", { models: { mountAt: "/auth" } }, "models.user.mountAt"],
  ])("%s, which no model's name stands before", (place, settings, right) => {
    expect(problemsOf(settings)).toContain(`${place}: stands by model; write it as ${right}`);
  });

  test("a model and a provider that nothing stands around", () => {
    expect(problemsOf({ admin: { mountAt: "/admin_auth" }, github: provider })).toEqual([
      "admin: looks like a model; write it as models.admin",
      "github: is a provider; write it as providers.github",
    ]);
  });

  test("the place names the model that there is", () => {
    expect(problemsOf({ models: { admin: { mountAt: "/auth" } }, confirmable: true })).toEqual([
      "confirmable: does not belong here; write it as models.admin.confirmable",
    ]);
  });
});

test("a field cannot have a name that means something among the errors of fields", () => {
  for (const name of ["base", "full_messages", "errors"])
    expect(problemsOf(user({ fields: { [name]: { type: "string" } } }))).toEqual([
      `models.user.fields.${name}: is a name that Keyturn uses itself`,
    ]);
});

describe("a misspelt name is told the nearest one", () => {
  const offering = { providers: { github: provider } };

  test.each<[string, object, string]>([
    ["a setting", { paranoyd: true }, "paranoyd: there is no such setting; did you mean paranoid?"],
    ["two letters swapped", { pranaoid: true }, "pranaoid: there is no such setting; did you mean paranoid?"],
    [
      "one of another place",
      { confirmabel: true },
      "confirmabel: there is no such setting; did you mean models.user.confirmable?",
    ],
    [
      "a model's setting",
      user({ confirmabel: true }),
      "models.user.confirmabel: there is no such setting; did you mean confirmable?",
    ],
    [
      "of a field",
      user({ fields: { name: { type: "string", writeable: true } } }),
      "models.user.fields.name.writeable: there is no such setting; did you mean writable?",
    ],
    [
      "a member of a group",
      { groups: { all: ["user", "usr"] } },
      'groups.all: there is no model "usr"; did you mean user? The models are: user',
    ],
    [
      "the model of hooks",
      { hooks: { usr: {} } },
      'hooks.usr: there is no model "usr"; did you mean user? The models are: user',
    ],
    [
      "the model of overrides",
      { overrides: { usr: {} } },
      'overrides.usr: there is no model "usr"; did you mean user? The models are: user',
    ],
    [
      "a provider of a model",
      { ...offering, ...user({ omniauthable: ["githb"] }) },
      'models.user.omniauthable: there is no provider "githb"; did you mean github? The providers are: github',
    ],
    [
      "a colour",
      { mail: { from: "a@example.com", colors: { buton: "#000000" } } },
      "mail.colors.buton: there is no such setting; did you mean button?",
    ],
    [
      "a header",
      { headersNames: { acess_token: "x" } },
      "headersNames.acess_token: there is no such setting; did you mean access-token?",
    ],
    [
      "a mail",
      { locales: ["en"], texts: { en: { mails: { confirmaton_instructions: {} } } } },
      "texts.en.mails.confirmaton_instructions: there is no such text; did you mean confirmation_instructions?",
    ],
  ])("%s", (_what, settings, problem) => {
    expect(problemsOf(settings)).toEqual([problem]);
  });

  test.each<[string, object, RegExp]>([
    [
      "limits",
      { rateLimitRules: { signInByAddress: false } },
      /^rateLimitRules\.signInByAddress: there is no such limit; did you mean signInsByAddress\? The limits are: signInsByAddress, .*currentPasswordFailures$/,
    ],
    [
      "limits, with nothing near",
      { rateLimitRules: { logins: false } },
      /there is no such limit\. The limits are: /,
    ],
    [
      "what a limit says",
      { rateLimitRules: { signInsByAddress: { limit: 5, every: "1m" } } },
      /^rateLimitRules\.signInsByAddress\.every: there is no such setting\. The settings are: limit, per$/,
    ],
    [
      "hooks",
      { hooks: { user: { afterSave: hook } } },
      /^hooks\.user\.afterSave: there is no such hook\. The hooks are: answer, beforeCreate, .*afterDelete$/,
    ],
    [
      "actions",
      { overrides: { user: { singIn: hook } } },
      /^overrides\.user\.singIn: there is no such action; did you mean signIn\? The actions are: register, /,
    ],
    [
      "sections of texts",
      { locales: ["en"], texts: { en: { letters: {} } } },
      /^texts\.en\.letters: there is no such text\. The names are: errors, problems, /,
    ],
    [
      "columns",
      user({ columns: { secret: "x" } }),
      /^models\.user\.columns\.secret: there is no such column\. The columns are: id, /,
    ],
  ])("and all that there are: %s", (_what, settings, problem) => {
    expect(problemsOf(settings)).toEqual([expect.stringMatching(problem)]);
  });
});

describe("a value of the wrong kind", () => {
  test("inside of a limit is told by its place, and not that there might be no limit", () => {
    expect(problemsOf({ rateLimitRules: { mailsByRecipient: { limit: 0, per: "soon" } } })).toEqual([
      "rateLimitRules.mailsByRecipient.limit: must be at least 1",
      'rateLimitRules.mailsByRecipient.per: must be a duration, such as "5s", "10m", "2h", "14d", "2w" or a number of milliseconds',
    ]);
  });

  test("in place of an object by name is shown what one looks like", () => {
    expect(problemsOf({ models: [{ mountAt: "/auth" }], providers: [provider], groups: ["user"] })).toEqual([
      'models: must be an object, such as { user: { mountAt: "/auth" } }',
      'groups: must be an object, such as { member: ["user", "admin"] }',
      "providers: must be an object, such as { github: github() }",
    ]);
  });
});

describe("all mistakes are told at once", () => {
  test("those of single settings, and those that only several together make", () => {
    expect(
      problemsOf({
        baseUrl: "localhost",
        groups: { all: ["usr"] },
        defaultConfirmSuccessUrl: "https://app.example.com/",
        cookieSameSite: "none",
        idleTimeout: "1h",
        changeHeadersOnEachRequest: false,
        ...user({ confirmabel: true, omniauthable: ["github"] }),
      }),
    ).toEqual([
      'baseUrl: must be an absolute URL, such as "https://api.example.com"',
      "models.user.confirmabel: there is no such setting; did you mean confirmable?",
      'groups.all: there is no model "usr"; did you mean user? The models are: user',
      "idleTimeout: needs changeHeadersOnEachRequest, because a session that never rotates is never written",
      'cookieSameSite: "none" needs cors.origins, or every site could use the cookie',
      "defaultConfirmSuccessUrl: is not among the redirectAllowlist",
      'models.user.omniauthable: there is no provider "github"',
    ]);
  });

  test("but none that only follows from one of them", () => {
    const defaultConfirmSuccessUrl = "https://app.example.com/";
    for (const mistake of [
      { redirectAllowList: ["https://app.example.com/*"] },
      { redirectAllowlist: "https://app.example.com/*" },
    ])
      expect(problemsOf({ ...mistake, defaultConfirmSuccessUrl })).toHaveLength(1);
  });

  test("and each place once", () => {
    expect(problemsOf({ models: {}, hooks: { user: 5 } })).toEqual([
      "models: needs at least one model, such as user",
      "hooks.user: must be an object",
    ]);
  });
});

describe("a variable that sets nothing is told by name, and never its value", () => {
  const said = (name: string): readonly string[] => {
    try {
      settingsFromEnvironment({ [name]: "s3cret" });
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
    return [];
  };

  test.each([
    ["KEYTURN_TOKEN_LIFESPN", "there is no setting of that name; did you mean KEYTURN_TOKEN_LIFESPAN?"],
    ["KEYTURN_TOKENLIFESPAN", "there is no setting of that name; did you mean KEYTURN_TOKEN_LIFESPAN?"],
    ["KEYTURN_PARANOYD", "there is no setting of that name; did you mean KEYTURN_PARANOID?"],
    ["KEYTURN_COLOUR", "there is no setting of that name"],
    ["KEYTURN_MODELS", "no variable can set models; write it into the configuration"],
    [
      "KEYTURN_IS_PASSWORD_BREACHED",
      "no variable can set isPasswordBreached; write it into the configuration",
    ],
    [
      "KEYTURN_CONFIRMABLE",
      "each model has its own confirmable; write it into the configuration, as models.user.confirmable",
    ],
  ])("%s", (name, problem) => {
    expect(said(name)).toEqual([`${name}: ${problem}`]);
  });
});
